import type { Relation } from "../../core/pack.ts";
import { datasets, pools } from "./metrics/pools.ts";

const pool = { kind: "pool", label: "pool" } as const;

/** How datasets, pools and the machine hang together; the machine has the target's name. */
export const trueNasRelations: readonly Relation[] = [
  { metric: datasets.used, from: { kind: "dataset", label: "dataset" }, to: pool, says: "lies in" },
  { metric: pools.info, from: pool, to: { kind: "node", label: "target" }, says: "belongs to" },
];
