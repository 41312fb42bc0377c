import {
  isNoDisk,
  isSingle,
  isStandIn,
  isWhole,
  readGroup,
  type Redundancy,
  type Wholeness,
} from "./vdev-redundancy.ts";
import { namer, toldApart, type Earlier, type Namer } from "./vdev-names.ts";
import { leavesOf, VDEV_CLASSES, type Topology, type VdevClass, type VdevNode } from "./vdev-shape.ts";

/** A top-level vdev. */
interface Vdev {
  readonly class: VdevClass;
  readonly name: string;
  readonly type: string | undefined;
  readonly status: string | undefined;
  readonly online: boolean | undefined;
  /** Only of those whose loss is the pool's. */
  readonly redundancy: Redundancy | undefined;
}

/** A disk of a pool. */
interface PoolDevice {
  readonly class: VdevClass;
  readonly vdev: string;
  readonly disk: string;
  readonly guid: string;
  readonly status: string | undefined;
  readonly online: boolean | undefined;
  readonly errors: VdevNode["errors"];
}

/** What the tree of one pool tells. */
export interface PoolTree {
  readonly vdevs: readonly Vdev[];
  readonly devices: readonly PoolDevice[];
  /** The least of all vdevs whose loss is the pool's. */
  readonly redundancy: number | undefined;
  readonly spares: { readonly available: number; readonly inUse: number };
  /** Guids of the disks that hold all of their data. */
  readonly whole: ReadonlySet<string>;
  /** Names of the disks that are there, by guid. */
  readonly disks: ReadonlyMap<string, string>;
}

/** The classes whose loss is the pool's. */
const CARRYING = ["data", "special", "dedup"] as const;

/** Reads a pool's vdevs. */
export function readPoolTree(topology: Topology, isResilvering: boolean, earlier: Earlier): PoolTree {
  const carrying = CARRYING.flatMap((name) => topology[name]);
  const wholeness = { isResilvering, wholeBefore: earlier.whole, hasStandIns: carrying.some(hasStandIn) };
  const nameOf = namer(topology, earlier);
  const spareGuids = guidsOfSparesInUse(carrying);
  const isUsed = (node: VdevNode): boolean => node.status === "INUSE" || spareGuids.has(node.guid ?? "");
  const vdevs = VDEV_CLASSES.flatMap((name) => readClass(name, topology, { wholeness, nameOf, isUsed }));
  const usable = topology.spare.filter((node) => isUsed(node) || isReady(node));
  const inUse = usable.filter(isUsed).length;
  return {
    vdevs: vdevs.map(({ vdev }) => vdev),
    devices: uniqueDevices(vdevs.flatMap(({ devices }) => devices)),
    redundancy: leastOf(vdevs.flatMap(({ vdev, isCarrying }) => (isCarrying ? [vdev.redundancy?.left] : []))),
    spares: { available: usable.length - inUse, inUse },
    whole: new Set(
      carrying.flatMap(leavesOf).flatMap((leaf) => (isWhole(leaf, wholeness) === true ? [leaf.guid ?? ""] : [])),
    ),
    disks: new Map(
      Object.values(topology)
        .flat()
        .flatMap(leavesOf)
        .flatMap(({ guid, disk }) => (guid === undefined || disk === undefined ? [] : [[guid, disk] as const])),
    ),
  };
}

const hasStandIn = (node: VdevNode): boolean => isStandIn(node) || node.children.some(hasStandIn);

/** The least, unless one that is not known may be less. */
function leastOf(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  if (counts.length === 0 || known.length === 0) return undefined;
  const least = Math.min(...known);
  return known.length === counts.length || least === 0 ? least : undefined;
}

/** The API calls a waiting spare ONLINE and one in use UNAVAIL; `zpool` says AVAIL and INUSE. */
const isReady = ({ status }: VdevNode): boolean => status === "ONLINE" || status === "AVAIL";

const guidsOfSparesInUse = (carrying: readonly VdevNode[]): ReadonlySet<string> =>
  new Set(
    carrying
      .flatMap(standInsOf)
      .filter(({ type, name = "" }) => type === "SPARE" || name.startsWith("spare-"))
      .flatMap(leavesOf)
      .flatMap(({ guid }) => guid ?? []),
  );

const standInsOf = (node: VdevNode): readonly VdevNode[] =>
  isStandIn(node) ? [node] : node.children.flatMap(standInsOf);

interface ClassContext {
  readonly wholeness: Wholeness;
  readonly nameOf: Namer;
  readonly isUsed: (node: VdevNode) => boolean;
}

interface ReadVdev {
  readonly vdev: Vdev;
  readonly devices: readonly PoolDevice[];
  readonly isCarrying: boolean;
}

function readClass(name: VdevClass, topology: Topology, context: ClassContext): readonly ReadVdev[] {
  const nodes = topology[name].filter((node) => !isNoDisk(node));
  const isCarrying = (CARRYING as readonly VdevClass[]).includes(name);
  const full = fullOfSingles(name, topology, context.wholeness);
  const names = toldApart(nodes, context.nameOf);
  return nodes.map((node, i) => {
    const vdevName = names[i] ?? "";
    const single = isSingle(node) ? { left: 0, full } : undefined;
    const isOnline = onlineOf(name, node, context);
    const { type, status } = node;
    const redundancy = isCarrying ? (readGroup(node, context.wholeness) ?? single) : undefined;
    const devices = leavesOf(node).flatMap((leaf) => readDevice(leaf, name, vdevName, context) ?? []);
    return { isCarrying, devices, vdev: { class: name, name: vdevName, type, status, online: isOnline, redundancy } };
  });
}

/**
 * What a single disk should be able to lose. The tree does not know what was detached: beside mirrors or raidz, of its
 * own class or else of the pool, it counts as what they are; among its like only, as meant to be so.
 */
function fullOfSingles(name: VdevClass, topology: Topology, wholeness: Wholeness): number {
  const fulls = (classes: readonly VdevClass[]): readonly number[] =>
    classes.flatMap((each) => topology[each].flatMap((node) => readGroup(node, wholeness)?.full ?? []));
  const [least] = [[name], ["data"], CARRYING]
    .map((classes) => fulls(classes as readonly VdevClass[]))
    .filter((found) => found.length > 0)
    .map((found) => Math.min(...found));
  return least ?? 0;
}

function onlineOf(name: VdevClass, node: VdevNode, { isUsed }: ClassContext): boolean | undefined {
  if (name === "spare" && (isUsed(node) || isReady(node))) return true;
  return node.status === undefined ? undefined : node.status === "ONLINE";
}

const NO_ERRORS: VdevNode["errors"] = { read: undefined, write: undefined, checksum: undefined };

function readDevice(leaf: VdevNode, name: VdevClass, vdev: string, context: ClassContext): PoolDevice | undefined {
  const disk = context.nameOf(leaf);
  if (disk === "" && leaf.guid === undefined) return undefined;
  return {
    class: name,
    vdev,
    disk,
    guid: leaf.guid ?? "",
    status: leaf.status,
    online: onlineOf(name, leaf, context),
    // a spare in use counts in the vdev where it stands
    errors: name === "spare" ? NO_ERRORS : leaf.errors,
  };
}

const uniqueDevices = (devices: readonly PoolDevice[]): readonly PoolDevice[] => [
  ...new Map(
    devices.map((device) => [JSON.stringify([device.class, device.vdev, device.disk, device.guid]), device]),
  ).values(),
];
