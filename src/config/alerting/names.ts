import { z } from "zod";
import { listOf, nearest } from "../../lib/documents/nearest.ts";
import { isMapping, type Path } from "../../lib/documents/values.ts";

/** A name for addresses and labels. */
export const nameField = (help: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "use letters, digits, dot, dash and underscore; 63 at most")
    .describe(help);

/** What is wrong at a place of a section. */
export interface Misfit {
  readonly path: Path;
  readonly message: string;
}

/** The entries of a list as it stands before it is known to be right; none when it is no list. */
export const entriesOf = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : []);

/** The value at a key of what may not be a mapping. */
export const fieldOf = (value: unknown, key: string): unknown =>
  isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The names that the entries of a list have. */
export const namesOf = (list: unknown): readonly string[] =>
  entriesOf(list).flatMap((entry) => {
    const name = fieldOf(entry, "name");
    return typeof name === "string" ? [name] : [];
  });

/** Entries that have the name of an earlier one. */
export function sameNames(list: unknown, path: Path): readonly Misfit[] {
  const seen = new Set<unknown>();
  return entriesOf(list).flatMap((entry, i) => {
    const name = fieldOf(entry, "name");
    if (typeof name !== "string" || seen.size < seen.add(name).size) return [];
    return [{ path: [...path, i, "name"], message: "is the name of an earlier entry of this list: names must differ" }];
  });
}

/** Names of a list that are not known, or stand twice; `what` they should name. The messages never have the name. */
export function badNames(list: unknown, path: Path, what: string, known: readonly string[]): readonly Misfit[] {
  const seen = new Set<string>();
  return entriesOf(list).flatMap((name, i) => {
    if (typeof name !== "string") return [];
    const isSecond = seen.size === seen.add(name).size;
    const message = isSecond
      ? "stands a second time in this list"
      : known.includes(name)
        ? ""
        : unknown(name, what, known);
    return message === "" ? [] : [{ path: [...path, i], message }];
  });
}

function unknown(name: string, what: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint =
    meant === undefined
      ? known.length === 0
        ? "none is written"
        : `known are ${listOf(known)}`
      : `did you mean "${meant}"?`;
  return `there is no ${what} of this name; ${hint}`;
}
