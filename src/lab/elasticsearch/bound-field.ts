import { shardIllegal } from "./errors.ts";
import { readField, type Field, type Scalar } from "./field-types.ts";
import type { Column, LabIndex } from "./lab-index.ts";

/** A field with its values in one index. */
export interface BoundField {
  readonly field: Field;
  readonly column: Column;
}

/** The field of an index that a name leads to, also a key of a flattened one. */
export function bind(index: LabIndex, name: string): BoundField | undefined {
  const field = index.mapping.find(name);
  if (field !== undefined) return { field, column: index.column(field) };
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const outer = index.mapping.find(name.slice(0, dot));
    if (outer?.kind === "flattened")
      return { field: readField(name, { type: "keyword" }), column: index.keyed(outer, name.slice(dot + 1)) };
  }
  return undefined;
}

/** The field for sorting and counting; throws where it is a text. */
export function bindValues(index: LabIndex, name: string): BoundField | undefined {
  if (name.startsWith("_")) throw shardIllegal(metadata(name));
  const bound = bind(index, name);
  if (bound === undefined || bound.field.isAggregatable) return bound;
  const { path, kind } = bound.field;
  throw shardIllegal(
    kind === "text"
      ? `Fielddata is disabled on [${path}] in [${index.name}]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [${path}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.`
      : `Can't load fielddata on [${path}] because fielddata is unsupported on fields of type [${bound.field.type}]. Use doc values instead.`,
  );
}

/** Calls with each value of a document. */
export function eachValue(column: Column, doc: number, take: (value: Scalar) => void): void {
  const held = column[doc];
  if (held === undefined) return;
  if (isMany(held)) held.forEach(take);
  else take(held);
}

/** Whether one of a document's values is such. */
export function someValue(column: Column, doc: number, test: (value: Scalar) => boolean): boolean {
  const held = column[doc];
  return held !== undefined && (isMany(held) ? held.some(test) : test(held));
}

const isMany = (held: Scalar | readonly Scalar[]): held is readonly Scalar[] => Array.isArray(held);

const metadata = (name: string): string =>
  name === "_id"
    ? "Fielddata access on the _id field is disallowed, you can re-enable it by updating the dynamic cluster setting: indices.id_field_data.enabled"
    : `the lab neither sorts by the field [${name}] nor counts it`;
