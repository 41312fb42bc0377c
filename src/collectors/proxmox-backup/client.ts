import { CollectError } from "../../core/errors.ts";
import type { CollectContext } from "../../core/pack.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import type { z } from "zod";
import { SLOW, type CallServer } from "./api.ts";
import type { GroupMemory } from "./group-memory.ts";
import { rowsShape } from "./schema.ts";

/** How a job's last finished run ended: what `last-run-state` said, and when in Unix seconds. */
export interface FinishedRun {
  readonly state: string | undefined;
  readonly endedAt: number | undefined;
}

/** What the parts of one server share. */
export interface BackupClient {
  readonly http: HttpClient;
  readonly call: CallServer;
  /** Where it is, and the name to ask for if that is another. */
  readonly server: { readonly url: string; readonly serverName: string | undefined };
  /** By kind and id: while a job runs, the server says nothing of the run before. */
  readonly finishedRuns: Map<string, FinishedRun>;
  /** By datastore when its last verify job ended, in Unix seconds, as far as the jobs were read. */
  readonly verifiedAt: Map<string, number>;
  readonly groups: GroupMemory;
}

/** Where a list comes from: what the server has under `path`, asked with `query`. */
interface ListSource<T> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Shape of one row. */
  readonly row: z.ZodType<T>;
  /** What tells a row from the others; of two rows with the same key the first counts. */
  readonly key: (row: T) => string;
  /** Whether the server walks through folders for it. */
  readonly slow?: boolean;
}

/** The rows of a list that could be read. */
interface FoundRows<T> {
  readonly rows: readonly T[];
  /** Whether they are all: of a list with others nobody knows how many of anything it holds. */
  readonly areAll: boolean;
}

/**
 * Reads a list row by row: a row of another shape is left out and noted once as missing, and the others stand. Throws
 * `CollectError` when the call fails or its answer is no list.
 */
export async function listRows<T>(
  { call }: BackupClient,
  context: CollectContext,
  { path, query, row, key, slow }: ListSource<T>,
): Promise<FoundRows<T>> {
  const rows = await call({
    path,
    shape: rowsShape,
    signal: context.signal,
    ...(query !== undefined && { query }),
    ...(slow === true && { patience: SLOW }),
  });
  const read = rows.map((value) => row.safeParse(value));
  const wrong = read.findIndex(({ success }) => !success);
  if (wrong !== -1) noteWrongRow(context, path, row, rows[wrong]);
  const unique = new Map<string, T>();
  for (const { success, data } of read) if (success && !unique.has(key(data))) unique.set(key(data), data);
  return { rows: [...unique.values()], areAll: wrong === -1 };
}

function noteWrongRow(context: CollectContext, path: string, row: z.ZodType, value: unknown): void {
  try {
    readShape(row, value, `GET ${path}, a row`);
  } catch (thrown) {
    if (thrown instanceof CollectError) context.missing(`rows of ${path}`, thrown);
  }
}
