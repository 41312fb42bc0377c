import { z } from "zod";
import { looseFlag } from "../../../lib/answers/loose-shapes.ts";

/** What is not understood is no right that is lacking: it would be believed until the rights are asked for again. */
const passedOn = looseFlag.transform((flag, context): boolean => {
  if (flag === undefined) context.addIssue({ code: "custom", message: "must be 0 or 1" });
  return flag === true;
});

const privileges = z
  .record(z.string(), passedOn)
  .transform((held): ReadonlyMap<string, boolean> => new Map(Object.entries(held)));

/** `/access/permissions`: which privileges the token holds on which path, and whether each holds below it too. */
export const permissionsShape = z
  .record(z.string(), privileges)
  .transform((found): ReadonlyMap<string, ReadonlyMap<string, boolean>> => new Map(Object.entries(found)));

/**
 * Paths that the answer always has when anything is held on them. Source: pve-access-control,
 * get_effective_permissions.
 */
const ALWAYS_TOLD: ReadonlySet<string> = new Set(["/", "/access", "/nodes", "/pool", "/sdn", "/storage", "/vms"]);

/** What a token may do, by path. */
export class Permissions {
  readonly #byPath: z.output<typeof permissionsShape>;

  constructor(byPath: z.output<typeof permissionsShape>) {
    this.#byPath = byPath;
  }

  /** Whether there is no path on which the token may do anything. */
  get isEmpty(): boolean {
    return this.#byPath.size === 0;
  }

  /**
   * Whether the privilege is held on the path: by an entry for it, or by the nearest one above it that passes it on.
   */
  holds(privilege: string, path: string): boolean {
    for (let at = path; ; at = at.slice(0, Math.max(1, at.lastIndexOf("/")))) {
      const held = this.#byPath.get(at);
      if (held !== undefined) return at === path ? held.has(privilege) : held.get(privilege) === true;
      if (ALWAYS_TOLD.has(at)) return false;
    }
  }
}
