import type { ClusterStatus, Resource } from "../schema.ts";

/** Figures that are last ones when nothing comes from the node any more. */
const FLEETING = [
  "uptime",
  "cpu",
  "mem",
  "memhost",
  "disk",
  "netin",
  "netout",
  "diskread",
  "diskwrite",
] as const satisfies readonly (keyof Resource)[];

/**
 * The resources as far as they are known now. For minutes Proxmox VE goes on to show guests and storages of a node that
 * is offline as they last were: nobody knows whether they run, so that their status is unknown and their figures are
 * gone, as those of the node itself are. What is configured, such as a guest's memory, stays.
 */
export function withoutStale(resources: readonly Resource[], { nodes }: ClusterStatus): readonly Resource[] {
  const offline = new Set(nodes.filter(({ online }) => online === false).map(({ name }) => name));
  if (offline.size === 0) return resources;
  const gone = Object.fromEntries(FLEETING.map((key) => [key, undefined]));
  return resources.map((row) => {
    if (row.type === "node" || row.node === undefined || !offline.has(row.node)) return row;
    return { ...row, ...gone, status: "unknown" };
  });
}
