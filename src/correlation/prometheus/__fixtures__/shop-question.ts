import { milliseconds } from "../../../core/duration.ts";
import type { MetricQuestion, MetricSource } from "../../../core/telemetry.ts";
import { openMetricSource } from "../source.ts";
import type { FakePrometheus, FakeSeries } from "./fake-prometheus.ts";

/** In milliseconds. */
export const MINUTE = 60_000;
/** When the window ends. */
export const TO = Date.UTC(2026, 2, 5, 12);
export const window = { from: TO - 10 * MINUTE, to: TO };
export const baseline = { from: TO - 70 * MINUTE, to: window.from };

/** What is asked about the shop. */
export const ask = (changes: Partial<MetricQuestion> = {}): MetricQuestion => ({
  subjects: [{ service: "shop" }],
  window,
  baseline,
  series: 100,
  ...changes,
});

/** A source a minute after the window, which gives up after `patience` (milliseconds). */
export const openFake = (fake: FakePrometheus, patience = 10_000): MetricSource =>
  openMetricSource(fake.target, { patience: milliseconds(patience), now: () => TO + MINUTE });

/** A series of the shop since the baseline; its value changes in every step unless told otherwise. */
export function shop(
  name: string,
  labels: Readonly<Record<string, string>> = {},
  value = (at: number): number => (at / 15) % 7,
): FakeSeries {
  return {
    labels: { __name__: name, service: "shop", ...labels },
    value: (at) => (at * 1_000 >= baseline.from ? value(at) : undefined),
  };
}
