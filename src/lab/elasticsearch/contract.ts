import type { Authority } from "../certificates.ts";
import type { LabRequest } from "../exchange.ts";
import type { Fault } from "../faults.ts";

/** How an emulated Elasticsearch is made. */
export interface ElasticsearchLabOptions {
  /** 8.19.21 unless given. */
  readonly version?: string;
  /** Speaks HTTPS with a certificate of this authority; plain HTTP without. */
  readonly authority?: Authority;
  /** A free one (0) unless given. */
  readonly port?: number;
  /** `id:secret` in base64: what an API key's header must say. With it or a login, whoever has neither is refused. */
  readonly apiKey?: string;
  readonly login?: { readonly username: string; readonly password: string };
  /** Takes only the newest id of a point in time, as servers may; false unless given. */
  readonly newestPitOnly?: boolean;
  /** Without the header by which clients tell Elasticsearch from others, such as OpenSearch; false unless given. */
  readonly isAnotherProduct?: boolean;
  /** The clock in milliseconds since 1970; the machine's unless given. */
  readonly now?: () => number;
}

interface OnPath {
  /** Only requests whose path matches; all of those that read without it. */
  readonly path?: RegExp;
}

/** What goes wrong in Elasticsearch itself, as it says it. */
export type ElasticsearchTrouble =
  /** 429: the queue of searches is full. */
  | ({ readonly kind: "rejected" } & OnPath)
  /** 429: the memory that requests may take is used up. */
  | ({ readonly kind: "circuit_breaker" } & OnPath)
  /** 403: the key or user lacks the privilege. */
  | ({ readonly kind: "forbidden" } & OnPath)
  /** 403: the licence does not have what is asked for. */
  | ({ readonly kind: "licence"; readonly feature: string } & OnPath)
  /** 503: no shard of any index can be read. */
  | ({ readonly kind: "no_shards" } & OnPath)
  /**
   * 200, without what stands on these shards of each index that has them (see `number_of_shards`), or on whole indices.
   */
  | { readonly kind: "partial_shards"; readonly shards?: readonly number[]; readonly indices?: readonly string[] }
  /** 200 with `timed_out` and only the first part of the documents looked at, from 0 to 1. */
  | { readonly kind: "timed_out"; readonly share: number }
  /** The true answer, so many milliseconds later. */
  | ({ readonly kind: "slow"; readonly ms: number } & OnPath);

/** An emulated Elasticsearch on loopback. */
export interface ElasticsearchLab {
  /** Without a slash at the end. */
  readonly url: string;
  /** The newest requests, oldest first. */
  readonly requests: readonly LabRequest[];
  /** How many points in time are open: what clients did not close. */
  openPits(): number;
  /** Writes documents as `_bulk` does, without HTTP; throws with the first error. */
  write(index: string, documents: Iterable<object>): void;
  /** How many documents an index has; 0 when there is none. */
  count(index: string): number;
  /** Puts the connection or its answers under a fault, or under none. */
  setFault(fault: Fault | undefined): Promise<void>;
  /** Puts the server itself into trouble, or out of it. */
  setTrouble(trouble: ElasticsearchTrouble | undefined): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}
