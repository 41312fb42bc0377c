import type { BundleQuestion } from "../../core/evidence.ts";
import type { ServiceSpans, TraceReading, TraceSummary } from "../../core/telemetry.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";
import { g2 } from "../statistics/g2.ts";
import { holm } from "../statistics/holm.ts";
import { rateG2 } from "../statistics/g2.ts";
import { wilsonGap } from "../statistics/wilson.ts";
import { failsAnew, LEAST_SLOWDOWN, slowdownOf } from "./failures.ts";
import { MOST_CHANCE, toItem, type Finding } from "./finding.ts";
import { changeOf, upheavalsOf, type Upheaval } from "./volume.ts";
import { duration, number, percent, times } from "../../lib/words.ts";

/** A service fails more when its share of failures lies so far above that of before, and is at least twice as large. */
const LEAST_GAP = 0.01;
const LEAST_GROWTH = 2;
/** Traces are shown as examples, not as proof: one that is an example of what stands out stands out with it. */
const EXAMPLE_SCORE = 0.3;
const SCORE_OF_SILENCE = 0.75;
const SCORE_OF_NEW = 0.8;

/** Looks for services whose spans fail more, take longer or are no more, and names traces as examples. */
export function rankTraces(reading: TraceReading, question: BundleQuestion): Finding[] {
  const failures = failuresOf(reading.services);
  const slow = reading.services.flatMap(slowService);
  const significant = (findings: readonly Finding[]): boolean => findings.some(({ item }) => item.isSignificant);
  return [
    ...failures,
    ...slow,
    ...silencesOf(reading, question),
    ...reading.failed.map((trace, at) => example(trace, at, "failed", significant(failures), reading)),
    ...reading.slow.map((trace, at) => example(trace, at, "slow", significant(slow), reading)),
  ];
}

function failuresOf(services: readonly ServiceSpans[]): Finding[] {
  const tested = services
    .map(({ service, window, baseline }) => ({
      service,
      now: { count: window.failed, of: window.spans },
      before: { count: baseline.failed, of: baseline.spans },
      isAnew: failsAnew({ service, window, baseline }, services),
    }))
    .filter(({ now }) => now.count > 0);
  const chances = holm(tested.map(({ now, before }) => chiSquareSurvival(g2(now, before))));
  return tested.map(({ service, now, before, isAnew }, at) => {
    const value = g2(now, before);
    const gap = wilsonGap(now, before);
    const [share, usual] = [now.count / Math.max(1, now.of), before.count / Math.max(1, before.of)];
    const pValue = chances[at] ?? 1;
    const isKnown = before.of > 0;
    const failed = `${percent(share)} of its requests (${number(now.count)} of ${number(now.of)})`;
    const item = toItem({
      signal: "traces",
      identity: ["fails", service],
      title: isKnown
        ? `${service} fails ${failed}, ${percent(usual)} before`
        : `${service} fails ${failed}, and none was seen before`,
      score: isAnew ? SCORE_OF_NEW : (value / (value + 20)) * (0.4 + 0.6 * Math.sqrt(gap)) * (gap > 0 ? 1 : 0.3),
      isSignificant: isAnew || (pValue < MOST_CHANCE && gap >= LEAST_GAP && share >= LEAST_GROWTH * usual),
      numbers: isKnown
        ? { statistic: "g2", value, pValue, selection: now, background: before }
        : { statistic: "none", value: 0, selection: now },
      detail: { kind: "service", service, what: "fails" },
    });
    return { item, role: "symptom" };
  });
}

function slowService({ service, window, baseline }: ServiceSpans): Finding[] {
  const { ratio = 0, isSignificant = false } = slowdownOf(window, baseline) ?? {};
  if (ratio < LEAST_SLOWDOWN || window.p95Ms === undefined || baseline.p95Ms === undefined) return [];
  const p95Ms = { window: window.p95Ms, baseline: baseline.p95Ms };
  const item = toItem({
    signal: "traces",
    identity: ["is_slow", service],
    title: `${service} is slow: p95 ${duration(p95Ms.window)}, ${times(ratio)} the usual ${duration(p95Ms.baseline)}`,
    score: 0.35 + 0.6 * Math.min(1, Math.log2(ratio) / 4),
    isSignificant,
    numbers: { statistic: "duration", value: ratio },
    detail: { kind: "service", service, what: "is_slow", p95Ms },
  });
  return [{ item, role: "symptom" }];
}

/** Services with far fewer requests than before. Of a sample only that nothing at all is in the window is known. */
function silencesOf({ services, sample, incomplete }: TraceReading, { window, baseline }: BundleQuestion): Finding[] {
  if (incomplete !== undefined || (sample !== undefined && services.some((one) => one.window.spans > 0))) return [];
  const [over, before] = [window.to - window.from, baseline.to - baseline.from];
  const volumes = services.map((one) => ({
    service: one.service,
    now: one.window.spans,
    usual: (one.baseline.spans * over) / before,
    most: Number.POSITIVE_INFINITY,
    value: rateG2({ count: one.window.spans, over }, { count: one.baseline.spans, over: before }),
  }));
  return upheavalsOf(volumes).map(toSilence);
}

function toSilence(upheaval: Upheaval): Finding {
  const { service, what, value, pValue } = upheaval;
  const item = toItem({
    signal: "traces",
    identity: [what, service],
    title: `${service} ${changeOf(upheaval, "request")}`,
    score: SCORE_OF_SILENCE * (value / (value + 20)),
    isSignificant: true,
    numbers: { statistic: "g2", value, pValue },
    detail: { kind: "service", service, what },
  });
  return { item, role: "symptom" };
}

function example(
  trace: TraceSummary,
  at: number,
  why: "failed" | "slow",
  isNews: boolean,
  { services }: TraceReading,
): Finding {
  const usual = services.find(({ service }) => service === trace.rootService)?.baseline.p95Ms;
  const ratio = why === "failed" || usual === undefined || usual <= 0 ? undefined : trace.durationMs / usual;
  const root = [trace.rootService ?? "a request", trace.rootName].filter((part) => part !== undefined).join(" ");
  const culprits = trace.failedServices?.filter((service) => service !== trace.rootService) ?? [];
  const within = why === "failed" && culprits.length > 0 ? ` (failed in ${culprits.slice(0, 3).join(", ")})` : "";
  const item = toItem({
    signal: "traces",
    identity: [why, trace.traceId],
    title: `${root} ${why === "failed" ? "failed after" : "took"} ${duration(trace.durationMs)}${within}: trace ${trace.traceId}`,
    score: EXAMPLE_SCORE / (1 + at / 4),
    // one example of each kind is enough among what stands out
    isSignificant: isNews && at === 0,
    // how long it took until it failed says nothing
    numbers:
      ratio !== undefined && ratio > 1 ? { statistic: "duration", value: ratio } : { statistic: "none", value: 0 },
    detail: { kind: "trace", trace, why },
  });
  return { item, role: "symptom" };
}
