import { CollectError } from "../../core/errors.ts";
import type { RpcFailure } from "./contract.ts";
import { createRefusal } from "./rpc-error.ts";

interface Waiting {
  /** Server and method, as messages show them. */
  readonly where: string;
  readonly params: readonly unknown[];
  resolve(result: unknown): void;
  reject(reason: unknown): void;
}

/** The calls that one socket has under way, by their number. Each settles once; what comes later is noise. */
export class PendingCalls {
  readonly #waiting = new Map<number, Waiting>();
  /** Those that nobody waits for any more, but that the server still works at. */
  readonly #abandoned = new Set<number>();
  /** For each unreadable message the calls that it may have been meant to answer. */
  #doubts: Set<number>[] = [];

  get abandoned(): number {
    return this.#abandoned.size;
  }

  get size(): number {
    return this.#waiting.size + this.#abandoned.size;
  }

  /** Waits for the answer to a call, until the signal ends the wait with its reason. */
  async wait(id: number, call: Pick<Waiting, "where" | "params">, signal: AbortSignal): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const abandon = (): void => this.#abandon(id, signal.reason);
    this.#waiting.set(id, { ...call, resolve, reject });
    signal.addEventListener("abort", abandon, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abandon);
    }
  }

  result(id: number, result: unknown): void {
    this.#settle(id)?.resolve(result);
  }

  refuse(id: number, failure: RpcFailure): void {
    const call = this.#settle(id);
    call?.reject(createRefusal(call.where, failure, call.params));
  }

  /** An answer to this call came that is none. */
  broken(id: number): void {
    const call = this.#settle(id);
    call?.reject(invalid(call, "the answer is neither a result nor an error"));
  }

  /**
   * A message came that can not be read. It takes the place of an answer to one of the calls under way: which one is
   * known as soon as all others are answered, or have such an answer too.
   */
  unreadable(): void {
    this.#doubts.push(new Set([...this.#waiting.keys(), ...this.#abandoned]));
    this.#decide();
  }

  /** Ends every wait with an error of its own. */
  failAll(createError: (where: string) => CollectError): void {
    const calls = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#abandoned.clear();
    this.#doubts = [];
    for (const call of calls) call.reject(createError(call.where));
  }

  #abandon(id: number, reason: unknown): void {
    const call = this.#waiting.get(id);
    if (call === undefined) return;
    this.#waiting.delete(id);
    this.#abandoned.add(id);
    const isLate = reason instanceof CollectError && reason.reason === "timeout";
    const isInDoubt = isLate && this.#doubts.some((calls) => calls.has(id));
    call.reject(isInDoubt ? invalid(call, UNREADABLE) : reason);
  }

  #settle(id: number): Waiting | undefined {
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    this.#abandoned.delete(id);
    for (const calls of this.#doubts) calls.delete(id);
    this.#decide();
    return call;
  }

  /**
   * Unreadable messages that are as many as the calls they can have been meant for are the answers to all of these.
   * Older doubts are about fewer calls: whatever was under way then and is not answered is so still.
   */
  #decide(): void {
    const last = this.#doubts.findLastIndex((calls, i) => calls.size <= i + 1);
    const decided = this.#doubts[last];
    if (decided === undefined) return;
    this.#doubts = this.#doubts.slice(last + 1);
    for (const id of decided) {
      const call = this.#settle(id);
      call?.reject(invalid(call, UNREADABLE));
    }
  }
}

const UNREADABLE = "what came in place of an answer can not be read";

function invalid(call: Waiting, what: string): CollectError {
  return new CollectError("invalid_response", `${call.where}: ${what}`);
}
