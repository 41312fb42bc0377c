import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import { printable } from "../../lib/http/request-text.ts";

const values = z
  .record(z.string(), z.array(z.unknown()))
  .transform((record) => new Map(Object.entries(record)))
  .optional();

const hit = z.object({
  fields: values,
  ignored_field_values: values,
  sort: z
    .array(z.union([z.string(), z.number(), z.null()]))
    .optional()
    .catch(undefined),
});

/** One document of an answer, with the fields that were asked for. */
export type Hit = z.output<typeof hit>;

const failure = z.object({
  index: z.string().nullish(),
  reason: z.object({ type: z.string().catch("unknown"), reason: z.string().nullish() }).optional(),
});

const shards = z.object({
  total: z.number(),
  failed: z.number(),
  failures: z.array(failure).optional().catch(undefined),
});

/** What every search answers, in the parts that are read. */
export const searchShape = z.object({
  timed_out: z.boolean().catch(false),
  _shards: shards,
  pit_id: z.string().optional(),
  hits: z.object({
    total: z.object({ value: z.number(), relation: z.string() }).optional(),
    hits: z.array(hit),
  }),
  aggregations: z.record(z.string(), z.unknown()).optional(),
});

/** An answer of a search. */
export type SearchAnswer = z.output<typeof searchShape>;

/** What an answer could not see: shards that failed, time that ran out. */
export function searchNotes({ timed_out: isLate, _shards }: SearchAnswer, purpose: string): readonly string[] {
  const { failed, total, failures } = _shards;
  const why = [...new Set((failures ?? []).map(({ reason }) => reasonOf(reason)))].slice(0, 3).join("; ");
  return [
    ...(failed > 0
      ? [`${purpose}: ${failed} of ${total} shards failed, their lines are missing${why === "" ? "" : ` (${why})`}`]
      : []),
    ...(isLate ? [`${purpose}: Elasticsearch ran out of time and answered with what it had`] : []),
  ];
}

/** Whether an answer saw everything. */
export const isWhole = ({ timed_out: isLate, _shards }: SearchAnswer): boolean => !isLate && _shards.failed === 0;

const reasonOf = (reason: z.output<typeof failure>["reason"]): string =>
  reason === undefined
    ? "no reason was given"
    : `${reason.type}${typeof reason.reason === "string" ? `: ${printable(reason.reason)}` : ""}`;

/**
 * Refuses an answer that lacks the lines of an index which gives fewer at a time than others (`index.max_result_window`).
 * Throws `body_too_large`.
 */
export function checkWindow({ _shards }: SearchAnswer, purpose: string): void {
  const isShort = (_shards.failures ?? []).some(({ reason }) => /window is too large/.test(reason?.reason ?? ""));
  if (isShort) throw new CollectError("body_too_large", `${purpose}: an index gives fewer lines at a time`);
}
