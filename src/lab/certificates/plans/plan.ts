import type { Duration } from "../../../core/duration.ts";
import type { SessionPlan } from "../endpoints/endpoint-server.ts";
import type { EndpointFault } from "../endpoints/faults.ts";
import type { LabProtocol } from "../starttls/dialogues.ts";
import type { CrlKind } from "../x509/crl.ts";
import type { AuthorityName, Hierarchy } from "../x509/hierarchy.ts";
import type { CertificateWish, Entity } from "../x509/issuing.ts";
import type { StapleKind } from "../x509/ocsp.ts";
import type { Expectation } from "./expectation.ts";

/** What an endpoint's own certificate is like. */
export interface LeafPlan extends Pick<CertificateWish, "hosts" | "key" | "hash" | "usages"> {
  /** Who signs it; the intermediate unless given, and nobody but itself for `self`. */
  readonly issuer?: AuthorityName | "self";
  readonly hasSubject?: boolean;
  /** How long it has been valid; negative when it is not valid yet. 30 days unless given. */
  readonly age?: Duration;
  /** How long it is valid in all; 90 days unless given. */
  readonly life?: Duration;
  /** What its authority's revocation list is like; it names none unless given. */
  readonly crl?: CrlKind;
  /** Whether it is on that list. */
  readonly isRevoked?: boolean;
}

/** An endpoint of the lab, apart from its name. */
export interface Plan {
  readonly help: string;
  /** `tls` unless given. */
  readonly protocol?: LabProtocol;
  /** What is asked for and verified; its name in `lab.test` unless given. */
  readonly serverName?: string;
  readonly leaf?: LeafPlan;
  /** What is served after the leaf; the intermediate unless given. */
  readonly chain?: (hierarchy: Hierarchy, leaf: Entity) => readonly Entity[] | Promise<readonly Entity[]>;
  readonly session?: SessionPlan;
  /** Whether a certificate of the client's is demanded. */
  readonly wantsClient?: boolean;
  readonly staple?: StapleKind;
  readonly fault?: EndpointFault;
  /** Whether a renewed certificate is stored from the beginning. */
  readonly isRenewed?: boolean;
  /** Whether the settings of the lab's target hold it. */
  readonly isInTarget?: boolean;
  readonly expectation: Expectation;
}
