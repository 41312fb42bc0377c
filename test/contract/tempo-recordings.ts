import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** One request to a real Tempo 3.1, and what it answered. */
export interface Recording {
  readonly case: string;
  readonly request?: {
    readonly method: string;
    /** With its query. */
    readonly path?: string;
    readonly params?: Readonly<Record<string, string | number>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  readonly response?: {
    readonly status?: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly bodyJson?: unknown;
    readonly bodyText?: string;
    /** There when lists of the body were shortened. */
    readonly bodyCut?: unknown;
  };
  /** There when the connection ended without an answer. */
  readonly transportError?: unknown;
  /** How its Tempo was configured, where that matters. */
  readonly serverConfig?: string;
}

/** All 424 recordings; gzip, a JSON object per line. */
export function readRecordings(): readonly Recording[] {
  const file = new URL("__fixtures__/tempo/recorded.jsonl.gz", import.meta.url);
  const lines = gunzipSync(readFileSync(file)).toString().trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Recording);
}
