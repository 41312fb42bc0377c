import type { Relation } from "../../core/pack.ts";
import { health } from "./metrics.ts";

/** The nodes of a cluster; the cluster is a service that has the target's name. */
export const vaultRelations: readonly Relation[] = [
  {
    metric: health.info,
    from: { kind: "vault_node", label: "node" },
    to: { kind: "service", label: "target" },
    says: "belongs to",
  },
];
