import { bind } from "./bound-field.ts";
import { parsing } from "./errors.ts";
import type { JsonObject } from "./json.ts";
import type { Column, LabIndex } from "./lab-index.ts";
import { scored, type Matcher, type Query } from "./matcher.ts";
import { onlyKnown } from "./read.ts";

/** Reads `exists`. */
export function readExists(clause: JsonObject): Query {
  onlyKnown(clause, ["field", "boost", "_name"], "exists");
  const { field } = clause;
  if (typeof field !== "string") throw parsing("[exists] must be provided with a [field]");
  return (index) => existsMatcher(index, field);
}

/** What tests whether a document has a value; an object is there when one of its fields is. */
export function existsMatcher(index: LabIndex, field: string): Matcher {
  const bound = bind(index, field);
  const columns = bound === undefined ? columnsBelow(index, field) : [bound.column];
  return (doc) => scored(columns.some((column) => column[doc] !== undefined));
}

const columnsBelow = (index: LabIndex, path: string): readonly Column[] =>
  index.mapping.names().flatMap((name) => {
    const field = name.startsWith(`${path}.`) ? index.mapping.find(name) : undefined;
    return field === undefined ? [] : [index.column(field)];
  });
