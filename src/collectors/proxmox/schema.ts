import { z } from "zod";

/**
 * Shapes of Proxmox VE's answers. Its own schema is loose, so these are: a value that is not what it should be is
 * unknown (undefined), a row without its name is left out, and keys that nobody reads may be anything.
 * Source: https://pve.proxmox.com/pve-docs/api-viewer/
 */

/** Also nothing: without `optional` a key that is absent would be a fault of the whole row. */
const anything = z.unknown().optional();

/** A number, also as text; anything else, and a key that is not there, is unknown. */
export const looseNumber = anything.transform((value): number | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value)) return undefined;
  return Number.isFinite(Number(value)) ? Number(value) : undefined;
});

/** 0 or 1, also as text or JSON boolean; anything else, and a key that is not there, is unknown. */
export const looseFlag = anything.transform((value): boolean | undefined => {
  if (value === 1 || value === "1" || value === true) return true;
  if (value === 0 || value === "0" || value === false) return false;
  return undefined;
});

/** A text, also from a number; anything else, and a key that is not there, is unknown. */
export const looseText = anything.transform((value): string | undefined => {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
});

/** A list of rows: null is an empty one, and a row that has not what it needs is left out. */
export const rows = <S extends z.ZodType>(row: S) =>
  z
    .array(z.unknown())
    .nullish()
    .transform((found): readonly z.output<S>[] =>
      (found ?? []).flatMap((each) => {
        const read = row.safeParse(each);
        return read.success ? [read.data] : [];
      }),
    );

const nodeRow = z.object({
  type: z.literal("node"),
  id: z.string(),
  name: z.string(),
  nodeid: looseText,
  level: looseText,
  ip: looseText,
  local: looseFlag,
  online: looseFlag,
});

const clusterRow = z.object({
  type: z.literal("cluster"),
  name: z.string(),
  nodes: looseNumber,
  quorate: looseFlag,
  version: looseText,
});

/** `/cluster/status`; a standalone host has no cluster. */
export const statusShape = rows(z.union([nodeRow, clusterRow])).transform((found) => ({
  cluster: found.find((row) => row.type === "cluster"),
  nodes: found.filter((row) => row.type === "node"),
}));

/** {@link statusShape}, parsed. */
export type ClusterStatus = z.output<typeof statusShape>;

const resource = z.object({
  type: z.string(),
  id: z.string(),
  node: looseText,
  status: looseText,
  name: looseText,
  vmid: looseNumber,
  pool: looseText,
  template: looseFlag,
  tags: looseText,
  hastate: looseText,
  lock: looseText,
  storage: looseText,
  plugintype: looseText,
  content: looseText,
  shared: looseFlag,
  cpu: looseNumber,
  maxcpu: looseNumber,
  mem: looseNumber,
  maxmem: looseNumber,
  memhost: looseNumber,
  disk: looseNumber,
  maxdisk: looseNumber,
  netin: looseNumber,
  netout: looseNumber,
  diskread: looseNumber,
  diskwrite: looseNumber,
  uptime: looseNumber,
});

/** `/cluster/resources`: nodes, guests, storages, pools and networks in one list. */
export const resourcesShape = rows(resource);

/** One row of {@link resourcesShape}. */
export type Resource = z.output<typeof resource>;
