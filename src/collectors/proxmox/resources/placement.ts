import type { Resource } from "../schema.ts";

/** Whether the row is of a virtual machine or a container. */
export const isGuest = ({ type }: Resource): boolean => type === "qemu" || type === "lxc";

/** A row of `/cluster/resources` and on how many rows its id stood. */
interface Placed {
  readonly row: Resource;
  readonly count: number;
}

/**
 * The rows that are told, one for each id, sorted by it. A guest that migrates may stand on two nodes: where it runs is
 * where it is, and a row of unknown status is the last to be believed.
 */
export function onePerId(rows: readonly Resource[]): readonly Placed[] {
  const byId = new Map<string, Resource[]>();
  for (const row of rows) {
    const same = byId.get(row.id);
    if (same === undefined) byId.set(row.id, [row]);
    else same.push(row);
  }
  return [...byId]
    .map(([, same]) => ({ row: same.reduce(better), count: new Set(same.map(({ node }) => node)).size }))
    .toSorted((a, b) => compare(a.row.id, b.row.id));
}

function better(a: Resource, b: Resource): Resource {
  const difference = rank(b) - rank(a) || compare(a.node ?? "", b.node ?? "");
  return difference <= 0 ? a : b;
}

function rank({ status }: Resource): number {
  if (status === "running" || status === "online" || status === "available") return 2;
  return status === undefined || status === "unknown" ? 0 : 1;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
