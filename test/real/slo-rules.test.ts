import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hours, minutes } from "../../src/core/duration.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { anySlos } from "../../src/slo/rules/__fixtures__/any-slos.ts";
import { httpSlo, promql } from "../../src/slo/rules/__fixtures__/slos.ts";
import { renderSloRuleFile } from "../../src/slo/rules/files.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { renderSloInhibitRules } from "../../src/slo/rules/inhibit.ts";
import type { Slo } from "../../src/slo/model.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { runProgram } from "../helpers/process.ts";

const options = { externalUrl: "https://wk.example.org" };

describeReal("the rules of SLOs", ["promtool", "amtool"], ({ promtool, amtool }) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "watchkeeper-slo-rules-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const written = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const check = async (file: string) => runProgram(promtool, ["check", "rules", "--lint=all", "--lint-fatal", file]);

  it.each([{}, { compat: "sloth" as const }, { rulesPerGroup: 20 }])(
    "are rules to Prometheus whatever the SLOs, with %j",
    async (more) => {
      const sets = fc.sample(anySlos, { numRuns: 20, seed: 1 });
      const slos = sets.flatMap((set, i) => set.map((slo) => apart(slo, i)));
      const groups = sloRules(slos, { ...options, ...more });
      const { code, stdout, stderr } = await check(await written("any.yaml", renderSloRuleFile(groups)));
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain(`SUCCESS: ${groups.flatMap(({ rules }) => rules).length} rules found`);
    },
  );

  it("tell a person what burns, how fast and for how long the budget lasts, for each group by itself", async () => {
    const page = { alert: "page", long: hours(1), short: minutes(5), factor: 2, for: minutes(2) } as const;
    const slo = httpSlo({
      objective: 0.9,
      alerting: { ...httpSlo().alerting, tiers: [{ ...page, keepFiringFor: minutes(15) }] },
      groupBy: ["route"],
      sli: {
        kind: "events",
        total: promql("sum by (route) (increase(http_requests_total[$window]))"),
        errors: promql('sum by (route) (increase(http_requests_total{code="500"}[$window]))'),
      },
    });
    await written("rules.yaml", renderSloRuleFile(sloRules([slo], options)));
    const { code, stdout, stderr } = await runProgram(promtool, ["test", "rules", await written("test.yaml", BURNING)]);
    expect({ code, output: stdout + stderr }).toEqual({
      code: 0,
      output: expect.stringContaining("SUCCESS") as unknown,
    });
  });

  it("page each group by itself with sloth's labels too", async () => {
    const slo = httpSlo({
      groupBy: ["route"],
      minimum: { events: 10, failures: 2 },
      sli: {
        kind: "events",
        total: promql("sum by (route) (increase(http_requests_total[$window]))"),
        errors: promql('sum by (route) (increase(http_requests_total{code="500"}[$window]))'),
      },
    });
    await written("rules.yaml", renderSloRuleFile(sloRules([slo], { ...options, compat: "sloth" })));
    const { code, stdout, stderr } = await runProgram(promtool, ["test", "rules", await written("test.yaml", PAGED)]);
    expect({ code, output: stdout + stderr }).toEqual({
      code: 0,
      output: expect.stringContaining("SUCCESS") as unknown,
    });
  });

  it("put a composite together from its members by each method", async () => {
    const member = (id: string): Slo =>
      httpSlo({
        id,
        sli: {
          kind: "events",
          total: promql(`sum(increase(requests_total{job="${id}"}[$window]))`),
          errors: promql(`sum(increase(requests_total{job="${id}",code="500"}[$window]))`),
        },
      });
    const composites = (["occurrences", "timeslices", "ratio_timeslices", "worst"] as const).map((method) => {
      const members = ["a", "b", "idle"].map((sloId, i) => ({ sloId, weight: i === 0 ? 3 : 1 }));
      return httpSlo({ id: method, sli: { kind: "composite", method, members } });
    });
    await written(
      "rules.yaml",
      renderSloRuleFile(sloRules([member("a"), member("b"), member("idle"), ...composites], options)),
    );
    const { code, stdout, stderr } = await runProgram(promtool, [
      "test",
      "rules",
      await written("test.yaml", COMPOSITE),
    ]);
    expect({ code, output: stdout + stderr }).toEqual({
      code: 0,
      output: expect.stringContaining("SUCCESS") as unknown,
    });
  });

  it("have an inhibition that Alertmanager takes", async () => {
    const config = `route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n${renderSloInhibitRules([httpSlo({ groupBy: ["route"] })])}`;
    const { code, stdout, stderr } = await runProgram(amtool, ["check-config", await written("am.yaml", config)]);
    expect({ code, output: stdout + stderr }).toEqual({
      code: 0,
      output: expect.stringContaining("1 inhibit rules") as unknown,
    });
  });
});

/** The same SLO under a name of its own in a larger set. */
function apart(slo: Slo, set: number): Slo {
  const id = (of: string): string => `set-${set}-${of}`;
  const { sli } = slo;
  const members = sli.kind === "composite" ? sli.members.map((of) => ({ ...of, sloId: id(of.sloId) })) : [];
  return { ...slo, id: id(slo.id), sli: sli.kind === "composite" ? { ...sli, members } : sli };
}

const labels = { slo_id: "shop-requests", slo_service: "shop", slo_name: "requests", team: "checkout", route: "/pay" };

/**
 * Half of the requests to one route fail from 3 hours on, so that the hour at 3 h 30 m has 24 % failures; all is well
 * on the other one.
 */
const BURNING = printYaml({
  rule_files: ["rules.yaml"],
  // else promtool takes them in any order, and the budget has the newest 5 minutes or not
  group_eval_order: ["slo-shop-requests-fast", "slo-shop-requests-slow"],
  evaluation_interval: "30s",
  tests: [
    {
      interval: "1m",
      input_series: [
        { series: 'http_requests_total{route="/pay",code="200"}', values: "0+100x180 18050+50x60" },
        { series: 'http_requests_total{route="/pay",code="500"}', values: "0x180 50+50x60" },
        { series: 'http_requests_total{route="/",code="200"}', values: "0+100x240" },
      ],
      alert_rule_test: [
        { eval_time: "3h", alertname: "ShopRequestsFailing", exp_alerts: [] },
        {
          eval_time: "3h30m",
          alertname: "ShopRequestsFailing",
          exp_alerts: [
            {
              exp_labels: { ...labels, severity: "critical", slo_alert: "page" },
              exp_annotations: {
                summary: "shop-requests (route /pay) burns its error budget 2.4 times too fast",
                description:
                  "Requests to the shop are answered. Objective: 90% over 30d. At this rate the rest of the budget is gone in 5d 2h 40m 38s. " +
                  "Look first at what changed last, and at what the service needs.",
                runbook_url: "https://wk.example.org/runbooks/SloBudgetBurn",
                dashboard_url: "https://wk.example.org/slos/shop-requests",
              },
            },
          ],
        },
      ],
    },
  ],
});

/** Half of the requests to one route fail. */
const PAGED = printYaml({
  rule_files: ["rules.yaml"],
  evaluation_interval: "30s",
  tests: [
    {
      interval: "1m",
      input_series: [
        { series: 'http_requests_total{route="/pay",code="200"}', values: "0+50x60" },
        { series: 'http_requests_total{route="/pay",code="500"}', values: "0+50x60" },
        { series: 'http_requests_total{route="/",code="200"}', values: "0+100x60" },
      ],
      promql_expr_test: ["page", "ticket"].map((kind) => ({
        eval_time: "1h",
        expr: `count by (slo_id, route) (ALERTS{slo_alert="${kind}",sloth_id="shop-requests",alertstate="firing"})`,
        exp_samples: [{ labels: '{slo_id="shop-requests",route="/pay"}', value: 1 }],
      })),
    },
  ],
});

/** All of a's requests fail for the last 5 minutes, a fifth of b's, and `idle` has none; b has four times as many. */
const COMPOSITE = printYaml({
  rule_files: ["rules.yaml"],
  evaluation_interval: "30s",
  tests: [
    {
      interval: "1m",
      input_series: [
        { series: 'requests_total{job="a",code="500"}', values: "0+10x30" },
        { series: 'requests_total{job="b",code="200"}', values: "0+32x30" },
        { series: 'requests_total{job="b",code="500"}', values: "0+8x30" },
        { series: 'requests_total{job="idle",code="200"}', values: "7x30" },
      ],
      promql_expr_test: [
        // (3 * 10 + 8) of (3 * 10 + 40)
        ["occurrences", 38 / 70],
        ["timeslices", 1],
        ["ratio_timeslices", 1],
        ["worst", 1],
      ].map(([method, value]) => ({
        eval_time: "30m",
        expr: `round(slo:sli_error:ratio_rate5m{slo_id="${method}"}, 0.0001)`,
        exp_samples: [{ labels: `{slo_id="${method}"}`, value: Number(Number(value).toFixed(4)) }],
      })),
    },
  ],
});
