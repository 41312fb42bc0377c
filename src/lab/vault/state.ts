import type { LabAnswer, LabRequest } from "../exchange.ts";
import { Cluster } from "./cluster.ts";
import type { AuditDevice } from "./contract.ts";
import { Logins } from "./logins.ts";
import type { Member } from "./member.ts";
import type { ClusterOptions } from "./options.ts";
import type { PkiEngine } from "./pki.ts";
import { Policies } from "./policies.ts";
import type { Token } from "./tokens.ts";
import { Tokens } from "./tokens.ts";

/** All that an emulated cluster knows. */
export interface LabState {
  readonly cluster: Cluster;
  readonly tokens: Tokens;
  readonly policies: Policies;
  readonly logins: Logins;
  /** By path, with a slash at the end. */
  readonly auditDevices: Map<string, AuditDevice>;
  /** By path, without a slash at the end. */
  readonly pki: Map<string, PkiEngine>;
  irrevocableLeases: number;
}

/** One request at the node that answers it. */
export interface Exchange {
  readonly state: LabState;
  readonly member: Member;
  readonly request: LabRequest;
  /** The parts of the path that the route names. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The JSON object that came with the request; empty without one. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** An {@link Exchange} whose token was found good. */
export interface TokenExchange extends Exchange {
  readonly token: Token;
}

/** Answers requests of one route. */
export type Handler<E extends Exchange = Exchange> = (exchange: E) => LabAnswer | "abort";

/** The state of a new cluster. */
export function createState(options: ClusterOptions): LabState {
  return {
    cluster: new Cluster(options),
    tokens: new Tokens(options.flavour, options.now),
    policies: new Policies(),
    logins: new Logins(),
    auditDevices: new Map(),
    pki: new Map(),
    irrevocableLeases: 0,
  };
}
