import type { Authority } from "../certificates.ts";
import type { LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";
import type { LabServer } from "../server.ts";
import { startLabServer } from "../server.ts";
import type { ProxmoxLabNode } from "./contract.ts";
import type { Service } from "./dispatch.ts";
import { dispatch } from "./dispatch.ts";
import type { PveNode } from "./model.ts";

/** A node of the cluster with its server. */
export interface RunningNode extends ProxmoxLabNode {
  close(): Promise<void>;
}

/** How a node's server is started. */
export interface NodeOptions {
  readonly name: string;
  readonly authority: Authority;
  /** A free one (0) unless given. */
  readonly port?: number;
}

/** Starts the server of one node. */
export async function startNode(service: Service, { name, authority, port }: NodeOptions): Promise<RunningNode> {
  const handler = (request: LabRequest) => dispatch(service, name, request);
  const server = await startLabServer({ authority, handler, ...(port !== undefined && { port }) });
  service.cluster.fingerprints.set(name, server.fingerprint256 ?? "");
  return new Node(service, name, server);
}

class Node implements RunningNode {
  readonly name: string;
  readonly #service: Service;
  readonly #server: LabServer;

  constructor(service: Service, name: string, server: LabServer) {
    this.name = name;
    this.#service = service;
    this.#server = server;
  }

  get url(): string {
    return this.#server.url;
  }

  get port(): number {
    return this.#server.port;
  }

  get fingerprint(): string {
    return this.#server.fingerprint256 ?? "";
  }

  get requests(): readonly LabRequest[] {
    return this.#server.requests;
  }

  async stop(): Promise<void> {
    const { cluster, cache } = this.#service;
    const node = this.#state();
    if (node?.online === true) {
      Object.assign(node, { online: false, silentSinceMs: cluster.options.now() + cluster.state.clockOffsetMs });
    }
    const high = cluster.state.ha?.nodes[this.name];
    if (high !== undefined) high.status = "unknown";
    cache.clear();
    await this.#server.stop();
  }

  async start(): Promise<void> {
    const { cluster, cache } = this.#service;
    const node = this.#state();
    if (node?.online === false) Object.assign(node, { online: true, silentSinceMs: undefined });
    const high = cluster.state.ha?.nodes[this.name];
    if (high !== undefined) high.status = "online";
    cache.clear();
    await this.#server.start();
  }

  async setFault(fault: Fault | undefined): Promise<void> {
    const { deaf } = this.#service.cluster;
    deaf.delete(this.name);
    if (fault?.kind === "refused") deaf.set(this.name, "refused");
    if (fault?.kind === "hang_handshake" || (fault?.kind === "hang" && fault.path === undefined)) {
      deaf.set(this.name, "frozen");
    }
    await this.#server.setFault(fault);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #state(): PveNode | undefined {
    return this.#service.cluster.state.nodes.find(({ name }) => name === this.name);
  }
}
