import type { z } from "zod";
import { oneOf, optionsOf, refusesType } from "./messages.ts";
import { listOf, nearest } from "./nearest.ts";
import { knownKeys, schemasAt, type JsonSchema } from "./schema-tree.ts";
import { valueAt, type Path, type PathFault } from "./values.ts";

type Issue = z.core.$ZodIssue;

/** Turns what zod found, with `plainMessage` as its `error`, into sentences for people. */
export function shapeFaults(root: JsonSchema, settings: unknown, issues: readonly Issue[]): readonly PathFault[] {
  const explain = (issue: Issue, base: Path): readonly PathFault[] => {
    const path = [...base, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(root, settings, path, key));
    if (issue.code === "custom" || issue.code === "invalid_key") return [{ path, message: issue.message }];
    const value = valueAt(settings, path);
    if (value === undefined) return [{ path, message: missing(root, settings, path, issue) }];
    if (value === null) return [{ path, message: EMPTY }];
    const branch = issue.code === "invalid_union" ? closestBranch(issue.errors, value) : undefined;
    return branch?.flatMap((inner) => explain(inner, path)) ?? [{ path, message: issue.message }];
  };
  return withoutSecondary(issues).flatMap((issue) => explain(issue, []));
}

/** How long a text is does not matter where a list is wanted. */
function withoutSecondary(issues: readonly Issue[]): readonly Issue[] {
  const places = new Set(issues.filter(({ code }) => code === "invalid_type").map(({ path }) => path.join("\0")));
  const isSecondary = ({ code, path }: Issue): boolean =>
    (code === "too_big" || code === "too_small") && places.has(path.join("\0"));
  return issues.filter((issue) => !isSecondary(issue));
}

const EMPTY = "is empty: give it a value, or take the key out";

function missing(root: JsonSchema, settings: unknown, path: Path, issue: Issue): string {
  const options = optionsOf(issue);
  const allowed = options.length === 0 ? undefined : oneOf(options, undefined);
  const help = schemasAt(root, settings, path).find(({ description }) => description !== undefined)?.description;
  // what tells the branches of a union apart is described once for each of them
  const said = issue.code === "invalid_union" ? (allowed ?? help) : (help ?? allowed);
  return said === undefined ? "is missing" : `is missing: ${said}`;
}

/** What looks like the name of a key, in words; random letters do not. */
const KEY_NAME = /^(?=.{1,32}$)[a-z_]+(?:[A-Z][a-z]{2,})*$/;

function unknownKey(root: JsonSchema, settings: unknown, path: Path, key: string): PathFault {
  const known = knownKeys(root, settings, path);
  const meant = nearest(key, known);
  if (meant !== undefined) return { path, key, message: `unknown key "${key}"; did you mean "${meant}"?` };
  // a lost colon turns a value, even a secret one, into a key: only what looks like a name is shown
  const shown = KEY_NAME.test(key) && valueAt(settings, [...path, key]) !== null;
  const list = known.length === 0 ? "none are known here" : `known are ${listOf(known)}`;
  return { path, key, message: `unknown key${shown ? ` "${key}"` : ""}; ${list}` };
}

/** Of a union's branches that take a value of this type, the one with the fewest faults. */
function closestBranch(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | undefined {
  const ofType = branches.filter((issues) => !issues.some((issue) => refusesType(issue, value)));
  return ofType.toSorted((a, b) => a.length - b.length)[0];
}
