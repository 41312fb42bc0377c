import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import { printable } from "../../lib/http/request-text.ts";

/** How many there are: fewer than none are no answer. */
export const tally = z.number().nonnegative();

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
  total: tally,
  failed: tally,
  failures: z.array(failure).optional().catch(undefined),
});

/** What every search answers, in the parts that are read. */
export const searchShape = z.object({
  timed_out: z.boolean().catch(false),
  _shards: shards,
  pit_id: z.string().optional(),
  hits: z.object({
    total: z.object({ value: tally, relation: z.string() }).optional(),
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

/**
 * The aggregations of an answer; undefined where there was no index to search, since then there are none. Throws
 * `unexpected_shape` for an answer that lacks them otherwise, such as one to another request.
 */
export function aggregationsOf({ aggregations, _shards }: SearchAnswer, where: string): SearchAnswer["aggregations"] {
  if (aggregations === undefined && _shards.total > 0)
    throw new CollectError("unexpected_shape", `${where}: the answer has no aggregations, which were asked for`);
  return aggregations;
}

/** Whether an answer saw everything. */
export const isWhole = ({ timed_out: isLate, _shards }: SearchAnswer): boolean => !isLate && _shards.failed === 0;

const reasonOf = (reason: z.output<typeof failure>["reason"]): string =>
  reason === undefined
    ? "no reason was given"
    : `${reason.type}${typeof reason.reason === "string" ? `: ${printable(reason.reason)}` : ""}`;

/**
 * Refuses an answer that lacks the lines of an index which gives fewer at a time than others
 * (`index.max_result_window`). Throws `body_too_large`.
 */
export function checkWindow({ _shards }: SearchAnswer, purpose: string): void {
  const isShort = (_shards.failures ?? []).some(({ reason }) => /window is too large/.test(reason?.reason ?? ""));
  if (isShort) throw new CollectError("body_too_large", `${purpose}: an index gives fewer lines at a time`);
}
