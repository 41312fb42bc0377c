import type { ResolvedValues } from "../../dashboards/resolved.ts";

/** How bad a value is by the alerts of its panel; `none` where no alert says anything of it. */
export type Mood = ResolvedValues["levels"][number]["severity"] | "none";

/** How bad a value is. */
export function moodOf({ levels, booleans }: Pick<ResolvedValues, "levels" | "booleans">, value: number): Mood {
  if (Number.isNaN(value)) return "none";
  if (booleans !== undefined) return value === 0 ? booleans.zero : booleans.one;
  return levels.findLast(({ from }) => from === null || value >= from)?.severity ?? "none";
}
