import { z } from "zod";
import { looseNumber, looseText } from "../../../lib/answers/loose-shapes.ts";
import { uniqueBy } from "../unique.ts";

/** A row of `zpool status`' config as Proxmox VE makes a tree of it: a pool, a section, a vdev or a disk. */
interface ZfsRow {
  readonly name: string;
  readonly state: string | undefined;
  readonly read: number | undefined;
  readonly write: number | undefined;
  readonly cksum: number | undefined;
  readonly msg: string | undefined;
  readonly children: readonly ZfsRow[];
}

/** A row that is unreadable still is a child of its vdev, in an unknown state. */
const UNREADABLE: ZfsRow = {
  name: "",
  state: undefined,
  read: undefined,
  write: undefined,
  cksum: undefined,
  msg: undefined,
  children: [],
};

const zfsRow: z.ZodType<ZfsRow> = z.lazy(() =>
  z
    .object({
      name: z.string(),
      state: looseText,
      read: looseNumber,
      write: looseNumber,
      cksum: looseNumber,
      msg: looseText,
      children: zfsRows,
    })
    .catch(UNREADABLE),
);

/** Rows of one level. */
export const zfsRows = z
  .array(zfsRow)
  .nullish()
  .transform((found): readonly ZfsRow[] => found ?? []);

/** A top-level vdev whose loss is the pool's. */
interface Vdev {
  readonly name: string;
  /** How many more disks may fail. */
  readonly redundancy: number | undefined;
  /** The same when all disks are well. */
  readonly full: number;
}

/** A disk of a pool. */
interface PoolDevice {
  readonly name: string;
  readonly online: boolean | undefined;
  readonly errors: Readonly<Record<"read" | "write" | "checksum", number | undefined>>;
}

/** What the tree of one pool says. */
export interface PoolTree {
  readonly vdevs: readonly Vdev[];
  readonly devices: readonly PoolDevice[];
}

/** Reads a pool's rows: the pool itself, and beside it the sections dedup, special, logs, cache and spares. */
export function readPoolTree(pool: string, found: readonly ZfsRow[]): PoolTree {
  const root = found.find(({ name }) => name === pool);
  const sections = new Map(found.filter((row) => row !== root).map(({ name, children }) => [name, children]));
  const carrying = [root?.children ?? [], sections.get("special") ?? [], sections.get("dedup") ?? []].flat();
  const used = [...carrying, ...(sections.get("logs") ?? []), ...(sections.get("cache") ?? [])].flatMap(leavesOf);
  const spares = (sections.get("spares") ?? []).flatMap(leavesOf);
  const nameOf = namer([...used, ...spares]);
  const devices = [...used.map((row) => device(row, nameOf)), ...spares.map((row) => spare(row, nameOf))];
  return {
    vdevs: uniqueBy(readVdevs(carrying, nameOf), ({ name }) => name),
    // a spare in use stands in its vdev, too
    devices: uniqueBy(
      devices.filter(({ name }) => name !== ""),
      ({ name }) => name,
    ),
  };
}

const leavesOf = (row: ZfsRow): readonly ZfsRow[] =>
  row.children.length === 0 ? [row] : row.children.flatMap(leavesOf);

type Namer = (row: ZfsRow) => string;

/**
 * A disk that is gone is listed by a number, with `was <path>` beside it: it keeps its path unless another has it now.
 */
function namer(leaves: readonly ZfsRow[]): Namer {
  const names = new Set(leaves.map(({ name }) => name));
  return ({ name, msg = "" }) => {
    const was = /^\d+$/.test(name) ? /^was (\S+)/.exec(msg.trim())?.[1] : undefined;
    return was === undefined || names.has(was) ? name : was;
  };
}

const isOnline = ({ state }: ZfsRow): boolean | undefined => (state === undefined ? undefined : state === "ONLINE");

function device(row: ZfsRow, nameOf: Namer): PoolDevice {
  return {
    name: nameOf(row),
    online: isOnline(row),
    errors: { read: row.read, write: row.write, checksum: row.cksum },
  };
}

/** Spares have no counters: where Proxmox VE shows some, it took "currently in use" for them. */
function spare(row: ZfsRow, nameOf: Namer): PoolDevice {
  const online = row.state === "AVAIL" || row.state === "INUSE" ? true : isOnline(row);
  return { name: nameOf(row), online, errors: { read: undefined, write: undefined, checksum: undefined } };
}

/**
 * Redundancy by the kind that a vdev's name tells; of another kind nothing is said. The tree does not know what was
 * detached: a mirror counts as made of the disks that it has, yet of two at least, and a single disk beside mirrors or
 * raidz, which zpool adds only when forced to, as one that should be as they are.
 */
function readVdevs(rows: readonly ZfsRow[], nameOf: Namer): Vdev[] {
  const groups = rows.flatMap((row) => readGroup(row) ?? []);
  const full = groups.length === 0 ? 0 : Math.min(...groups.map((group) => group.full));
  const disks = rows.flatMap((row) => {
    const [first] = isStandIn(row)
      ? leavesOf(row)
      : row.children.length === 0 && groupKind(row) === undefined
        ? [row]
        : [];
    return first === undefined || first.name === "" ? [] : [{ name: nameOf(first), redundancy: 0, full }];
  });
  return [...groups, ...disks];
}

function groupKind({ name }: ZfsRow): { readonly parity: number | undefined } | undefined {
  if (/^mirror-\d+$/.test(name)) return { parity: undefined };
  const [, parity] = /^(?:raidz|draid)([1-3]?)(?=[-:])/.exec(name) ?? [];
  return parity === undefined ? undefined : { parity: Number(parity || "1") };
}

function readGroup(row: ZfsRow): Vdev | undefined {
  const kind = groupKind(row);
  if (kind === undefined) return undefined;
  const { name, children } = row;
  const states = children.map(isWhole);
  const lost = states.filter((whole) => whole === false).length;
  const isKnown = children.length > 0 && !states.includes(undefined);
  const full = kind.parity ?? Math.max(2, children.length) - 1;
  const left = kind.parity === undefined ? children.length - lost - 1 : kind.parity - lost;
  return { name, full, redundancy: isKnown ? Math.max(0, left) : undefined };
}

/** `replacing-1` and `spare-1`: an old and a new disk in the place of one. */
const isStandIn = ({ name, children }: ZfsRow): boolean =>
  children.length > 0 && /^(?:replacing|spare)-\d+$/.test(name);

/** Whether all data of a vdev's child can be read from it, which it can not while it is resilvered. */
function isWhole(row: ZfsRow): boolean | undefined {
  if (isStandIn(row)) {
    const states = new Set(row.children.map(isWhole));
    if (states.has(true)) return true;
    return states.has(undefined) ? undefined : false;
  }
  return /resilver/i.test(row.msg ?? "") ? false : isOnline(row);
}
