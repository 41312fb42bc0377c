import type { VdevNode } from "./vdev-shape.ts";

/** Which disks hold all of their data. */
export interface Wholeness {
  /** Whether a resilver is under way, so that a disk may be ONLINE and still lack data. */
  readonly isResilvering: boolean;
  /** The guids of the disks that were whole before it began; undefined when that was not seen. */
  readonly wholeBefore: ReadonlySet<string> | undefined;
  /** Whether the pool has disks in each other's place, which the resilver then is for. */
  readonly hasStandIns: boolean;
}

/** Of one vdev: how many more disks may fail, and how many may when all are well; unknown parts are undefined. */
export interface Redundancy {
  readonly left: number | undefined;
  readonly full: number;
}

type Kind = { readonly kind: "mirror" } | { readonly kind: "parity"; readonly parity: number };

/**
 * The kind of a group by its type, or by its name where the type does not tell; undefined for disks and what is not
 * known.
 */
function kindOf({ type = "", name = "", draidParity }: VdevNode): Kind | undefined {
  const word = type === "" ? name.toUpperCase() : type;
  if (word.startsWith("MIRROR")) return { kind: "mirror" };
  const [, family] = /^(RAIDZ|DRAID)/.exec(word) ?? [];
  if (family === undefined) return undefined;
  const digit = /^(?:RAIDZ|DRAID)([1-3])/.exec(word)?.[1] ?? /^(?:raidz|draid)([1-3])/i.exec(name)?.[1];
  // `raidz` alone is ZFS' other word for raidz1
  const parity = digit === undefined ? (draidParity ?? (family === "RAIDZ" ? 1 : undefined)) : Number(digit);
  return parity === undefined ? undefined : { kind: "parity", parity };
}

/** `replacing-1` and `spare-1`: an old and a new disk in the place of one. */
export const isStandIn = ({ type = "", name = "", children }: VdevNode): boolean =>
  children.length > 0 && (type === "REPLACING" || type === "SPARE" || /^(?:replacing|spare)-\d+$/.test(name));

/** A disk that is a vdev by itself, or two in the place of one. */
export const isSingle = (node: VdevNode): boolean => isStandIn(node) || (node.children.length === 0 && isDisk(node));

const isDisk = ({ type, disk, path }: VdevNode): boolean =>
  type === undefined ? disk !== undefined || path !== undefined : type === "DISK" || type === "FILE";

/** What ZFS keeps of vdevs that were removed; nothing can be lost with it. */
export const isNoDisk = ({ type }: VdevNode): boolean => type === "INDIRECT" || type === "HOLE";

/** Redundancy of a mirror, raidz or dRAID; undefined for what is none. */
export function readGroup(node: VdevNode, wholeness: Wholeness): Redundancy | undefined {
  const kind = kindOf(node);
  if (kind === undefined) return undefined;
  const { children } = node;
  const states = children.map((child) => isWhole(child, wholeness));
  const lost = states.filter((state) => state === false).length;
  const full = kind.kind === "mirror" ? Math.max(2, children.length) - 1 : kind.parity;
  const left = kind.kind === "mirror" ? children.length - lost - 1 : kind.parity - lost;
  const isKnown = children.length > 0 && !states.includes(undefined);
  // with none left it can not get worse, whatever the others are
  return { full, left: isKnown ? Math.max(0, left) : left <= 0 && children.length > 0 ? 0 : undefined };
}

/** Whether all data of a vdev's child can be read from it; undefined when it can not be told. */
export function isWhole(node: VdevNode, wholeness: Wholeness): boolean | undefined {
  if (!isStandIn(node)) return isWholeDisk(node, wholeness);
  const isNewUnfinished = wholeness.isResilvering && wholeness.wholeBefore === undefined;
  const counting = isNewUnfinished ? node.children.slice(0, -1) : node.children;
  const states = new Set(counting.map((child) => isWhole(child, wholeness)));
  return states.has(true) ? true : states.has(undefined) ? undefined : false;
}

function isWholeDisk({ status, guid }: VdevNode, { isResilvering, wholeBefore, hasStandIns }: Wholeness) {
  if (status === undefined) return undefined;
  if (status !== "ONLINE") return false;
  if (!isResilvering) return true;
  if (wholeBefore !== undefined) return guid !== undefined && wholeBefore.has(guid);
  return hasStandIns ? true : undefined;
}
