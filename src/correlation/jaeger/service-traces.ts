import type { TimeWindow, TraceQuestion } from "../../core/telemetry.ts";
import { quantile } from "../spans/service-counts.ts";
import { isEntry, type SpanRow } from "../spans/span-row.ts";
import { groupByTrace } from "../spans/trace.ts";
import { searchTraces, type JaegerSearch, type JaegerSession } from "./api.ts";

/** Traces of a search that are looked at. */
const SAMPLE = 100;
/** As {@link SAMPLE}, where failed traces can not be searched for: Jaeger 1.76 in memory finds none. */
const BLIND_SAMPLE = 500;

/** Spans of whole traces in which a service has a part. */
export interface ServiceTraces {
  readonly window: readonly SpanRow[];
  readonly baseline: readonly SpanRow[];
  /** Of traces in which it failed, and in which it was slower than nearly all of the baseline. */
  readonly failed: readonly SpanRow[];
  readonly slow: readonly SpanRow[];
  /** Whether there may be more traces in window or baseline. */
  readonly isCut: boolean;
  /** Why window and baseline are missing: either alone would look like a change. */
  readonly incomplete?: string;
}

/** The newest traces of a service in both windows, and those that failed or were slow. */
export async function readService(
  session: JaegerSession,
  service: string,
  { window: span, baseline: before }: TraceQuestion,
): Promise<ServiceTraces> {
  const find = async (what: string, more: Partial<JaegerSearch>): Promise<readonly SpanRow[]> =>
    searchTraces(session, { purpose: `${what} of ${service}`, service, window: span, limit: SAMPLE, ...more });
  const optional = async (what: string, more: Partial<JaegerSearch>, instead: readonly SpanRow[] = []) =>
    session.log.optional(`${what} of ${service}`, async () => find(what, more), instead);
  const hasFailed = (row: SpanRow): boolean => row.span.service === service && row.span.status === "error";

  const side = async (which: string, window: TimeWindow) => {
    const what = `traces of the ${which}`;
    const missing = (why: string): Side => ({ incomplete: `${what} of ${service} could not be read: ${why}` });
    return session.log.half<Side>(
      `${what} of ${service}`,
      async () => ({ rows: await find(what, { window }) }),
      missing,
    );
  };

  const [failed, now, then] = await Promise.all([
    find("failed traces", { isFailed: true }),
    side("window", span),
    side("baseline", before),
  ]);
  const { rows: newest = [], incomplete = then.incomplete } = now;
  const { rows: baseline = [] } = then;
  if (incomplete !== undefined)
    return {
      window: [],
      baseline: [],
      failed: wholeTraces(merge([...failed, ...newest]), hasFailed),
      slow: [],
      isCut: false,
      incomplete,
    };
  const longerThanMs = limitOf(service, baseline);
  const isBlind = !failed.some(hasFailed) && newest.some(hasFailed);
  if (isBlind) session.log.note("This Jaeger does not find what failed: it is looked for among the newest traces.");
  const limit = isBlind && isFull(newest, SAMPLE) ? BLIND_SAMPLE : SAMPLE;
  const [window, slow] = await Promise.all([
    limit === SAMPLE ? newest : optional("more traces of the window", { limit }, newest),
    longerThanMs === undefined ? [] : optional("slow traces", { longerThanMs }),
  ]);
  const isSlow = (row: SpanRow): boolean => isEntryOf(service, row) && row.span.durationMs > (longerThanMs ?? 0);
  return {
    window,
    baseline,
    failed: wholeTraces(merge([...failed, ...window]), hasFailed),
    slow: wholeTraces(slow, isSlow),
    isCut: isFull(window, limit) || isFull(baseline, SAMPLE),
  };
}

interface Side {
  readonly rows?: readonly SpanRow[];
  readonly incomplete?: string;
}

const isFull = (rows: readonly SpanRow[], limit: number): boolean => groupByTrace(rows).size >= limit;

const isEntryOf = (service: string, row: SpanRow): boolean => isEntry(row) && row.span.service === service;

/** The duration in milliseconds that nearly all of the service's entry spans stay below. */
function limitOf(service: string, baseline: readonly SpanRow[]): number | undefined {
  return quantile(
    baseline.filter((row) => isEntryOf(service, row)),
    0.99,
  );
}

/** The traces in which a span is as it is wanted: not every release looks at all that it is asked. */
function wholeTraces(rows: readonly SpanRow[], isWanted: (row: SpanRow) => boolean): readonly SpanRow[] {
  const wanted = new Set(rows.filter(isWanted).map(({ traceId }) => traceId));
  return rows.filter(({ traceId }) => wanted.has(traceId));
}

/** Each span once. */
export function merge(rows: readonly SpanRow[]): readonly SpanRow[] {
  return [...groupByTrace(rows).values()].flat();
}
