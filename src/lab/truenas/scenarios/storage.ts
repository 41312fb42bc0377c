import type { TrueNasScenario } from "../contract.ts";

/** Filled in by the engineer of this room. */
export const storageScenarios = {} as const satisfies Record<string, TrueNasScenario>;
