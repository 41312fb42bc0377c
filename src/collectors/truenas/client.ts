import type { z } from "zod";
import type { Duration } from "../../core/duration.ts";
import type { RpcStats } from "../../lib/json-rpc/contract.ts";
import type { TrueNasConfig } from "./config.ts";
import type { Dialect } from "./versions.ts";

/** A call of the API. */
export interface TrueNasCall<T> {
  readonly method: string;
  readonly params?: readonly unknown[];
  /** Shape of the result. */
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
  /** 15 s unless given. */
  readonly timeout?: Duration;
}

/** What the parts of one server share. */
export interface TrueNasClient {
  readonly config: TrueNasConfig;
  /** Calls a method that changes nothing. Throws `CollectError`. */
  call<T>(call: TrueNasCall<T>): Promise<T>;
  /** The dialect and the version of the API that the socket speaks; connects when needed. Throws `CollectError`. */
  api(signal: AbortSignal): Promise<{ readonly dialect: Dialect; readonly apiVersion: string }>;
  /**
   * A result that is asked for anew when the server told of a change in `event`, when events may have been missed, or when
   * it is older than `resync`; else the one that was read last.
   */
  watched<T>(call: TrueNasCall<T>, event: string, resync: Duration): Promise<T>;
  /** What the newest event of this name carried, by a subscription that begins at the first call; undefined before one came. */
  latest(event: string): { readonly fields: unknown; readonly receivedAt: number } | undefined;
  /** What parts remember from poll to poll, made at the first call. */
  memory<M extends object>(key: MemoryKey<M>): M;
  readonly stats: Readonly<RpcStats>;
  close(): Promise<void>;
}

/** Names one part's memory and makes it when it is not there. */
export interface MemoryKey<M extends object> {
  readonly create: () => M;
}
