import type { Authority } from "../certificates.ts";
import type { LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";
import type { LabServer } from "../server.ts";
import { startLabServer } from "../server.ts";
import type { ReplicationState, VaultLabNode } from "./contract.ts";
import { dispatch } from "./dispatch.ts";
import { knowsRemoval } from "./health.ts";
import type { Member } from "./member.ts";
import type { LabState } from "./state.ts";

/** A node of the cluster with its server. */
export interface RunningNode extends VaultLabNode {
  readonly member: Member;
  close(): Promise<void>;
}

/** Starts the server of one node. */
export async function startNode(state: LabState, member: Member, authority: Authority): Promise<RunningNode> {
  const server = await startLabServer({ authority, handler: (request) => dispatch(state, member, request) });
  member.url = server.url;
  return new Node(state, member, server);
}

class Node implements RunningNode {
  readonly member: Member;
  readonly #state: LabState;
  readonly #server: LabServer;

  constructor(state: LabState, member: Member, server: LabServer) {
    this.#state = state;
    this.member = member;
    this.#server = server;
  }

  get id(): string {
    return this.member.id;
  }

  get url(): string {
    return this.#server.url;
  }

  get clusterAddress(): string {
    return this.member.clusterAddress;
  }

  get requests(): readonly LabRequest[] {
    return this.#server.requests;
  }

  seal(): void {
    this.#change(() => (this.member.sealed = true));
  }

  unseal(): void {
    this.#forgetShares();
    this.#change(() => (this.member.sealed = false));
  }

  async stop(): Promise<void> {
    this.#change(() => (this.member.running = false));
    await this.#server.stop();
  }

  async start(): Promise<void> {
    if (this.member.running) return;
    await this.#server.start();
    this.#forgetShares();
    this.#change(() => Object.assign(this.member, { running: true, sealed: true, leadershipLost: 0 }));
  }

  async setFault(fault: Fault | undefined): Promise<void> {
    const frozen = fault?.kind === "hang_handshake" || (fault?.kind === "hang" && fault.path === undefined);
    if (frozen !== this.member.frozen) this.#change(() => (this.member.frozen = frozen));
    await this.#server.setFault(fault);
  }

  setClockSkew(seconds: number): void {
    this.member.clockSkewSeconds = seconds;
  }

  setVersion(version: string): void {
    this.member.version = version;
  }

  setAppliedLag(entries: number): void {
    this.member.appliedLag = entries;
  }

  setVoter(voter: boolean): void {
    this.#change(() => (this.member.voter = voter));
  }

  setMetric(name: string, value: number | undefined): void {
    if (value === undefined) this.member.metrics.delete(name);
    else this.member.metrics.set(name, value);
  }

  setReplicationState(state: ReplicationState | undefined): void {
    if (this.#state.cluster.options.flavour === "openbao") throw new Error("OpenBao has no replication states");
    this.member.replication = state;
  }

  removeFromRaft(): void {
    if (!this.member.inRaft) return;
    this.#state.cluster.remove(this.member, { sealed: knowsRemoval(this.#state, this.member) });
  }

  joinRaft(): void {
    if (this.#state.cluster.options.storage !== "raft") return;
    this.#change(() => Object.assign(this.member, { inRaft: true, removedAt: undefined }));
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #change(by: () => void): void {
    this.#state.cluster.change(by);
  }

  #forgetShares(): void {
    this.member.shares.clear();
    this.member.nonce = "";
  }
}
