import pLimit, { type LimitFunction } from "p-limit";
import type { z } from "zod";
import { CollectError, asCollectError, type CollectReason } from "../../core/errors.ts";
import type { CollectContext } from "../../core/pack.ts";
import { HttpStatusError, type HttpClient } from "../../lib/http/client.ts";
import { readSecret } from "../../lib/secret-source.ts";
import { callApi, tokenHeader, type ApiCall } from "./api.ts";
import { tokenSecretPair, type ProxmoxConfig } from "./config.ts";
import { permissionsShape, resourcesShape, statusShape, type ClusterStatus, type Resource } from "./schema.ts";

/** The cluster as it was last seen. */
export interface Inventory {
  readonly status: ClusterStatus;
  readonly resources: readonly Resource[];
  /** Names of the nodes that are online, sorted. */
  readonly onlineNodes: readonly string[];
}

/** pveproxy and pvedaemon run three workers each; more calls at once would keep people's own waiting. */
const CALLS_PER_NODE = 3;
/** An inventory that is younger than this needs no new calls, in milliseconds. */
const INVENTORY_AGE = 30_000;

/** Failures of the server that was asked, which another one of the cluster may not have. */
const SERVER_FAILURES: ReadonlySet<CollectReason> = new Set<CollectReason>([
  "dns_failure",
  "connection_refused",
  "connection_failed",
  "connection_reset",
  "timeout",
  "tls_untrusted",
  "tls_expired",
  "tls_wrong_host",
  "tls_pin_mismatch",
  "tls_handshake",
  "unexpected_status",
  "invalid_response",
  "body_too_large",
]);
/** Statuses of a proxy in front of a server that is away; a 500 is Proxmox VE's answer to the call itself. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** What the parts of one cluster share: one server that answers for all nodes, and what was last seen of the cluster. */
export class ProxmoxClient {
  readonly config: ProxmoxConfig;
  readonly #http: HttpClient;
  readonly #limits = new Map<string, LimitFunction>();
  /** The server that last answered is asked first. */
  #servers: readonly string[];
  #inventory: { readonly at: number; readonly found: Promise<Inventory> } | undefined;
  #permissions: Promise<Permissions> | undefined;

  constructor(config: ProxmoxConfig, http: HttpClient) {
    this.config = config;
    this.#http = http;
    this.#servers = config.nodes;
  }

  /** The URLs of the configuration. */
  get servers(): readonly string[] {
    return this.config.nodes;
  }

  /** Asks what is the whole cluster's, through the first server that answers. Throws `CollectError`. */
  async askCluster<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.#limit("")(() => this.#askAny({ path, shape, signal }));
  }

  /** Asks what is one node's; `path` begins after `nodes/<node>/`. Throws `CollectError`. */
  async askNode<T>(node: string, path: string, shape: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const whole = `nodes/${encodeURIComponent(node)}/${path}`;
    return this.#limit(node)(() => this.#askAny({ path: whole, shape, signal }, node));
  }

  /** Asks one server of the configuration, and no other. */
  async askServer<T>(server: string, call: ApiCall<T>): Promise<T> {
    const secret = await readSecret(tokenSecretPair.source(this.config));
    return callApi(this.#http, server, tokenHeader(this.config.token_id, secret), call);
  }

  /** Reads status and resources of the cluster anew; what fails is forgotten. */
  async readInventory(signal: AbortSignal): Promise<Inventory> {
    const found = this.#readInventory(signal);
    this.#inventory = { at: performance.now(), found };
    found.catch(() => {
      this.#inventory = undefined;
    });
    return found;
  }

  /** The cluster as it was seen within the last half minute, or anew. */
  async inventory(signal: AbortSignal): Promise<Inventory> {
    const known = this.#inventory;
    if (known !== undefined && performance.now() - known.at < INVENTORY_AGE) {
      // another part's deadline is not this one's
      return known.found.catch(() => this.readInventory(signal));
    }
    return this.readInventory(signal);
  }

  /** What the token may do, read once. */
  async permissions(signal: AbortSignal): Promise<Permissions> {
    this.#permissions ??= this.askCluster("access/permissions", permissionsShape, signal).then(
      (found) => new Permissions(found),
    );
    try {
      return await this.#permissions;
    } catch (thrown) {
      this.#permissions = undefined;
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async #readInventory(signal: AbortSignal): Promise<Inventory> {
    const [status, resources] = await Promise.all([
      this.askCluster("cluster/status", statusShape, signal),
      this.askCluster("cluster/resources", resourcesShape, signal),
    ]);
    const onlineNodes = status.nodes.filter(({ online }) => online === true).map(({ name }) => name);
    return { status, resources, onlineNodes: onlineNodes.toSorted() };
  }

  async #askAny<T>(call: ApiCall<T>, node?: string): Promise<T> {
    let first: CollectError | undefined;
    for (const server of this.#servers) {
      try {
        const answer = await this.askServer(server, call);
        this.#prefer(server);
        return answer;
      } catch (thrown) {
        call.signal.throwIfAborted();
        if (!isOfServer(thrown, node)) throw thrown;
        first ??= thrown;
      }
    }
    throw first ?? new CollectError("internal", "the target has no nodes");
  }

  #prefer(server: string): void {
    if (this.#servers[0] !== server) this.#servers = [server, ...this.#servers.filter((other) => other !== server)];
  }

  #limit(node: string): LimitFunction {
    const known = this.#limits.get(node);
    if (known !== undefined) return known;
    const limit = pLimit(CALLS_PER_NODE);
    this.#limits.set(node, limit);
    return limit;
  }
}

/** Of a call that is passed on to a node, a timeout is more likely that node's than the server's that was asked. */
function isOfServer(thrown: unknown, node: string | undefined): thrown is CollectError {
  if (thrown instanceof HttpStatusError && GATEWAY_STATUSES.has(thrown.status)) return true;
  if (!(thrown instanceof CollectError) || !SERVER_FAILURES.has(thrown.reason)) return false;
  return node === undefined || thrown.reason !== "timeout";
}

/** What a token may do, by path. */
export class Permissions {
  readonly #byPath: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(byPath: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#byPath = byPath;
  }

  /** Whether the privilege is held on the path: by an entry for it, or by the nearest one above it. */
  holds(privilege: string, path: string): boolean {
    for (let at = path; ; at = at.slice(0, Math.max(1, at.lastIndexOf("/")))) {
      const held = this.#byPath.get(at);
      if (held !== undefined) return held.has(privilege);
      if (at === "/") return false;
    }
  }
}

/** Asks each online node by itself: one that fails costs only its own series. */
export async function eachNode(
  client: ProxmoxClient,
  context: CollectContext,
  ask: (node: string) => Promise<void>,
): Promise<void> {
  const { onlineNodes } = await client.inventory(context.signal);
  await Promise.all(
    onlineNodes.map(async (node) => {
      try {
        await ask(node);
      } catch (thrown) {
        if (context.signal.aborted) throw thrown;
        context.missing(node, asCollectError(thrown));
      }
    }),
  );
}
