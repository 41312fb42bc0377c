import { afterAll, beforeAll, expect, it } from "vitest";
import { days, hours, inSeconds, minutes, seconds } from "../../src/core/duration.ts";
import { ERRORS, TOTAL } from "../../src/slo/conventions.ts";
import { httpSlo, promql } from "../../src/slo/rules/__fixtures__/slos.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { gaugeSamples } from "../../src/slo/spec/counts.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startBackfilled, type BackfilledPrometheus, type BackfilledRule } from "../helpers/slo-backfill.ts";

const END = Date.UTC(2026, 0, 31) / 1_000;
const BEGIN = END - inSeconds(days(1));
/**
 * Between a full half minute and a target's scrapes: on the very moment at which a step begins and ends, and off it.
 */
const PHASES = [15, 7.3, 0];

/** Whether a target failed at a moment. */
const failed = (target: number, at: number): boolean => Math.floor(at / 30) % (41 + target) < 2;

const scrapes = PHASES.flatMap((phase, target) => {
  const first = BEGIN - inSeconds(hours(1)) + phase;
  return Array.from({ length: 25 * 120 }, (_, i) => ({
    target,
    at: first + i * 30,
    isBad: failed(target, first + i * 30),
  }));
});

describeReal("the budget of a boolean gauge in Prometheus", ["prometheus", "promtool"], () => {
  let prometheus: BackfilledPrometheus;
  beforeAll(async () => {
    const lines = scrapes.map(({ target, at, isBad }) => `probe{target="${target}"} ${isBad ? 0 : 1} ${at.toFixed(3)}`);
    prometheus = await startBackfilled(["# TYPE probe gauge", ...lines, "# EOF\n"]);
  });
  afterAll(() => prometheus.stop());

  it("counts each sample once", async () => {
    const { total, errors } = gaugeSamples("probe", []);
    const slo = httpSlo({ sli: { kind: "events", total: promql(total), errors: promql(errors) } });
    const rules = sloRules([slo], { externalUrl: "https://wk.example.org", step: seconds(30), lag: seconds(15) })
      .flatMap((group) => group.rules)
      .filter((rule) => "record" in rule && /:increase\w+$/.test(rule.record));
    await prometheus.record(rules as BackfilledRule[], {
      from: BEGIN - inSeconds(minutes(5)),
      to: END,
      everySeconds: 30,
    });
    const counted = async (of: string) =>
      (await prometheus.ask(`sum_over_time(${of}{slo_id="${slo.id}"}[${END - BEGIN}s:5m])`, END)).value;
    // 15 seconds late: after the first moment, up to and with the last one
    const seen = scrapes.filter(({ at }) => at > BEGIN - 15 && at <= END - 15);
    expect(await counted(TOTAL)).toBe(seen.length);
    expect(await counted(ERRORS)).toBe(seen.filter(({ isBad }) => isBad).length);
  });
});
