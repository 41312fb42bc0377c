import type { z } from "zod";
import { minutes, seconds } from "../../core/duration.ts";
import { CollectError, asCollectError } from "../../core/errors.ts";
import type { CollectContext } from "../../core/pack.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import type { ApiCall, CallBounds } from "./api.ts";
import type { ProxmoxConfig } from "./config.ts";
import { LastKnown } from "./last-known.ts";
import { Permissions, permissionsShape } from "./permissions/held.ts";
import { resourcesShape, statusShape, type ClusterStatus, type Resource } from "./schema.ts";
import { Servers } from "./servers.ts";
import { withoutStale } from "./resources/stale.ts";
import { CallLimits } from "./call-limits.ts";

/** The cluster as it was last seen. */
export interface Inventory {
  readonly status: ClusterStatus;
  /** Without what a node that is offline last sent. */
  readonly resources: readonly Resource[];
  /** Names of the nodes that are online, sorted. */
  readonly onlineNodes: readonly string[];
}

/** An inventory that is younger than this needs no new calls. */
const INVENTORY_AGE = seconds(30);
/** Rights that were granted meanwhile need no restart. */
const PERMISSIONS_AGE = minutes(5);

/** Leaves time for the next server within the deadline of the part that reads the inventory most often. */
const INVENTORY_BOUNDS: CallBounds = { timeout: seconds(5) };

/**
 * What the parts of one cluster share: one server that answers for all nodes, and what was last seen of the cluster.
 */
export class ProxmoxClient {
  readonly config: ProxmoxConfig;
  /** Names and the like, for series that go on while Proxmox VE does not tell them. */
  readonly memory = new LastKnown();
  /** Until when, by `performance.now()`, a node needs not be asked for the pressure on its guests, by its name. */
  readonly noPressureUntil = new Map<string, number>();
  readonly #http: HttpClient;
  readonly #limits = new CallLimits();
  readonly #servers: Servers;
  #inventory: { readonly at: number; readonly found: Promise<Inventory> } | undefined;
  #permissions: { readonly at: number; readonly found: Permissions } | undefined;

  constructor(config: ProxmoxConfig, http: HttpClient) {
    this.config = config;
    this.#http = http;
    this.#servers = new Servers(config, http);
  }

  /** The URLs of the configuration. */
  get servers(): readonly string[] {
    return this.config.nodes;
  }

  /** Asks what is the whole cluster's, through the first server that answers. Throws `CollectError`. */
  async askCluster<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal, bounds: CallBounds = {}): Promise<T> {
    return this.#limits.take("", bounds, () => this.#servers.askAny({ ...bounds, path, shape, signal }));
  }

  /** Asks what is one node's; `path` begins after `nodes/<node>/`. Throws `CollectError`. */
  async askNode<T>(
    node: string,
    path: string,
    shape: z.ZodType<T>,
    signal: AbortSignal,
    bounds: CallBounds = {},
  ): Promise<T> {
    const whole = `nodes/${encodeURIComponent(node)}/${path}`;
    return this.#limits.take(node, bounds, () => this.#servers.askAny({ ...bounds, path: whole, shape, signal }, node));
  }

  /** Asks one server of the configuration, and no other. */
  askServer<T>(server: string, call: ApiCall<T>): Promise<T> {
    return this.#servers.ask(server, call);
  }

  /** Reads status and resources of the cluster anew; what fails is forgotten. */
  async readInventory(signal: AbortSignal): Promise<Inventory> {
    const found = this.#readInventory(signal);
    this.#inventory = { at: performance.now(), found };
    found.catch(() => {
      if (this.#inventory?.found === found) this.#inventory = undefined;
    });
    return found;
  }

  /** The cluster as it was seen within the last half minute, or anew. */
  async inventory(signal: AbortSignal): Promise<Inventory> {
    const known = this.#inventory;
    if (known !== undefined && performance.now() - known.at < INVENTORY_AGE) {
      // another part's deadline is not this one's; of the parts that waited for it, one asks again for all
      return known.found.catch(() => this.#inventory?.found ?? this.readInventory(signal));
    }
    return this.readInventory(signal);
  }

  /**
   * What the token may do, as it was within the last five minutes, or anew for what would be told wrongly of a list
   * that is shorter since: Proxmox VE leaves out without a word what the token may not see any more.
   */
  async permissions(signal: AbortSignal, age: "recent" | "now" = "recent"): Promise<Permissions> {
    const known = this.#permissions;
    if (age === "recent" && known !== undefined && performance.now() - known.at < PERMISSIONS_AGE) return known.found;
    const found = new Permissions(await this.askCluster("access/permissions", permissionsShape, signal));
    this.#permissions = { at: performance.now(), found };
    return found;
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async #readInventory(signal: AbortSignal): Promise<Inventory> {
    let { status, resources } = await this.#seeCluster(signal);
    if (await this.#findMajority(status, signal)) ({ status, resources } = await this.#seeCluster(signal));
    const onlineNodes = status.nodes.filter(({ online }) => online === true).map(({ name }) => name);
    return { status, resources: withoutStale(resources, status), onlineNodes: [...new Set(onlineNodes)].toSorted() };
  }

  async #seeCluster(signal: AbortSignal): Promise<Pick<Inventory, "status" | "resources">> {
    // all parts need these two, so that they wait for no turn
    const call = { ...INVENTORY_BOUNDS, signal, always: true } as const;
    const [status, resources] = await Promise.all([
      this.#servers.askAny({ ...call, path: "cluster/status", shape: statusShape }),
      this.#servers.askAny({ ...call, path: "cluster/resources", shape: resourcesShape }),
    ]);
    if (status.nodes.length === 0) throw new CollectError("unexpected_shape", "GET cluster/status: lists no node");
    return { status, resources };
  }

  /**
   * A node that is cut off from the others takes them for offline. Asks the other servers for one that has the quorum.
   */
  async #findMajority({ cluster }: ClusterStatus, signal: AbortSignal): Promise<boolean> {
    if (cluster?.quorate !== false) return false;
    const call = { path: "cluster/status", shape: statusShape, signal, timeout: seconds(2) };
    const others = this.#servers.others.map(async (server) => {
      const seen = await this.askServer(server, call);
      return seen.cluster?.quorate === true ? server : Promise.reject(new CollectError("internal", "no quorum"));
    });
    const quorate = await Promise.any(others).catch(() => undefined);
    if (quorate !== undefined) this.#servers.prefer(quorate);
    return quorate !== undefined;
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
        context.wasRead();
      } catch (thrown) {
        if (context.signal.aborted) throw thrown;
        context.missing(node, asCollectError(thrown));
      }
    }),
  );
}
