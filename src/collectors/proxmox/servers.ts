import { z } from "zod";
import { seconds } from "../../core/duration.ts";
import { CollectError, SERVER_REASONS, asCollectError } from "../../core/errors.ts";
import { HttpStatusError, type HttpClient } from "../../lib/http/client.ts";
import { readSecret } from "../../lib/secret-source.ts";
import { callApi, tokenHeader, type ApiCall } from "./api.ts";
import { tokenSecretPair, type ProxmoxConfig } from "./config.ts";

/** Statuses of a proxy in front of a server that is away; a 500 is Proxmox VE's answer to the call itself. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** The servers of one cluster, each of which can answer for all nodes; the one that answered last is asked first. */
export class Servers {
  readonly #config: ProxmoxConfig;
  readonly #http: HttpClient;
  #order: readonly string[];

  constructor(config: ProxmoxConfig, http: HttpClient) {
    this.#config = config;
    this.#http = http;
    this.#order = config.nodes;
  }

  /** All but the one that is asked first. */
  get others(): readonly string[] {
    return this.#order.slice(1);
  }

  /** Asks one server, and no other. */
  async ask<T>(server: string, call: ApiCall<T>): Promise<T> {
    const secret = await readSecret(tokenSecretPair.source(this.#config));
    return callApi(this.#http, server, tokenHeader(this.#config.token_id, secret), call);
  }

  /**
   * Asks one server after the other, until one does not fail for a reason of its own. `node` is whom the call is passed
   * on to. When all fail, the first failure is thrown.
   */
  async askAny<T>(call: ApiCall<T>, node?: string): Promise<T> {
    let first: CollectError | undefined;
    for (const server of this.#order) {
      try {
        const answer = await this.ask(server, call);
        if (first !== undefined) this.prefer(server);
        return answer;
      } catch (thrown) {
        call.signal.throwIfAborted();
        const isOfServer = call.always === true && isUnwell(thrown);
        if (!isOfServer && !(await this.#isOfServer(thrown, server, call.signal, node))) throw thrown;
        first ??= asCollectError(thrown);
      }
    }
    throw first ?? new CollectError("internal", "the target has no nodes");
  }

  /**
   * A call that is passed on to a node and times out leaves open which of the two hangs, so the server is asked for
   * itself.
   */
  async #isOfServer(thrown: unknown, server: string, signal: AbortSignal, node?: string): Promise<boolean> {
    if (!isServerFailure(thrown)) return false;
    if (node === undefined || thrown.reason !== "timeout") return true;
    const call = { path: "version", shape: z.unknown(), signal, timeout: seconds(3) };
    const answers = this.ask(server, call).then(
      () => true,
      (failure: unknown) => !isServerFailure(failure),
    );
    return !(await answers);
  }

  /** Asks this server first from now on. */
  prefer(server: string): void {
    if (this.#order[0] !== server) this.#order = [server, ...this.#order.filter((other) => other !== server)];
  }
}

/** What a server says whose cluster file system is down, or that is another service altogether. */
function isUnwell(thrown: unknown): boolean {
  if (thrown instanceof HttpStatusError) return thrown.status >= 500 || thrown.status === 404;
  return thrown instanceof CollectError && thrown.reason === "node_unreachable";
}

function isServerFailure(thrown: unknown): thrown is CollectError {
  if (thrown instanceof HttpStatusError && GATEWAY_STATUSES.has(thrown.status)) return true;
  return thrown instanceof CollectError && SERVER_REASONS.has(thrown.reason);
}
