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
  /** What the socket speaks; connects when needed. Throws `CollectError`. */
  api(signal: AbortSignal): Promise<SpokenApi>;
  /**
   * A result that is asked for anew when the server told of a change in `event`, when events may have been missed, or
   * when it is older than `resync`; else the one that was read last.
   */
  watched<T>(call: TrueNasCall<T>, event: string, resync: Duration): Promise<T>;
  /**
   * What the newest event of this name carried, by a subscription that begins at the first call; undefined before one
   * came.
   */
  latest(event: string): LatestEvent | undefined;
  /** What parts remember from poll to poll, made at the first call. */
  memory<M extends object>(key: MemoryKey<M>): M;
  readonly stats: Readonly<RpcStats>;
  close(): Promise<void>;
}

/** What an event carried. */
export interface LatestEvent {
  readonly fields: unknown;
  /** In milliseconds since 1970, by the own clock. */
  readonly receivedAt: number;
}

/** The dialect and the version of the API that a socket speaks. */
interface SpokenApi {
  readonly dialect: Dialect;
  /** Such as `v25.10.1`. */
  readonly apiVersion: string;
  /** The newest version that the server offers, when it is of a release that is not known here yet. */
  readonly newer?: string;
}

/** Names one part's memory and makes it when it is not there. */
export interface MemoryKey<M extends object> {
  readonly create: () => M;
}
