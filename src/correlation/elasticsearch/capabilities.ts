import { z } from "zod";
import type { StoredQuery } from "../../core/telemetry.ts";
import type { Elasticsearch } from "./client.ts";

const capability = z.object({
  type: z.string(),
  searchable: z.boolean().catch(true),
  aggregatable: z.boolean().catch(false),
  metadata_field: z.boolean().optional(),
  indices: z.union([z.string(), z.array(z.string())]).optional(),
});

const shape = z.object({
  indices: z.union([z.string(), z.array(z.string())]).optional(),
  fields: z.record(z.string(), z.record(z.string(), capability)),
  failures: z.array(z.object({ indices: z.array(z.string()).catch([]) })).optional(),
});

/** One field over all indices. */
export interface FieldCapability {
  readonly name: string;
  /** Families of types, such as `keyword`, without `unmapped`; more than one where indices differ. */
  readonly types: readonly string[];
  /** How many indices have each type; absent where it was not asked for, or all have the same. */
  readonly counts: Readonly<Record<string, number>>;
  readonly searchable: boolean;
  readonly aggregatable: boolean;
  readonly isMetadata: boolean;
  /** Indices without it, where it was asked for. */
  readonly missing: readonly string[];
}

/** What `_field_caps` answers. */
export interface Capabilities {
  readonly indices: readonly string[];
  readonly fields: ReadonlyMap<string, FieldCapability>;
  readonly notes: readonly string[];
  readonly query: StoredQuery;
}

/**
 * Asks which fields there are and of which type. With `unmapped` also where each is missing, which is much for many
 * fields.
 * Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-field-caps
 */
export async function readCapabilities(
  elasticsearch: Elasticsearch,
  indices: readonly string[],
  { names, unmapped }: { readonly names: readonly string[]; readonly unmapped: boolean },
  signal: AbortSignal,
): Promise<Capabilities> {
  const { answer, query } = await elasticsearch.ask(
    {
      purpose: unmapped ? "fields with a meaning" : "fields to compare",
      shape,
      call: (client, options) =>
        client.fieldCaps(
          {
            index: [...indices],
            fields: [...names],
            ignore_unavailable: true,
            allow_no_indices: true,
            include_unmapped: unmapped,
          },
          options,
        ),
    },
    signal,
  );
  const fields = new Map(
    Object.entries(answer.fields).map(([name, types]) => [name, toField(name, Object.entries(types))] as const),
  );
  const failed = (answer.failures ?? []).flatMap((failure) => failure.indices);
  const notes =
    failed.length === 0 ? [] : [`the fields of ${failed.length} indices could not be read: ${some(failed)}`];
  return { indices: listOf(answer.indices), fields, notes, query };
}

/** `service` may be a field in one index and a group of fields in another. */
const NO_FIELD: ReadonlySet<string> = new Set(["unmapped", "object"]);

type Typed = readonly (readonly [string, z.output<typeof capability>])[];

function toField(name: string, all: Typed): FieldCapability {
  const mapped = all.filter(([type]) => !NO_FIELD.has(type));
  return {
    name,
    types: mapped.map(([type]) => type),
    counts: Object.fromEntries(mapped.map(([type, { indices }]) => [type, listOf(indices).length])),
    searchable: mapped.every(([, { searchable }]) => searchable),
    aggregatable: mapped.every(([, { aggregatable }]) => aggregatable),
    isMetadata: mapped.some(([, { metadata_field: isMetadata }]) => isMetadata === true),
    missing: all.flatMap(([type, { indices }]) => (NO_FIELD.has(type) ? listOf(indices) : [])),
  };
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === "string" ? [value] : (value ?? []);

/** The first names of a list, for a sentence. */
export const some = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
