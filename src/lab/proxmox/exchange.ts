import type { ClusterOptions } from "./options.ts";
import type { Permissions, Token } from "./permissions.ts";
import type { ProxmoxState, PveGuest, PveNode } from "./model.ts";
import type { Random } from "./random.ts";

/** What all nodes of an emulated cluster share. */
export interface Cluster {
  readonly options: ClusterOptions;
  readonly state: ProxmoxState;
  readonly permissions: Permissions;
  readonly random: Random;
  /** By name: the SHA-256 of the certificate that a node shows. */
  readonly fingerprints: Map<string, string>;
  /** Nodes whose web server refuses (`refused`) or never answers (`frozen`), while the host is there. */
  readonly deaf: Map<string, "refused" | "frozen">;
}

/** A failure that goes out with its text as the reason phrase. */
export class PveError extends Error {
  readonly status: number;
  /** By parameter, what is wrong with it. */
  readonly parameters: Readonly<Record<string, string>> | undefined;

  constructor(status: number, message: string, parameters?: Readonly<Record<string, string>>) {
    super(message);
    this.status = status;
    this.parameters = parameters;
  }
}

/** One request with a good token, at the node that answers it. */
export class Exchange {
  readonly cluster: Cluster;
  readonly token: Token;
  readonly query: URLSearchParams;
  /** The node that was asked over HTTP. */
  readonly local: PveNode;
  readonly #parameters: Readonly<Record<string, string>>;

  constructor(
    cluster: Cluster,
    local: PveNode,
    asked: {
      readonly token: Token;
      readonly query: URLSearchParams;
      readonly parameters: Readonly<Record<string, string>>;
    },
  ) {
    this.cluster = cluster;
    this.local = local;
    this.token = asked.token;
    this.query = asked.query;
    this.#parameters = asked.parameters;
  }

  get state(): ProxmoxState {
    return this.cluster.state;
  }

  /** The clock of the cluster, in milliseconds since 1970. */
  get nowMs(): number {
    return this.cluster.options.now() + this.state.clockOffsetMs;
  }

  get isRelease9(): boolean {
    return this.cluster.options.version !== "8.4";
  }

  /** A part of the path. */
  parameter(name: string): string {
    return this.#parameters[name] ?? "";
  }

  /** The node that the path names, or the one that was asked. */
  get node(): PveNode {
    const name = this.parameter("node");
    if (name === "" || name === "localhost") return this.local;
    return this.state.nodes.find((node) => node.name === name) ?? this.local;
  }

  may(path: string, privilege: string): boolean {
    return this.cluster.permissions.may(this.token, path, privilege);
  }

  /** A guest's rights come from its pool as well. */
  mayGuest(vmid: number, privilege: string): boolean {
    if (this.may(`/vms/${vmid}`, privilege)) return true;
    const pool = this.state.guests.find((guest) => guest.vmid === vmid)?.pool;
    return pool !== undefined && this.may(`/pool/${pool}`, privilege);
  }

  /** Fails with 403 unless the token has one of the privileges on the path. */
  need(path: string, ...privileges: readonly string[]): void {
    if (!privileges.some((privilege) => this.may(path, privilege))) throw forbidden(path, privileges);
  }

  /** Fails with 403 unless the token has the privilege on the guest. */
  needGuest(vmid: number, privilege: string): void {
    if (!this.mayGuest(vmid, privilege)) throw forbidden(`/vms/${vmid}`, [privilege]);
  }

  /** The guest that the path names, on the node that it names; fails with 500 as a missing configuration file does. */
  guest(type: PveGuest["type"]): PveGuest {
    const vmid = Number(this.parameter("vmid"));
    const found = this.state.guests.find(
      (guest) => guest.vmid === vmid && guest.type === type && guest.node === this.node.name,
    );
    if (found !== undefined) return found;
    const folder = type === "qemu" ? "qemu-server" : "lxc";
    throw new PveError(500, `Configuration file 'nodes/${this.node.name}/${folder}/${vmid}.conf' does not exist`);
  }

  /** A number of the query; the other one without it, or for 0. */
  number(name: string, otherwise: number): number {
    return Number(this.query.get(name)) || otherwise;
  }

  /** A flag of the query. */
  flag(name: string): boolean {
    return ["1", "true", "yes", "on"].includes(this.query.get(name) ?? "");
  }
}

const forbidden = (path: string, privileges: readonly string[]): PveError =>
  new PveError(403, `Permission check failed (${path}, ${privileges.join("|")})`);
