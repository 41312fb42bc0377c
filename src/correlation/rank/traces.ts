import type { ServiceSpans, TraceReading, TraceSummary } from "../../core/telemetry.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";
import { g2 } from "../statistics/g2.ts";
import { holm } from "../statistics/holm.ts";
import { wilsonGap } from "../statistics/wilson.ts";
import { slowdownOf } from "./failures.ts";
import { MOST_CHANCE, toItem, type Finding } from "./finding.ts";
import { duration, number, percent, times } from "./words.ts";

/** A service fails more when its share of failures lies so far above that of before, and is at least twice as large. */
const LEAST_GAP = 0.01;
const LEAST_GROWTH = 2;
/** Traces are shown as examples, not as proof: one that is an example of what stands out stands out with it. */
const EXAMPLE_SCORE = 0.3;

/** Looks for services whose spans fail more or take longer than before, and names traces as examples. */
export function rankTraces(reading: TraceReading): Finding[] {
  const failures = failuresOf(reading.services);
  const slow = reading.services.flatMap(slowService);
  const significant = (findings: readonly Finding[]): boolean => findings.some(({ item }) => item.isSignificant);
  return [
    ...failures,
    ...slow,
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
    }))
    .filter(({ now }) => now.count > 0);
  const chances = holm(tested.map(({ now, before }) => chiSquareSurvival(g2(now, before))));
  return tested.map(({ service, now, before }, at) => {
    const value = g2(now, before);
    const gap = wilsonGap(now, before);
    const [share, usual] = [now.count / Math.max(1, now.of), before.count / Math.max(1, before.of)];
    const pValue = chances[at] ?? 1;
    const item = toItem({
      signal: "traces",
      identity: ["fails", service],
      title: `${service} fails ${percent(share)} of its requests (${number(now.count)} of ${number(now.of)}), ${percent(usual)} before`,
      score: (value / (value + 20)) * (0.4 + 0.6 * Math.sqrt(gap)) * (gap > 0 ? 1 : 0.3),
      isSignificant: pValue < MOST_CHANCE && gap >= LEAST_GAP && share >= LEAST_GROWTH * usual,
      numbers: { statistic: "g2", value, pValue, window: now, baseline: before },
      detail: { kind: "service", service, what: "fails" },
    });
    return { item, role: "symptom" };
  });
}

function slowService({ service, window, baseline }: ServiceSpans): Finding[] {
  const { ratio = 0, isSignificant = false } = slowdownOf(window, baseline) ?? {};
  if (ratio <= 1 || window.p95Ms === undefined || baseline.p95Ms === undefined) return [];
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

function example(
  trace: TraceSummary,
  at: number,
  why: "failed" | "slow",
  isNews: boolean,
  { services }: TraceReading,
): Finding {
  const usual = services.find(({ service }) => service === trace.rootService)?.baseline.p95Ms;
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
    numbers: { statistic: "duration", value: usual === undefined || usual <= 0 ? 0 : trace.durationMs / usual },
    detail: { kind: "trace", trace, why },
  });
  return { item, role: "symptom" };
}
