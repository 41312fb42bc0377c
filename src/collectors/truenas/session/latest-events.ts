import type { RpcClient } from "../../../lib/json-rpc/contract.ts";
import type { LatestEvent } from "../client.ts";

/** What the newest event of each name carried. */
export class LatestEvents {
  readonly #rpc: Pick<RpcClient, "subscribe">;
  readonly #seen = new Map<string, LatestEvent | undefined>();

  constructor(rpc: Pick<RpcClient, "subscribe">) {
    this.#rpc = rpc;
  }

  /** Undefined before one came; subscribes at the first question. */
  of(name: string): LatestEvent | undefined {
    if (!this.#seen.has(name)) {
      this.#seen.set(name, undefined);
      this.#rpc.subscribe(
        name,
        ({ body }) => this.#seen.set(name, { fields: fieldsOf(body), receivedAt: Date.now() }),
        // its age tells that none has come since
        () => {},
      );
    }
    return this.#seen.get(name);
  }
}

const fieldsOf = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "fields" in body ? body.fields : undefined;
