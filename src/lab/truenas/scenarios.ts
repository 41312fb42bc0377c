import type { TrueNasLab, TrueNasScenario, TrueNasScenarioName } from "./contract.ts";
import { storageScenarios } from "./scenarios/storage.ts";
import { systemScenarios } from "./scenarios/system.ts";
import { tasksScenarios } from "./scenarios/tasks.ts";

/** What can happen to a server. */
export const TRUENAS_SCENARIOS = {
  ...storageScenarios,
  ...tasksScenarios,
  ...systemScenarios,
  recover: {
    help: "All is well again: the server is filled anew and no fault is left.",
    run: async (lab: TrueNasLab) => {
      lab.reset();
      lab.setSocketFault(undefined);
      await lab.setFault(undefined);
    },
  },
} as const satisfies Readonly<Record<TrueNasScenarioName, TrueNasScenario>>;
