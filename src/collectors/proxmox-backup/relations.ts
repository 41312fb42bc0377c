import type { Relation } from "../../core/pack.ts";
import { datastores, groups } from "./metrics.ts";

const datastore = { kind: "storage", label: "datastore" } as const;

/** What is backed up where; the server has the target's name, and a guest its number. */
export const proxmoxBackupRelations: readonly Relation[] = [
  {
    metric: groups.info,
    from: { kind: "guest", label: "backup_id", by: ["backup_type", "backup_id"] },
    to: datastore,
    says: "is backed up in",
  },
  { metric: datastores.usable, from: datastore, to: { kind: "node", label: "target" }, says: "belongs to" },
];
