import { join } from "node:path";
import { packageRoot } from "../../src/lib/package.ts";
import type { LabAnswers } from "./labs-process.ts";

/** All packs, alerting, evidence and SLOs; with or without one target more. Paths are relative to the labs' folder. */
export function settingsOf(
  { targets, destinations, evidence, prometheus }: LabAnswers["settings"],
  pace: number,
  hasMore: boolean,
): object {
  const more = hasMore ? { vault: [...(targets["vault"] ?? []), secondVault(targets)] } : {};
  return {
    targets: Object.fromEntries(
      Object.entries({ ...targets, ...more }).map(([kind, all]) => [kind, all.map((one) => ({ ...one, pace }))]),
    ),
    alerting: {
      sources: [{ name: "main", credentials: [{ type: "bearer", token_file: "source-token" }] }],
      destinations,
      route: { destinations: destinations.map(({ name }) => name) },
      retention: { groups: "1d", journal: "1h" },
    },
    evidence: { ...evidence, retention: "1d" },
    prometheus,
    slo: { specs: [join(packageRoot, "slo")] },
  };
}

/** A target that comes with one reload and goes with the next. */
const secondVault = (targets: LabAnswers["settings"]["targets"]): object => {
  const [first] = targets["vault"] ?? [];
  return { ...first, name: "vault-for-a-while", auth: undefined };
};
