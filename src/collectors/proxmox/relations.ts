import type { Relation } from "../../core/pack.ts";
import { status } from "./metrics/cluster.ts";
import { zfs } from "./metrics/nodes.ts";
import { resources } from "./metrics/resources.ts";

const node = { kind: "node", label: "node" } as const;
/** Half of what is measured of a node has its id, the other half its name. */
const nodeById = { kind: "node", label: "name", by: ["id"] } as const;

/** How guests, nodes, storages and pools hang together. */
export const proxmoxRelations: readonly Relation[] = [
  { metric: resources.guestInfo, from: { kind: "guest", label: "name", by: ["id"] }, to: node, says: "runs on" },
  { metric: status.nodeInfo, from: nodeById, to: nodeById, says: "is" },
  { metric: resources.storageInfo, from: node, to: { kind: "storage", label: "storage", by: ["id"] }, says: "uses" },
  { metric: zfs.size, from: node, to: { kind: "pool", label: "pool", by: ["node", "pool"] }, says: "has" },
];
