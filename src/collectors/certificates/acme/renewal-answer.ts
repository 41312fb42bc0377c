import { z } from "zod";
import { days, inSeconds, minutes, hours } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import { readShape } from "../../../lib/answers/read-shape.ts";

/** When an authority suggests to renew a certificate; times are Unix seconds. */
export interface Suggestion {
  readonly start: number;
  readonly end: number;
}

/**
 * The wait until the same is asked again, in seconds: after what went wrong for long, or where the authority names
 * none.
 */
export const USUAL_WAIT = inSeconds(hours(6));
/**
 * Bounds on the wait that an authority names, in seconds. Source: https://www.rfc-editor.org/rfc/rfc9773#section-4.3
 */
export const SHORTEST_WAIT = inSeconds(minutes(1));
export const LONGEST_WAIT = inSeconds(days(1));

/** Source: https://www.rfc-editor.org/rfc/rfc3339#section-5.6 */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

const answerShape = z.object({
  suggestedWindow: z.object({ start: z.string().regex(RFC_3339), end: z.string().regex(RFC_3339) }),
});

/** Reads a RenewalInfo object. Throws `unexpected_shape`, also for a window that ends before it begins. */
export function readSuggestion(body: unknown, source: string): Suggestion {
  const { suggestedWindow } = readShape(answerShape, body, source);
  const [start, end] = [suggestedWindow.start, suggestedWindow.end].map((text) => Date.parse(text) / 1000);
  if (start === undefined || end === undefined || !(start < end))
    throw new CollectError("unexpected_shape", `${source}: the suggested window does not end after its start`);
  return { start, end };
}

/** The seconds from now that a `Retry-After` header names, from a minute to a day; undefined when it names none. */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim() ?? "";
  const wait = /^\d+$/.test(text) ? Number(text) : Date.parse(text) / 1000 - now;
  return Number.isNaN(wait) ? undefined : Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, wait));
}
