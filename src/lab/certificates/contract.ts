import type { AcmeStandIn } from "./acme.ts";
import type { EndpointFault } from "./endpoints/faults.ts";
import type { WrittenFile } from "./files.ts";
import type { Expectation } from "./plans/expectation.ts";
import type { EndpointName } from "./plans/plans.ts";
import type { LabProxy } from "./proxy.ts";
import type { LabProtocol } from "./starttls/dialogues.ts";
import type { Hierarchy } from "./x509/hierarchy.ts";
import type { Entity } from "./x509/issuing.ts";

/** How a lab of certificates is made. */
export interface CertificatesLabOptions {
  /** The clock that certificates and answers go by, in milliseconds since 1970; the machine's unless given. */
  readonly now?: () => number;
}

/** A place that serves a certificate. */
export interface LabEndpoint {
  readonly name: EndpointName;
  /** One sentence. */
  readonly help: string;
  readonly protocol: LabProtocol;
  readonly port: number;
  /** Such as `smtp://127.0.0.1:41234`. */
  readonly url: string;
  /** What to ask for by SNI and to verify. */
  readonly serverName: string;
  readonly expectation: Expectation;
  /** What it shows first in the handshake. */
  leaf(): Promise<Entity>;
  /** What is stored for it, with what belongs after it: the same, or what was renewed since. */
  stored(): Promise<readonly Entity[]>;
}

/** Certificates on loopback: served in right and wrong ways, stored, and the services around them. */
export interface CertificatesLab {
  readonly hierarchy: Hierarchy;
  readonly endpoints: Readonly<Record<EndpointName, LabEndpoint>>;
  readonly acme: AcmeStandIn;
  readonly proxy: LabProxy;
  /** Paths of the requests for revocation lists, oldest first. */
  readonly listRequests: readonly string[];
  /** PEM text of the authority to trust. */
  readonly caPem: string;
  /**
   * Writes certificates into the folder in many formats, right and broken ones, and gives what is in each. What is
   * stored there for an endpoint is kept up to date by {@link renew} and {@link rotateIntermediate}; the last folder
   * is.
   */
  writeFiles(dir: string): Promise<readonly WrittenFile[]>;
  /**
   * Writes the files into the folder and gives the settings of a target that looks at them and at some of the
   * endpoints.
   */
  target(dir: string): Promise<object>;
  /** Renews the endpoint's certificate, which is stored from then on while the old one is still served. */
  renew(name: EndpointName): Promise<Entity>;
  /** Has the endpoint serve what was renewed last. */
  reload(name: EndpointName): void;
  /** Puts what the endpoint serves on its authority's revocation list, and has a stapled answer say so. */
  revoke(name: EndpointName): Promise<void>;
  /**
   * Gives the intermediate authority a new key under its old name; what is served stays signed by the old one until it
   * is renewed.
   */
  rotateIntermediate(): Promise<Entity>;
  /** Puts an endpoint under a fault, or under none. */
  break(name: EndpointName, fault: EndpointFault | undefined): Promise<void>;
  close(): Promise<void>;
}
