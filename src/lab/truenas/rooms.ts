import type { LabMethods } from "./methods/contract.ts";
import { storageMethods } from "./methods/storage.ts";
import { systemMethods } from "./methods/system.ts";
import { tasksMethods } from "./methods/tasks.ts";

/** The methods of all rooms. */
export const ROOMS: LabMethods = { ...storageMethods, ...tasksMethods, ...systemMethods };

/** The role that a room's method needs, by which events of the same name are guarded too. */
export const roleOfMethod = (name: string): string | undefined => ROOMS[name]?.role;

/** All roles that methods of the rooms need. */
export const allRoles = (): readonly string[] => [
  ...new Set(Object.values(ROOMS).flatMap(({ role }) => (role === undefined ? [] : [role]))),
];
