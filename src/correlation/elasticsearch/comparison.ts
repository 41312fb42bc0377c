import type { estypes } from "@elastic/elasticsearch";
import { z } from "zod";
import type { FieldCounts, ReadingNotes } from "../../core/telemetry.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import { clip } from "../../lib/text.ts";
import { aggregationsOf, searchNotes, tally } from "./answers.ts";
import { searchIndices } from "./search.ts";
import type { Elasticsearch } from "./client.ts";

type Query = estypes.QueryDslQueryContainer;
type Aggregations = Record<string, estypes.AggregationsAggregationContainer>;

/** Which lines are compared with which. */
export interface ComparisonQuestion {
  readonly indices: readonly string[];
  /** All lines that are looked at. */
  readonly conditions: readonly Query[];
  readonly selection: Query;
  readonly background: Query;
  /** Names of fields, the best first. */
  readonly fields: readonly string[];
}

/** How many values of each side are looked at; what is rarer than a hundred others in what failed is no cause of it. */
const MOST_VALUES = 100;
/** Of those, how many are told. */
const MOST_TOLD = 50;
const MOST_CHARACTERS = 1_024;

const bucket = z.object({
  key: z.union([z.string(), z.number(), z.boolean()]),
  key_as_string: z.string().optional(),
  doc_count: tally,
});
const terms = z.object({
  sum_other_doc_count: z.number().catch(0),
  doc_count_error_upper_bound: z.number().catch(0),
  buckets: z.array(bucket),
});
const side = z.looseObject({ doc_count: tally });
const sides = z.object({ buckets: z.object({ selection: side, background: side }) });

/** One field as it was counted on both sides. */
interface Counted {
  readonly field: string;
  readonly distinct: number | undefined;
  readonly selection: Side;
  readonly background: Side;
}

interface Side {
  /** By value as Elasticsearch names it. */
  readonly counts: ReadonlyMap<string, number>;
  /** Keys as they are asked for again. */
  readonly keys: ReadonlyMap<string, string | number>;
  /** Every value is among them, with its exact count. */
  readonly isComplete: boolean;
}

/** Counts the values of fields on both sides, exactly for each value that is given. Rejects with `CollectError`. */
export async function compareFields(
  elasticsearch: Elasticsearch,
  question: ComparisonQuestion,
  signal: AbortSignal,
): Promise<ReadingNotes & { readonly fields: readonly FieldCounts[] }> {
  if (question.fields.length === 0) return { fields: [], notes: [], queries: [] };
  const named = question.fields.map((field, index) => ({ field, id: `f${index}` }));
  const first = await count(elasticsearch, question, "values of fields", signal, {
    perSide: Object.fromEntries(named.map(({ field, id }) => [id, { terms: { field, size: MOST_VALUES } }])),
    overall: Object.fromEntries(named.map(({ field, id }) => [id, { cardinality: { field } }])),
  });
  const counted = named.map(({ field, id }) => ({ id, ...first.field(field, id) }));
  const open = counted
    .filter(({ selection, background }) => !selection.isComplete || !background.isComplete)
    .map((field) => ({ ...field, include: mostTelling(field, first.totals) }))
    .filter(({ include }) => include.length > 0);
  if (open.length === 0) return { fields: toCounts(counted, first.totals), notes: first.notes, queries: first.queries };
  // of values beyond the most frequent ones the other side's count is not known yet
  const second = await count(elasticsearch, question, "exact counts of values", signal, {
    perSide: Object.fromEntries(
      open.map(({ field, id, include }) => [
        id,
        { terms: { field, size: include.length, include: [...include] as string[] } },
      ]),
    ),
    overall: {},
  });
  const exact = new Map(open.map(({ field, id, distinct }) => [id, { ...second.field(field, id), distinct }]));
  return {
    fields: toCounts(
      counted.map((field) => exact.get(field.id) ?? field),
      first.totals,
    ),
    notes: [...new Set([...first.notes, ...second.notes])],
    queries: [...first.queries, ...second.queries],
  };
}

interface Totals {
  readonly selection: number;
  readonly background: number;
}

interface Count extends ReadingNotes {
  readonly totals: Totals;
  readonly field: (field: string, id: string) => Counted;
}

async function count(
  elasticsearch: Elasticsearch,
  { indices, conditions, selection, background }: ComparisonQuestion,
  purpose: string,
  signal: AbortSignal,
  { perSide, overall }: { readonly perSide: Aggregations; readonly overall: Aggregations },
): Promise<Count> {
  const { answer, query } = await searchIndices(
    elasticsearch,
    {
      purpose,
      indices,
      size: 0,
      track_total_hits: false,
      query: { bool: { filter: [...conditions] } },
      aggs: { sides: { filters: { filters: { selection, background } }, aggs: perSide }, ...overall },
    },
    signal,
  );
  const where = `POST ${query.path}`;
  const notes = searchNotes(answer, purpose);
  const found = aggregationsOf(answer, where) ?? {};
  const { buckets } = readShape(sides, found["sides"] ?? EMPTY, where);
  return {
    notes,
    queries: [query],
    totals: { selection: buckets.selection.doc_count, background: buckets.background.doc_count },
    field: (field, id) => ({
      field,
      distinct: distinctOf(found[id]),
      selection: toSide(buckets.selection[id], where),
      background: toSide(buckets.background[id], where),
    }),
  };
}

/** Of no index at all there are no aggregations. */
const EMPTY = { buckets: { selection: { doc_count: 0 }, background: { doc_count: 0 } } };

function toSide(value: unknown, where: string): Side {
  if (value === undefined) return { counts: new Map(), keys: new Map(), isComplete: true };
  const read = readShape(terms, value, where);
  const named = read.buckets.map((one) => ({ ...one, name: one.key_as_string ?? String(one.key) }));
  return {
    counts: new Map(named.map(({ name, doc_count: n }) => [name, n])),
    keys: new Map(named.flatMap(({ name, key }) => (typeof key === "boolean" ? [] : [[name, key] as const]))),
    isComplete: read.sum_other_doc_count === 0 && read.doc_count_error_upper_bound === 0,
  };
}

const distinctOf = (value: unknown): number | undefined => {
  const read = z.object({ value: z.number() }).safeParse(value);
  return read.success ? read.data.value : undefined;
};

/** The values whose share differs most as far as is known, to be counted exactly. */
function mostTelling({ selection, background }: Counted, totals: Totals): readonly (string | number)[] {
  const share = (n: number | undefined, of: number): number => (n ?? 0) / Math.max(1, of);
  const keys = new Map([...selection.keys, ...background.keys]);
  return [...keys]
    .map(([name, key]) => {
      const inSelection = share(selection.counts.get(name), totals.selection);
      return { key, gap: Math.abs(inSelection - share(background.counts.get(name), totals.background)) };
    })
    .toSorted((a, b) => b.gap - a.gap)
    .slice(0, MOST_TOLD)
    .map(({ key }) => key);
}

/** Aliases give one field twice: of those with the same counts the first is kept. */
function toCounts(counted: readonly Counted[], totals: Totals): readonly FieldCounts[] {
  const seen = new Set<string>();
  return counted.flatMap((field) => {
    const values = valuesOf(field);
    const same = JSON.stringify(values);
    if (values.length === 0 || seen.has(same)) return [];
    seen.add(same);
    const { distinct } = field;
    return [
      {
        field: field.field,
        selectionTotal: totals.selection,
        backgroundTotal: totals.background,
        ...(distinct !== undefined && { distinct }),
        values,
      },
    ];
  });
}

const valuesOf = ({ selection, background }: Counted): FieldCounts["values"] =>
  [...new Set([...selection.counts.keys(), ...background.counts.keys()])].map((value) => ({
    value: clip(value, MOST_CHARACTERS),
    selection: selection.counts.get(value) ?? 0,
    background: background.counts.get(value) ?? 0,
  }));
