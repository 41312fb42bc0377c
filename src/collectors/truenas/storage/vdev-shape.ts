import { z } from "zod";
import { looseNumber, looseText } from "../../../lib/answers/loose-shapes.ts";

/** The classes of vdevs as `pool.query` names them. */
export const VDEV_CLASSES = ["data", "special", "dedup", "log", "cache", "spare"] as const;

/** One of {@link VDEV_CLASSES}. */
export type VdevClass = (typeof VDEV_CLASSES)[number];

/** A group, a stand-in (`replacing-0`, `spare-0`) or a disk of a pool. What is not known is undefined. */
export interface VdevNode {
  readonly name: string | undefined;
  /** In capitals, such as MIRROR, RAIDZ2 or DISK. */
  readonly type: string | undefined;
  readonly guid: string | undefined;
  readonly status: string | undefined;
  readonly path: string | undefined;
  /** Name of the disk that is there. */
  readonly disk: string | undefined;
  /** Name that the server's database knows for a disk that is not well. */
  readonly was: string | undefined;
  readonly errors: Readonly<Record<"read" | "write" | "checksum", number | undefined>>;
  /** How many disks a dRAID may lose. */
  readonly draidParity: number | undefined;
  /** From `zpool.query` alone. */
  readonly slowIos: number | undefined;
  readonly children: readonly VdevNode[];
}

/** What can not be read still is a child of its vdev, in an unknown state. */
const UNREADABLE: VdevNode = {
  name: undefined,
  type: undefined,
  guid: undefined,
  status: undefined,
  path: undefined,
  disk: undefined,
  was: undefined,
  errors: { read: undefined, write: undefined, checksum: undefined },
  draidParity: undefined,
  slowIos: undefined,
  children: [],
};

const filled = looseText.transform((text) => (text === "" ? undefined : text));
const capitals = filled.transform((text) => text?.toUpperCase());

const statsShape = z
  .object({
    read_errors: looseNumber,
    write_errors: looseNumber,
    checksum_errors: looseNumber,
    draid_parity: looseNumber,
    slow_ios: looseNumber,
  })
  .partial()
  .catch({});

const nodeShape: z.ZodType<VdevNode> = z.lazy(() =>
  z
    .object({
      name: filled,
      type: capitals,
      vdev_type: capitals,
      guid: filled,
      status: capitals,
      path: filled,
      disk: filled,
      unavail_disk: z.object({ name: filled }).partial().nullish().catch(undefined),
      stats: statsShape.optional(),
      children: nodesShape,
    })
    .transform(({ stats = {}, unavail_disk, vdev_type, type = vdev_type, ...node }) => ({
      ...node,
      type,
      was: unavail_disk?.name,
      errors: { read: stats.read_errors, write: stats.write_errors, checksum: stats.checksum_errors },
      draidParity: stats.draid_parity,
      slowIos: stats.slow_ios,
    }))
    .catch(UNREADABLE),
);

const nodesShape = z
  .array(nodeShape)
  .nullish()
  .transform((found): readonly VdevNode[] => found ?? [])
  .catch([]);

/** The vdevs of a pool by class. */
export type Topology = Readonly<Record<VdevClass, readonly VdevNode[]>>;

/** `topology` of `pool.query` and `boot.get_state`; null for a pool that is not imported. */
export const topologyShape = z.object({
  data: nodesShape,
  special: nodesShape,
  dedup: nodesShape,
  log: nodesShape,
  cache: nodesShape,
  spare: nodesShape,
});

/** `topology` of `zpool.query`, as one list: its classes have other names. */
export const anyTopologyShape = z.record(z.string(), nodesShape).transform((classes) => Object.values(classes).flat());

/** The disks of a vdev, those of stand-ins included. */
export const leavesOf = (node: VdevNode): readonly VdevNode[] =>
  node.children.length === 0 ? [node] : node.children.flatMap(leavesOf);
