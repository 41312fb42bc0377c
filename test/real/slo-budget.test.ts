import { afterAll, beforeAll, expect, it } from "vitest";
import { days, inSeconds, seconds } from "../../src/core/duration.ts";
import { ERRORS, TOTAL } from "../../src/slo/conventions.ts";
import { httpSlo, promql } from "../../src/slo/rules/__fixtures__/slos.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import type { Slo } from "../../src/slo/model.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startBackfilled, type BackfilledPrometheus, type BackfilledRule } from "../helpers/slo-backfill.ts";
import { sloHistory } from "../helpers/slo-history.ts";

const ALL = 'http_requests_total{job="web"}';
const FAILED = 'http_requests_total{job="web",code=~"5.."}';
const STEP = 30;
const DAY = inSeconds(days(1));
const MONTH = 30 * DAY;

const slo: Slo = httpSlo({
  id: "web",
  objective: 0.995,
  sli: {
    kind: "events",
    total: promql(`sum(increase(${ALL}[$window]))`),
    errors: promql(`sum(increase(${FAILED}[$window]))`),
  },
});

describeReal("the budget of uneven traffic in Prometheus", ["prometheus", "promtool"], () => {
  const { openMetrics, end, truth, windows } = sloHistory();
  const month = { from: end - MONTH - 300, to: end, everySeconds: STEP };
  let prometheus: BackfilledPrometheus;
  beforeAll(async () => {
    prometheus = await startBackfilled(openMetrics);
  });
  afterAll(() => prometheus.stop());

  /** Share by which a query with `$window` is off the true ratio in each of the windows. */
  const offBy = async (query: string): Promise<number[]> => {
    const off: number[] = [];
    for (const { from, to } of windows) {
      const { value = NaN } = await prometheus.ask(query.replaceAll("$window", `${(to - from) / DAY}d`), to);
      off.push(value / truth(from, to) - 1);
    }
    return off;
  };

  it.each([30, 15])("is exact as the rules record it every %i s", async (everySeconds) => {
    const own = { ...slo, id: `web-${everySeconds}` };
    const records = sloRules([own], { externalUrl: "https://wk.example.org", step: seconds(everySeconds) })
      .flatMap(({ rules }) => rules)
      .filter((rule) => "record" in rule);
    const counts = records.filter(({ record }) => /:increase\w+$/.test(record));
    await prometheus.record(counts, { ...month, everySeconds });
    const sum = (of: string): string => `sum_over_time(${of}{slo_id="${own.id}"}[$window:5m])`;
    const off = await offBy(`${sum(ERRORS)} / ${sum(TOTAL)}`);
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.000_1);
  });

  it("is far off by an average of ratios, which is what sloth records", async () => {
    const fiveMinutes: BackfilledRule = {
      record: "sloth:sli_error:ratio_rate5m",
      expr: `sum(rate(${FAILED}[5m])) / sum(rate(${ALL}[5m]))`,
    };
    await prometheus.record([fiveMinutes], month);
    const over = (how: string): string => `${how}_over_time(sloth:sli_error:ratio_rate5m[$window])`;
    // one idle window is NaN for as long as it is within the range
    for (const off of await offBy(`${over("sum")} / ${over("count")}`)) expect(off).toBeNaN();
    const withoutIdle = await offBy("avg_over_time((sloth:sli_error:ratio_rate5m >= 0)[$window:5m])");
    expect(Math.max(...withoutIdle)).toBeGreaterThan(50);
    expect(Math.min(...withoutIdle.map(Math.abs))).toBeGreaterThan(0.1);
  });
});
