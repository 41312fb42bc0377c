import { z } from "zod";
import { looseFlag, looseNumber, looseText, rows } from "../../lib/answers/loose-shapes.ts";

/**
 * Shapes of Proxmox VE's answers. Its own schema is loose, so these are: a value that is not what it should be is
 * unknown (undefined), a row without its name is left out, and keys that nobody reads may be anything.
 * Source: https://pve.proxmox.com/pve-docs/api-viewer/
 */

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
