import type { LogLine, ReadingNotes } from "../../core/telemetry.ts";
import { searchNotes } from "./answers.ts";
import { searchIndices } from "./search.ts";
import type { Elasticsearch } from "./client.ts";
import { any, oneOf } from "./filter.ts";
import type { Known } from "./known.ts";
import { WITHOUT } from "./field-names.ts";
import { hexId, inOrder, lineFields, toLine } from "./lines.ts";

/** Most lines of one trace. */
const MOST_LINES = 500;

/** The lines of a trace, by its id as it may be stored: with or without zeros in front, in either case. */
export async function readLinesOfTrace(
  elasticsearch: Elasticsearch,
  { profile, notes: known }: Known,
  { indices, traceId }: { readonly indices: readonly string[]; readonly traceId: string },
  signal: AbortSignal,
): Promise<ReadingNotes & { readonly lines: readonly LogLine[] }> {
  const id = hexId(traceId, 32);
  const time = profile.timestamp[0]?.name;
  if (id === undefined)
    return { lines: [], notes: ["this is no id of a trace: 1 to 32 hexadecimal digits"], queries: [] };
  if (profile.trace.length === 0 || time === undefined) {
    const why = `no index has a field for the trace: ${WITHOUT.trace} (see \`evidence.elasticsearch.fields.trace\`)`;
    return { lines: [], notes: [...known, ...(profile.indices > 0 ? [why] : [])], queries: [] };
  }
  const ids = spellings(id);
  const purpose = "lines of the trace";
  const { answer, query } = await searchIndices(
    elasticsearch,
    {
      purpose,
      indices,
      size: MOST_LINES,
      track_total_hits: true,
      query: { bool: { filter: [any(profile.trace.flatMap((field) => oneOf(field, ids)))] } },
      sort: [{ [time]: { order: "asc", unmapped_type: "date" } }],
      fields: lineFields(profile),
      _source: false,
    },
    signal,
  );
  const total = answer.hits.total?.value ?? 0;
  const left = total > MOST_LINES ? [`only the first ${MOST_LINES} of ${total} lines of the trace were read`] : [];
  return {
    lines: inOrder(answer.hits.hits.flatMap((hit) => toLine(hit, profile) ?? [])),
    notes: [...searchNotes(answer, purpose), ...left],
    queries: [query],
  };
}

function spellings(id: string): readonly string[] {
  const bare = id.replace(/^0+/, "");
  const half = id.startsWith("0".repeat(16)) ? [id.slice(16)] : [];
  const uuid = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  const all = [id, ...half, bare, uuid];
  return [...new Set([...all, ...all.map((one) => one.toUpperCase())])];
}
