import type { estypes } from "@elastic/elasticsearch";
import { minutes } from "../../core/duration.ts";
import type { LogId, LogLine, ReadingNotes } from "../../core/telemetry.ts";
import { searchNotes, type SearchAnswer } from "./answers.ts";
import { searchIndices } from "./search.ts";
import type { Asked, Elasticsearch } from "./client.ts";
import { filterQuery, within } from "./filter.ts";
import type { Known } from "./known.ts";
import { WITHOUT } from "./field-names.ts";
import { inOrder, lineFields, toLine, type TimedLine } from "./lines.ts";

/** Lines on each side of one. */
const MOST_AROUND = 50;
const AROUND = minutes(5);
/** One id in several indices, such as one that was copied. */
const MOST_OF_ID = 10;

interface Indices {
  readonly indices: readonly string[];
}

/**
 * The line of a document's id, in the indices of the configuration; of several the newest. An id may have a slash
 * itself, so that an index with an id is looked for as an id too.
 */
export async function readLine(
  elasticsearch: Elasticsearch,
  { profile, notes: known }: Known,
  { indices, of: { id, index } }: Indices & { readonly of: LogId },
  signal: AbortSignal,
): Promise<ReadingNotes & { readonly line: LogLine | undefined }> {
  const purpose = "the line";
  const time = profile.timestamp[0]?.name;
  const { answer, query } = await find(
    elasticsearch,
    {
      purpose,
      indices,
      fields: lineFields(profile),
      filter: [meant(id, index)],
      ...(time !== undefined && {
        sort: [{ [time]: { order: "desc", unmapped_type: "date", numeric_type: "date_nanos" } }],
      }),
      track_total_hits: true,
      size: MOST_OF_ID,
    },
    signal,
  );
  const lines = timed(answer, { profile }).toSorted((a, b) => b.exact - a.exact);
  const found = answer.hits.total?.value ?? answer.hits.hits.length;
  const timeless = found > 0 && lines.length === 0 ? [`there is a document of this id, but ${WITHOUT.timestamp}`] : [];
  const other = index === undefined ? "write index/id for another" : "it is an id as a whole, too";
  const several = found > 1 ? [`${found} documents have this id: the newest is shown (${other})`] : [];
  return {
    line: lines[0]?.line,
    notes: [...(found === 0 ? known : []), ...searchNotes(answer, purpose), ...timeless, ...several],
    queries: [query],
  };
}

function meant(id: string, index: string | undefined): estypes.QueryDslQueryContainer {
  const ids = (...values: readonly string[]): estypes.QueryDslQueryContainer => ({ ids: { values: [...values] } });
  if (index === undefined) return ids(id);
  const inIndex = { bool: { filter: [ids(id), { term: { _index: index } }] } };
  return { bool: { should: [inIndex, ids(`${index}/${id}`)], minimum_should_match: 1 } };
}

/** The lines of the same service around one, else of its pod or host: 50 on each side, in 5 minutes each. */
export async function readAround(
  elasticsearch: Elasticsearch,
  { profile }: Known,
  { indices, line: { at, service, pod, host } }: Indices & { readonly line: LogLine },
  signal: AbortSignal,
): Promise<ReadingNotes & { readonly lines: readonly LogLine[] }> {
  const time = profile.timestamp[0]?.name;
  const whose = { services: service, pods: service === undefined ? pod : undefined };
  const one = (name: string | undefined): readonly string[] => (name === undefined ? [] : [name]);
  const hosts = service === undefined && pod === undefined ? one(host) : [];
  const { conditions, notes } = filterQuery(
    { services: one(whose.services), pods: one(whose.pods), hosts, namespaces: [] },
    profile,
  );
  if (conditions === undefined || time === undefined) return { lines: [], notes, queries: [] };
  const side = (purpose: string, window: { from: number; to: number }, order: "asc" | "desc") =>
    find(
      elasticsearch,
      {
        purpose,
        indices,
        fields: lineFields(profile),
        filter: [...conditions, within(time, window)],
        sort: [{ [time]: { order, unmapped_type: "date" } }],
        size: MOST_AROUND,
      },
      signal,
    );
  const asked = await Promise.all([
    side("lines before it", { from: at - AROUND, to: at }, "desc"),
    side("it and the lines after it", { from: at, to: at + AROUND }, "asc"),
  ]);
  return {
    lines: inOrder(asked.flatMap(({ answer }) => timed(answer, { profile }))),
    notes: asked.flatMap(({ answer, query }) => searchNotes(answer, query.purpose)),
    queries: asked.map(({ query }) => query),
  };
}

const timed = ({ hits }: SearchAnswer, { profile }: Pick<Known, "profile">): readonly TimedLine[] =>
  hits.hits.flatMap((hit) => toLine(hit, profile) ?? []);

interface Search extends Indices {
  readonly purpose: string;
  readonly fields: ReturnType<typeof lineFields>;
  readonly filter: estypes.QueryDslQueryContainer[];
  readonly sort?: estypes.SortCombinations[];
  readonly track_total_hits?: true;
  readonly size: number;
}

const find = (
  elasticsearch: Elasticsearch,
  { purpose, indices, filter, ...search }: Search,
  signal: AbortSignal,
): Promise<Asked<SearchAnswer>> =>
  searchIndices(elasticsearch, { purpose, indices, query: { bool: { filter } }, _source: false, ...search }, signal);
