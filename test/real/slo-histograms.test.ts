import { afterAll, beforeAll, expect, it } from "vitest";
import { inSeconds, minutes, seconds } from "../../src/core/duration.ts";
import { ERRORS, TOTAL } from "../../src/slo/conventions.ts";
import type { Slo } from "../../src/slo/model.ts";
import { httpSlo, promql } from "../../src/slo/rules/__fixtures__/slos.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { nativeLatency, type Counts } from "../../src/slo/spec/counts.ts";
import { describeReal } from "../helpers/describe-real.ts";
import type { BackfilledPrometheus, BackfilledRule } from "../helpers/slo-backfill.ts";
import { BOUND, latencyHistory } from "../helpers/slo-latencies.ts";
import { startReceived } from "../helpers/slo-received.ts";

const EXPONENTIAL = nativeLatency("latency_seconds", BOUND, []);
const CUSTOM = nativeLatency("latency_custom_seconds", BOUND, []);
const fast = `histogram_fraction(-Inf, ${BOUND}, rate(latency_seconds[$window])) * histogram_count(increase(latency_seconds[$window]))`;

const sloOf = (id: string, { total, errors }: Counts): Slo =>
  httpSlo({ id, objective: 0.99, sli: { kind: "events", total: promql(total), errors: promql(errors) } });

describeReal("the budget of latencies from native histograms in Prometheus", ["prometheus", "promtool"], () => {
  const { requests, from, to, windows, truth } = latencyHistory();
  let prometheus: BackfilledPrometheus;
  beforeAll(async () => {
    prometheus = await startReceived(requests);
  });
  afterAll(() => prometheus.stop());

  const record = (rules: readonly BackfilledRule[], everySeconds: number) =>
    prometheus.record(rules, { from: from - inSeconds(minutes(5)), to, everySeconds });

  /** Share by which the recorded ratio of slow events is off the true one, in all of the time and in each day. */
  const offBy = async (errors: string, total: string): Promise<number[]> => {
    const off: number[] = [];
    for (const window of windows) {
      const range = `[${window.to - window.from}s:5m]`;
      const query = `sum_over_time(${errors}${range}) / sum_over_time(${total}${range})`;
      const { value = NaN } = await prometheus.ask(query, window.to);
      const { slow, total: all } = truth(window.from, window.to);
      off.push(Math.abs((value * all) / slow - 1));
    }
    return off;
  };

  it.each([
    ["of exponential buckets every 30 s", 30, EXPONENTIAL],
    ["of exponential buckets every 15 s", 15, EXPONENTIAL],
    ["of buckets with bounds of their own", 30, CUSTOM],
    [
      "told of each instance by itself",
      30,
      { total: EXPONENTIAL.total, errors: `${EXPONENTIAL.total} - sum(${fast})` },
    ],
  ])("is exact as the rules record it: %s", async (name, everySeconds, counts) => {
    const slo = sloOf(name.replaceAll(/\W/g, "-"), counts);
    const rules = sloRules([slo], { externalUrl: "https://wk.example.org", step: seconds(everySeconds) })
      .flatMap((group) => group.rules)
      .filter((rule) => "record" in rule && /:increase\w+$/.test(rule.record));
    await record(rules as BackfilledRule[], everySeconds);
    const off = await offBy(`${ERRORS}{slo_id="${slo.id}"}`, `${TOTAL}{slo_id="${slo.id}"}`);
    expect(Math.max(...off)).toBeLessThan(0.000_01);
  });

  it("is off by an estimate of increase(), which is how histograms are told that are not only counted", async () => {
    const at = (text: string): string => promql(text).at("5m");
    await record(
      [
        { record: "estimated:total", expr: at(EXPONENTIAL.total) },
        { record: "estimated:errors", expr: at(EXPONENTIAL.errors) },
      ],
      30,
    );
    expect(Math.max(...(await offBy("estimated:errors", "estimated:total")))).toBeGreaterThan(0.002);
  });
});
