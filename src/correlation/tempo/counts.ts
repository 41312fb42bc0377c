import type { SpanCounts, TimeWindow } from "../../core/telemetry.ts";
import type { CountsByService } from "../spans/service-counts.ts";
import type { TempoSession } from "./ask.ts";
import { instant, type InstantAnswer } from "./metrics.ts";
import { SERVICE } from "./traceql.ts";

/** Counts of a window, and where the durations' ends are in milliseconds. */
export interface WindowCounts {
  readonly byService: CountsByService;
  /** Below which 99 of 100 spans are, by service. */
  readonly p99Ms: ReadonlyMap<string, number>;
}

/** Counts spans by service, all of them: `spans` is a set of spans. Rejects when this Tempo has no TraceQL metrics. */
export async function countSpans(
  session: TempoSession,
  spans: string,
  { window, called }: { readonly window: TimeWindow; readonly called: string },
): Promise<WindowCounts> {
  const counts = `${spans} | count_over_time() by (${SERVICE}, status)`;
  const ends = `${spans} | quantile_over_time(duration, .95, .99) by (${SERVICE})`;
  const [counted, durations] = await Promise.all([
    instant(session, { purpose: `spans by service in the ${called}`, q: counts, window }),
    instant(session, { purpose: `durations by service in the ${called}`, q: ends, window }),
  ]);
  for (const { partial } of [counted, durations]) {
    if (partial !== undefined) session.log.note(`Tempo gave a partial answer: ${partial}`);
  }
  return { byService: join(counted, readQuantile(durations, 0.95)), p99Ms: readQuantile(durations, 0.99) };
}

function join({ series }: InstantAnswer, p95Ms: ReadonlyMap<string, number>): CountsByService {
  const found = new Map<string, SpanCounts>();
  for (const { labels, value } of series) {
    const service = labels[SERVICE];
    if (service === undefined || service === "nil" || value === 0) continue;
    const { spans, failed } = found.get(service) ?? { spans: 0, failed: 0 };
    const end = p95Ms.get(service);
    found.set(service, {
      spans: spans + value,
      failed: failed + (labels["status"] === "error" ? value : 0),
      ...(end !== undefined && { p95Ms: end }),
    });
  }
  return found;
}

/** Tempo gives seconds. */
function readQuantile({ series }: InstantAnswer, share: number): ReadonlyMap<string, number> {
  const wanted = series.filter(({ labels, value }) => Number(labels["p"]) === share && value > 0);
  return new Map(wanted.map(({ labels, value }) => [labels[SERVICE] ?? "", value * 1_000]));
}
