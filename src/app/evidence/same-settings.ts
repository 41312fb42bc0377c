import { isDeepStrictEqual } from "node:util";
import { Secret } from "../../core/secret.ts";
import type { DeskOptions } from "./desk-options.ts";

/**
 * Whether a desk would be opened just as the former one was. Never where that can not be seen: secrets all look alike,
 * and another certificate may stand in the same file.
 */
export const areSameSettings = (former: DeskOptions, next: DeskOptions): boolean =>
  isDeepStrictEqual(former, next) && !holdsUnseen([next.evidence, next.prometheus]);

function holdsUnseen(value: unknown): boolean {
  if (value instanceof Secret) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, one]) => (key === "caFile" && one !== undefined) || holdsUnseen(one));
}
