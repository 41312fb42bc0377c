import { z } from "zod";
import { seconds } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import { looseNumber } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { looseDate } from "../dates.ts";
import type { Dialect } from "../versions.ts";

/** A snapshot as the list tells of it; `name` is what comes after `@`. */
export interface SnapshotRow {
  readonly dataset: string;
  readonly name: string;
  /** Transaction group of its creation, which grows with time within a pool. */
  readonly txg: number;
  /** Unix seconds; of a list that asked for it. */
  readonly createdAt: number | undefined;
}

/** Which snapshots to list. */
export interface SnapshotRequest {
  /** A pool with everything in it, or some of its datasets without their children. */
  readonly of: string | readonly string[];
  /** Bounds of the transaction group, both included. */
  readonly minTxg?: number;
  readonly maxTxg?: number;
  /** Asks for the time of creation, which costs the server far more than the rest. */
  readonly dated: boolean;
}

/** Where counts and lists of snapshots come from. Its methods throw `CollectError`. */
export interface SnapshotSource {
  /**
   * How many snapshots one answer should have at most, so that it is less than 1 MB. Up to 25.04 each question costs
   * the server a walk through all of them, whatever it asks for.
   */
  readonly mostRows: number;
  /** Snapshots by dataset. */
  counts(): Promise<ReadonlyMap<string, number>>;
  list(request: SnapshotRequest): Promise<readonly SnapshotRow[]>;
}

/** A list of many may take the server long. */
const PATIENCE = seconds(60);

const listShape = z.array(z.unknown());
const mapShape = z.record(z.string(), z.unknown());

/** What the boot pool may be called: it has no datasets that a person made. */
const BOOT_POOLS: ReadonlySet<string> = new Set(["boot-pool", "freenas-boot"]);

/**
 * The server's snapshots. What the releases give, by the middleware's source:
 *
 * - Counts: every release up to 25.10 adds `snapshot_count` to `pool.dataset.query` when `extra.snapshots_count` is
 * set,
 *   from a cache that is renewed for datasets whose `snapshots_changed` is another (`get_snapshot_count_cached`). 26 has
 *   `zfs.resource.snapshot.count` in its place (`zfs/snapshot_count_impl.py`).
 * - Lists up to 25.04: `zfs.snapshot.query` opens every snapshot unless no property but `name` and `createtxg` is asked
 *   for. `createtxg` is a text of the row itself; a filter of datasets is applied to the finished list; `min_txg` and
 *   `max_txg` are handed to ZFS (`zfs_/snapshot.py`).
 * - 25.10: `pool.snapshot.query` makes paths of filters by pool or dataset, and reads only those (`pool_/snapshot.py`).
 * - 26: `zfs.resource.snapshot.query` takes paths, has numbers, and gives no properties for `null`
 *   (`zfs/snapshot_query_impl.py`).
 *
 * `creation` is a property everywhere: Unix seconds as text in `rawvalue`, or `raw` on 26.
 */
export function snapshotSource(client: TrueNasClient, dialect: Dialect, signal: AbortSignal): SnapshotSource {
  const isResource = dialect.snapshotQuery === "zfs.resource.snapshot.query";
  const ask = <T>(shape: z.ZodType<T>, method: string, ...params: readonly unknown[]): Promise<T> =>
    client.call({ method, params, shape, signal, timeout: PATIENCE });
  return {
    mostRows: dialect.snapshotQuery === "zfs.snapshot.query" ? 5_000 : 3_000,
    counts: async () =>
      isResource
        ? countsOfMap(await ask(mapShape, "zfs.resource.snapshot.count", { recursive: true }))
        : countsOfTree(await ask(listShape, "pool.dataset.query", [], COUNT_OPTIONS)),
    list: async (request) =>
      rowsOf(
        await ask(listShape, dialect.snapshotQuery, ...(isResource ? resourceParams(request) : queryParams(request))),
      ),
  };
}

/**
 * As a tree, since a flat list has the children of each dataset once more; and with `name` and `children`, since an
 * early 25.10 selects before it makes the tree.
 */
const COUNT_OPTIONS = {
  extra: { flat: false, properties: [], retrieve_user_props: false, snapshots_count: true },
  select: ["id", "name", "children", "snapshot_count"],
};

const resourceParams = ({ of, minTxg = 0, maxTxg = 0, dated }: SnapshotRequest): readonly unknown[] => [
  {
    paths: typeof of === "string" ? [of] : of,
    recursive: typeof of === "string",
    properties: dated ? ["creation"] : null,
    min_txg: minTxg,
    max_txg: maxTxg,
  },
];

const queryParams = ({ of, minTxg = 0, maxTxg = 0, dated }: SnapshotRequest): readonly unknown[] => [
  [typeof of === "string" ? ["pool", "=", of] : ["dataset", "in", of]],
  {
    extra: { properties: dated ? ["creation"] : ["name", "createtxg"], min_txg: minTxg, max_txg: maxTxg },
    select: ["name", "createtxg", ...(dated ? ["properties"] : [])],
  },
];

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

// Read by hand, since a shape for each of ten thousand rows takes longer than all the rest.
function rowsOf(answer: readonly unknown[]): readonly SnapshotRow[] {
  return answer.flatMap((each) => {
    const { name, createtxg, properties } = fieldsOf(each);
    if (typeof name !== "string") return [];
    const at = name.indexOf("@");
    const txg = numberOf(createtxg);
    if (at <= 0 || txg === undefined) return [];
    return [{ dataset: name.slice(0, at), name: name.slice(at + 1), txg, createdAt: creationOf(properties) }];
  });
}

function creationOf(properties: unknown): number | undefined {
  if (properties === undefined || properties === null) return undefined;
  const { rawvalue, raw, parsed, value } = fieldsOf(fieldsOf(properties)["creation"]);
  return looseDate.parse(rawvalue ?? raw ?? parsed ?? value);
}

function countsOfTree(answer: readonly unknown[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const visit = (each: unknown): void => {
    const { id, name, children, snapshot_count: told } = fieldsOf(each);
    const dataset = id ?? name;
    const count = countOf(told);
    if (typeof dataset === "string" && count !== undefined) counts.set(dataset, count);
    if (Array.isArray(children)) children.forEach(visit);
  };
  answer.forEach(visit);
  return answer.length === 0 ? counts : notEmpty(counts, "pool.dataset.query");
}

function countsOfMap(answer: Fields): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const told = Object.entries(answer).filter(([dataset]) => !BOOT_POOLS.has(poolOf(dataset)));
  for (const [dataset, value] of told) {
    const count = countOf(value);
    if (count !== undefined) counts.set(dataset, count);
  }
  return told.length === 0 ? counts : notEmpty(counts, "zfs.resource.snapshot.count");
}

/** Datasets without any count would look as if they were all gone. */
function notEmpty(counts: ReadonlyMap<string, number>, method: string): ReadonlyMap<string, number> {
  if (counts.size > 0) return counts;
  throw new CollectError("unexpected_shape", `${method}: none of the datasets has a count of snapshots`);
}

/** The pool that a dataset is in. */
export const poolOf = (dataset: string): string => dataset.split("/", 1)[0] ?? dataset;

const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : looseNumber.parse(value));

function countOf(value: unknown): number | undefined {
  const count = numberOf(value);
  return count !== undefined && Number.isInteger(count) && count >= 0 ? count : undefined;
}
