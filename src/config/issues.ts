import type { z } from "zod";
import { kindOf, nounOf, oneOf } from "./messages.ts";
import { listOf, nearest } from "./nearest.ts";
import type { PathFault } from "./references.ts";
import { knownKeys, schemasAt, type JsonSchema } from "./schema-tree.ts";
import { valueAt, type Path } from "./values.ts";

/** A fault of the settings' shape; `key` is set for a key of the mapping at `path` that is not known. */
export interface ShapeFault extends PathFault {
  readonly key?: string;
}

type Issue = z.core.$ZodIssue;

/** Turns what zod found into sentences for people. */
export function shapeFaults(root: JsonSchema, settings: unknown, issues: readonly Issue[]): readonly ShapeFault[] {
  const explain = (issue: Issue, base: Path): readonly ShapeFault[] => {
    const path = [...base, ...issue.path.map((key) => (typeof key === "number" ? key : String(key)))];
    const value = valueAt(settings, path);
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(root, settings, path, key));
    if (issue.code !== "custom" && value === undefined)
      return [{ path, message: missing(root, settings, path, issue) }];
    if (issue.code !== "custom" && value === null) return [{ path, message: EMPTY }];
    if (issue.code !== "invalid_union") return [{ path, message: issue.message }];
    if (issue.discriminator !== undefined) return [{ path, message: oneOf(optionsOf(issue), value) }];
    const branch = closestBranch(issue.errors, value);
    if (branch !== undefined) return branch.flatMap((inner) => explain(inner, path));
    return [{ path, message: noneOf(issue.errors, value) }];
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
  if (issue.code === "invalid_union") return `is missing: ${oneOf(optionsOf(issue), undefined)}`;
  const help = schemasAt(root, settings, path).find(({ description }) => description !== undefined)?.description;
  if (help !== undefined) return `is missing: ${help}`;
  const options = optionsOf(issue);
  if (options.length > 0) return `is missing: ${oneOf(options, undefined)}`;
  return "is missing";
}

/** The values that an enumeration or a union's discriminator allows. */
function optionsOf(issue: Issue): readonly unknown[] {
  if (issue.code === "invalid_value") return issue.values;
  return issue.code === "invalid_union" && "options" in issue ? (issue.options ?? []) : [];
}

function unknownKey(root: JsonSchema, settings: unknown, path: Path, key: string): ShapeFault {
  const known = knownKeys(root, settings, path);
  const meant = nearest(key, known);
  if (meant !== undefined) return { path, key, message: `unknown key "${key}"; did you mean "${meant}"?` };
  // a lost colon turns a value, even a secret one, into a key: only what looks like a setting's name is shown
  const shown = /^[a-z_]{1,32}$/.test(key) && valueAt(settings, [...path, key]) !== null;
  const list = known.length === 0 ? "none are known here" : `known are ${listOf(known)}`;
  return { path, key, message: `unknown key${shown ? ` "${key}"` : ""}; ${list}` };
}

/** Of a union's branches that take a value of this type, the one with the fewest faults. */
function closestBranch(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | undefined {
  const ofType = branches.filter((issues) => !issues.some((issue) => refusesType(issue, value)));
  return ofType.toSorted((a, b) => a.length - b.length)[0];
}

function refusesType(issue: Issue, value: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_value") return !issue.values.some((one) => typeof one === typeof value);
  return issue.code === "invalid_type";
}

function noneOf(branches: readonly (readonly Issue[])[], value: unknown): string {
  const expected = branches
    .flat()
    .filter((issue) => refusesType(issue, value))
    .flatMap((issue) => (issue.code === "invalid_type" ? [nounOf(issue.expected)] : optionsOf(issue).map(String)));
  return `must be ${[...new Set(expected)].join(" or ")}, is ${kindOf(value)}`;
}
