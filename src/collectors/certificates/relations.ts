import type { Relation } from "../../core/pack.ts";
import { certificates } from "./metrics.ts";

const stored = { kind: "certificate", label: "location" } as const;

/** Where certificates are kept. */
export const certificateRelations: readonly Relation[] = [
  {
    metric: certificates.notAfter,
    from: stored,
    to: { kind: "namespace", label: "secret_namespace" },
    says: "is kept in",
  },
  {
    metric: certificates.notAfter,
    from: stored,
    to: { kind: "namespace", label: "configmap_namespace" },
    says: "is kept in",
  },
  {
    metric: certificates.managedReady,
    from: { kind: "certificate", label: "name", by: ["namespace", "name"] },
    to: { kind: "namespace", label: "namespace" },
    says: "is kept in",
  },
];
