import type { LabIndex } from "./lab-index.ts";
import type { Field } from "./field-types.ts";
import { wildcard, type Json, type JsonObject } from "./json.ts";

/** What `_field_caps` is asked. */
export interface CapsQuestion {
  readonly fields: readonly string[];
  readonly includeUnmapped: boolean;
  readonly includeEmpty: boolean;
  /** `-metadata`, `-parent`, `-multifield`, `+metadata`, `-nested`. */
  readonly filters: readonly string[];
  /** Only these types; all when there are none. */
  readonly types: readonly string[];
}

interface Capability {
  readonly type: string;
  readonly isMetadata?: boolean;
  readonly isSearchable: boolean;
  readonly isAggregatable: boolean;
}

// name, type, searchable, aggregatable
const METADATA: readonly (readonly [string, string, boolean, boolean])[] = [
  ["_id", "_id", true, false],
  ["_index", "_index", true, true],
  ["_source", "_source", false, false],
  ["_ignored", "_ignored", true, true],
  ["_ignored_source", "_ignored_source", false, false],
  ["_seq_no", "_seq_no", true, true],
  ["_version", "_version", false, true],
  ["_routing", "_routing", true, false],
  ["_field_names", "_field_names", true, false],
  ["_nested_path", "_nested_path", true, false],
  ["_doc_count", "integer", false, false],
  ["_index_mode", "_index_mode", true, true],
  ["_data_stream_timestamp", "_data_stream_timestamp", false, false],
];

/** Says of each field, by its types, in which of the indices it can be searched and counted. */
export function fieldCaps(indices: readonly LabIndex[], question: CapsQuestion): JsonObject {
  const byName = new Map<string, Map<string, { index: string; capability: Capability }[]>>();
  for (const index of indices)
    for (const [name, capability] of capabilitiesOf(index, question)) {
      const types = byName.get(name) ?? new Map<string, { index: string; capability: Capability }[]>();
      byName.set(name, types);
      const seen = types.get(capability.type) ?? [];
      types.set(capability.type, [...seen, { index: index.name, capability }]);
    }
  const fields = [...byName].map(([name, types]) => [name, capsOf(types, indices, question)] as const);
  return { indices: indices.map(({ name }) => name), fields: Object.fromEntries(fields) };
}

type Types = ReadonlyMap<string, readonly { readonly index: string; readonly capability: Capability }[]>;

function capsOf(types: Types, indices: readonly LabIndex[], { includeUnmapped }: CapsQuestion): JsonObject {
  const mapped = new Set([...types.values()].flat().map(({ index }) => index));
  const lacking = indices.map(({ name }) => name).filter((name) => !mapped.has(name));
  const isSplit = types.size > 1 || (includeUnmapped && lacking.length > 0);
  const caps: Record<string, Json> = {};
  for (const [type, seen] of types) {
    const names = seen.map(({ index }) => index);
    const without = (what: "isSearchable" | "isAggregatable"): readonly string[] =>
      seen.filter(({ capability }) => !capability[what]).map(({ index }) => index);
    const [unsearchable, unaggregatable] = [without("isSearchable"), without("isAggregatable")];
    caps[type] = {
      type,
      metadata_field: seen.some(({ capability }) => capability.isMetadata === true),
      searchable: unsearchable.length === 0,
      aggregatable: unaggregatable.length === 0,
      ...(isSplit && { indices: names }),
      ...(unsearchable.length > 0 && unsearchable.length < names.length && { non_searchable_indices: unsearchable }),
      ...(unaggregatable.length > 0 &&
        unaggregatable.length < names.length && { non_aggregatable_indices: unaggregatable }),
    };
  }
  if (includeUnmapped && lacking.length > 0)
    caps["unmapped"] = {
      type: "unmapped",
      metadata_field: false,
      searchable: false,
      aggregatable: false,
      indices: lacking,
    };
  return caps;
}

function* capabilitiesOf(index: LabIndex, question: CapsQuestion): Generator<readonly [string, Capability]> {
  const { filters, types, includeEmpty } = question;
  const asked = question.fields.map(wildcard);
  const isWanted = (name: string, type: string): boolean =>
    asked.some((fits) => fits(name)) && (types.length === 0 || types.includes(type));
  if (!filters.includes("-metadata"))
    for (const [name, type, isSearchable, isAggregatable] of METADATA)
      if (isWanted(name, type)) yield [name, { type, isMetadata: true, isSearchable, isAggregatable }];
  if (filters.includes("+metadata")) return;
  const parents = new Set<string>();
  for (const name of index.mapping.names()) {
    const field = index.mapping.find(name);
    if (field === undefined || !isWanted(name, field.family)) continue;
    if (filters.includes("-multifield") && field.parent !== undefined) continue;
    if (!includeEmpty && !index.hasValues(field)) continue;
    yield [name, capabilityOf(field)];
    for (const parent of parentsOf(field)) parents.add(parent);
  }
  if (filters.includes("-parent")) return;
  for (const name of parents) {
    const type = index.mapping.containers.get(name)?.type === "nested" ? "nested" : "object";
    if (types.length === 0 || types.includes(type)) yield [name, { type, isSearchable: false, isAggregatable: false }];
  }
}

/** The objects around a field, which are told with it whether or not they were asked for. */
const parentsOf = ({ path, parent }: Field): readonly string[] => {
  const names = (parent ?? path).split(".").slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join("."));
};

const capabilityOf = ({ family, isSearchable, isAggregatable }: Field): Capability => ({
  type: family,
  isSearchable,
  isAggregatable,
});
