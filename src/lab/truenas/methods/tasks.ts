import type { LabMethods } from "./contract.ts";

/** Filled in by the engineer of this room. */
export const tasksMethods: LabMethods = {};
