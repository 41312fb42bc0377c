import { asCollectError, type CollectError } from "../../core/errors.ts";
import type { FieldComparison, FieldCounts, ServiceSpans, TraceQuestion } from "../../core/telemetry.ts";
import { chooseComparison } from "../spans/comparison.ts";
import { countSides } from "../spans/sides.ts";
import { besides, countByService, quantile } from "../spans/service-counts.ts";
import { isEntry } from "../spans/span-row.ts";
import type { TempoSession } from "./ask.ts";
import { compare } from "./compare.ts";
import { countSpans } from "./counts.ts";
import { takeSample, type Sample } from "./sample.ts";
import { allOf, anyOf, ENTRY, FAILED, quote, SERVICE, spanset } from "./traceql.ts";

/** Counts by service, where durations end, and the sample if it was one. */
export interface Figures {
  readonly services: readonly ServiceSpans[];
  /** Below which 99 of 100 spans of the baseline are, by service, in milliseconds. */
  readonly p99Ms: ReadonlyMap<string, number>;
  readonly sample: Sample | undefined;
  /** Why nothing is known of them. */
  readonly incomplete?: string;
}

/** Spans that are counted: a set of them, and the services among theirs that were asked for. */
export interface Counted {
  readonly spans: string;
  readonly asked: readonly string[];
}

/** Counts entry spans of both windows: all of them, or those of a sample where this Tempo counts none. */
export async function readFigures(session: TempoSession, counted: Counted, question: TraceQuestion): Promise<Figures> {
  const { window, baseline } = question;
  try {
    const [now, before] = await Promise.all([
      countSpans(session, counted.spans, { window, called: "window" }),
      countSpans(session, counted.spans, { window: baseline, called: "baseline" }),
    ]);
    return {
      services: besides(now.byService, before.byService, counted.asked),
      p99Ms: before.p99Ms,
      sample: undefined,
    };
  } catch (thrown) {
    noteRefusal(session, asCollectError(thrown));
    return fromSample(await takeSample(session, counted.spans, { window, baseline }), counted.asked);
  }
}

/** Throws what a sample would meet too. */
function noteRefusal({ log, signal }: TempoSession, refused: CollectError): void {
  if (signal.aborted || refused.reason === "unauthorized" || refused.reason === "forbidden") throw refused;
  log.note(`This Tempo did not count spans, so that a sample of its traces is looked at: ${refused.message}.`);
}

function fromSample(sample: Sample, asked: readonly string[]): Figures {
  const groups = Map.groupBy(sample.baseline.filter(isEntry), ({ span }) => span.service);
  const ends = [...groups].map(([service, rows]) => [service, quantile(rows, 0.99) ?? 0] as const);
  return {
    services: besides(countByService(sample.window), countByService(sample.baseline), asked),
    p99Ms: new Map(ends),
    sample,
  };
}

/** That a span took longer than its service's limit, in milliseconds; undefined without any. */
export function isSlower(limits: readonly (readonly [service: string, limitMs: number])[]): string | undefined {
  return anyOf(
    limits.map(([service, ms]) => {
      const limit = ms >= 10 ? `${Math.ceil(ms)}ms` : `${Math.max(1, Math.ceil(ms * 1_000))}us`;
      return `(${SERVICE} = ${quote(service)} && duration > ${limit})`;
    }),
  );
}

/** What was compared and what came of it. */
export interface Compared {
  readonly comparison: FieldComparison;
  readonly attributes: readonly FieldCounts[];
  /** A condition. */
  readonly selection?: string;
  /** Set when it was looked at for this alone. */
  readonly sample?: Sample;
  /** Why nothing was compared. */
  readonly incomplete?: string;
}

/** Compares attributes of the entry spans that meet the conditions; `services` are their counts. */
export async function compareAttributes(
  session: TempoSession,
  {
    conditions,
    services,
    sample,
  }: {
    readonly conditions: readonly (string | undefined)[];
    readonly services: readonly ServiceSpans[];
    readonly sample: Sample | undefined;
  },
  question: TraceQuestion,
): Promise<Compared> {
  const { window, baseline } = question;
  const limits = new Map(services.map(({ service, baseline: { p95Ms } }) => [service, p95Ms ?? Infinity]));
  const comparison = chooseComparison(services);
  const spans = spanset(...conditions);
  const meant = { failed: FAILED, slow: isSlower([...limits].filter(([, ms]) => ms < Infinity)), window: ENTRY };
  const selection = allOf([...conditions, meant[comparison]]);
  if (sample !== undefined) return { comparison, attributes: countSides(sample, comparison, limits), selection };
  // what is slow is compared with the same time: a baseline has other traffic
  const within = comparison === "slow" ? window : { from: Math.min(baseline.from, window.from), to: window.to };
  const purpose = `attributes of what is compared: ${comparison}`;
  try {
    const query = { spans, selection: spanset(meant[comparison]), window, within, purpose };
    return { comparison, attributes: await compare(session, query), selection };
  } catch (thrown) {
    noteRefusal(session, asCollectError(thrown));
    const taken = await takeSample(session, spans, { window, baseline });
    return { comparison, attributes: countSides(taken, comparison, limits), selection, sample: taken };
  }
}
