import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";

/** A request that an emulated server received, with its whole body. */
export interface LabRequest {
  /** In upper case, such as GET. */
  readonly method: string;
  /** The path as it was sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The path with its query, as it was sent. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What an emulated server answers. */
export interface LabAnswer {
  readonly status: number;
  /** The reason phrase; the usual one of the status without it. */
  readonly statusMessage?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** In place of a body: what comes one after the other for as long as it lasts, such as the events of a watch. */
  readonly pieces?: Readable;
}

/** The emulated server itself; `abort` ends the connection without an answer. */
export type LabHandler = (request: LabRequest) => LabAnswer | "abort" | Promise<LabAnswer | "abort">;
