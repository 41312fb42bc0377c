import type { LabSnapshot, LabSnapshots } from "../model/snapshots.ts";
import { MethodError, type LabMethods, type MethodContext } from "./contract.ts";
import { answerQuery, readQuery } from "./storage-query.ts";

type Row = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/**
 * Snapshots: `zfs.snapshot.query` is the middleware's own from 25.10 on, which has `pool.snapshot.query` in its place,
 * and 26 adds `zfs.resource.snapshot`. Sources: the plugins `zfs_/snapshot.py`, `pool_/snapshot.py`,
 * `zfs/snapshot_crud.py`, `zfs/snapshot_query_impl.py` and `zfs/snapshot_count_impl.py` of
 * https://github.com/truenas/middleware
 */
export const snapshotsMethods: LabMethods = {
  "zfs.snapshot.query": { role: "SNAPSHOT_READ", until: "25.04", call: query },
  "pool.snapshot.query": { role: "SNAPSHOT_READ", since: "25.10", call: query },
  "zfs.resource.snapshot.query": { role: "SNAPSHOT_READ", since: "26", call: resourceQuery },
  "zfs.resource.snapshot.count": { role: "SNAPSHOT_READ", since: "26", call: resourceCount },
  "pool.dataset.snapshot_count": {
    role: "DATASET_READ",
    call: ({ state, params }) => snapshotCount(state.tasks.snapshots, String(params[0])),
  },
};

/** How many snapshots a dataset has. */
export const snapshotCount = (snapshots: LabSnapshots, dataset: string): number => snapshots.get(dataset)?.length ?? 0;

/** Names of properties that cost nothing more than the list itself: with these alone no `properties` are answered. */
const FREE: ReadonlySet<string> = new Set(["name", "createtxg"]);

interface Found {
  readonly dataset: string;
  readonly snapshot: LabSnapshot;
}

function query(context: MethodContext): unknown {
  const { filters, options } = readQuery(context.params);
  const { extra, select } = options;
  const wanted = Array.isArray(extra["properties"]) ? extra["properties"].map(String) : [];
  const isFree =
    wanted.length > 0 ? wanted.every((name) => FREE.has(name)) : select.length === 1 && select[0] === "name";
  const found = findSnapshots(context, isPicked(filters), txgsOf(extra));
  const rows = found.map((one): Row => {
    const name = `${one.dataset}@${one.snapshot.name}`;
    return {
      id: name,
      name,
      pool: poolOf(one.dataset),
      type: "SNAPSHOT",
      snapshot_name: one.snapshot.name,
      dataset: one.dataset,
      createtxg: String(one.snapshot.txg),
      ...(!isFree && { properties: propertiesOf(context, one.snapshot, wanted) }),
    };
  });
  return answerQuery(rows, context.params);
}

/** The dates of 25.10 are numbers, as its own ZFS library has them. */
function propertiesOf(
  { release, date }: MethodContext,
  { createdAt, txg }: LabSnapshot,
  wanted: readonly string[],
): Row {
  const isOld = release === "24.10" || release === "25.04";
  const raw = String(createdAt);
  const shown = isOld ? new Date(createdAt * 1000).toUTCString() : raw;
  const all: Record<string, Row> = {
    creation: { value: shown, rawvalue: raw, parsed: isOld ? date(createdAt) : createdAt, source: "NONE" },
    createtxg: { value: String(txg), rawvalue: String(txg), parsed: isOld ? String(txg) : txg, source: "NONE" },
    used: { value: "0B", rawvalue: "0", parsed: 0, source: "NONE" },
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.length === 0 || wanted.includes(name)));
}

/** Filters of pool and dataset, by which the middleware does not even list the others. */
function isPicked(filters: readonly unknown[]): (dataset: string) => boolean {
  const picks = filters.flatMap((filter) => {
    if (!Array.isArray(filter)) return [];
    const [path, operator, value] = filter as readonly unknown[];
    if ((path !== "pool" && path !== "dataset") || (operator !== "=" && operator !== "in")) return [];
    const values = new Set(Array.isArray(value) ? value.map(String) : [String(value)]);
    return [(dataset: string) => values.has(path === "pool" ? poolOf(dataset) : dataset)];
  });
  return (dataset) => picks.every((pick) => pick(dataset));
}

function resourceQuery(context: MethodContext): unknown {
  const data = fieldsOf(context.params[0]);
  const wanted = data["properties"] === null ? undefined : Array.isArray(data["properties"]) ? data["properties"] : [];
  return findSnapshots(context, inPaths(context, data), txgsOf(data)).map(({ dataset, snapshot }): Row => {
    const { creation, used } = resourceProperties(snapshot);
    const isWanted = (name: string): boolean => wanted?.length === 0 || wanted?.includes(name) === true;
    return {
      createtxg: snapshot.txg,
      guid: 7_000_000_000_000_000 + snapshot.txg,
      name: `${dataset}@${snapshot.name}`,
      pool: poolOf(dataset),
      dataset,
      snapshot_name: snapshot.name,
      type: "SNAPSHOT",
      holds: null,
      properties:
        wanted === undefined ? null : { ...(isWanted("creation") && { creation }), ...(isWanted("used") && { used }) },
      user_properties: null,
    };
  });
}

const resourceProperties = ({ createdAt }: LabSnapshot) => ({
  creation: { raw: String(createdAt), value: createdAt, source: null },
  used: { raw: "0", value: 0, source: null },
});

function resourceCount(context: MethodContext): unknown {
  const isIn = inPaths(context, fieldsOf(context.params[0]));
  const { snapshots } = context.state.tasks;
  return Object.fromEntries(
    context.state.storage.datasets.flatMap(({ id }) => (isIn(id) ? [[id, snapshotCount(snapshots, id)]] : [])),
  );
}

/** Without paths there are the pools' own datasets alone, and all below them when it is recursive. */
function inPaths({ state }: MethodContext, data: Fields): (dataset: string) => boolean {
  const isRecursive = data["recursive"] === true;
  const paths = Array.isArray(data["paths"]) ? data["paths"].map(String) : [];
  const known = new Set(state.storage.datasets.map(({ id }) => id));
  for (const path of paths) if (!known.has(path)) throw new MethodError("ENOENT", `'${path}': path does not exist`);
  if (paths.length === 0) return (dataset) => isRecursive || !dataset.includes("/");
  const exact = new Set(paths);
  if (!isRecursive) return (dataset) => exact.has(dataset);
  return (dataset) => paths.some((path) => dataset === path || dataset.startsWith(`${path}/`));
}

interface Txgs {
  readonly min: number;
  readonly max: number;
}

/** 0 stands for no bound; both ends are included. */
function txgsOf(fields: Fields): Txgs {
  const { min_txg: min, max_txg: max } = fields;
  return {
    min: typeof min === "number" ? min : 0,
    max: typeof max === "number" && max !== 0 ? max : Number.POSITIVE_INFINITY,
  };
}

function findSnapshots({ state }: MethodContext, isIn: (dataset: string) => boolean, { min, max }: Txgs): Found[] {
  const found: Found[] = [];
  for (const [dataset, list] of state.tasks.snapshots) {
    if (!isIn(dataset)) continue;
    for (let i = list.length - 1; i >= 0; i--) {
      const snapshot = list[i];
      if (snapshot === undefined || snapshot.txg < min) break;
      if (snapshot.txg <= max) found.push({ dataset, snapshot });
    }
  }
  return found;
}

const poolOf = (dataset: string): string => dataset.split("/")[0] ?? "";

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
