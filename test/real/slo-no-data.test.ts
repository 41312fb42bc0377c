import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { printYaml } from "../../src/lib/yaml.ts";
import { httpSlo, promql } from "../../src/slo/rules/__fixtures__/slos.ts";
import { renderSloRuleFile } from "../../src/slo/rules/files.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import type { Slo } from "../../src/slo/model.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { runProgram } from "../helpers/process.ts";

const options = { externalUrl: "https://wk.example.org" };

describeReal("the no-data alerts of SLOs", ["promtool"], ({ promtool }) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "watchkeeper-slo-no-data-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const written = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it("tell of a group that is gone where that is wanted, and of no new one", async () => {
    const slo = httpSlo({
      groupBy: ["route"],
      alerting: { ...httpSlo().alerting, noData: { severity: "warning", groups: true } },
      sli: {
        kind: "events",
        total: promql("sum by (route) (increase(http_requests_total[$window]))"),
        errors: promql('sum by (route) (increase(http_requests_total{code="500"}[$window]))'),
      },
    });
    await written("rules.yaml", renderSloRuleFile(sloRules([slo], options)));
    const { code, stdout, stderr } = await runProgram(promtool, ["test", "rules", await written("test.yaml", GONE)]);
    expect({ code, output: stdout + stderr }).toEqual({
      code: 0,
      output: expect.stringContaining("SUCCESS") as unknown,
    });
  });

  it("tell that a composite lacks a member that says nothing itself", async () => {
    const member = (id: string, noData: Slo["alerting"]["noData"]): Slo =>
      httpSlo({
        id,
        alerting: { ...httpSlo().alerting, noData },
        sli: {
          kind: "events",
          total: promql(`sum(increase(requests_total{job="${id}"}[$window]))`),
          errors: promql(`sum(increase(requests_total{job="${id}",code="500"}[$window]))`),
        },
      });
    const composite = (id: string, ...members: string[]): Slo =>
      httpSlo({
        id,
        sli: { kind: "composite", method: "worst", members: members.map((sloId) => ({ sloId, weight: 1 })) },
      });
    const slos = [
      member("a", undefined),
      member("silent", undefined),
      member("telling", { severity: "info" }),
      composite("lacks", "a", "silent"),
      composite("told", "a", "telling"),
      composite("nothing", "silent", "telling"),
    ];
    await written("rules.yaml", renderSloRuleFile(sloRules(slos, options)));
    const { code, stdout, stderr } = await runProgram(promtool, ["test", "rules", await written("test.yaml", LACKING)]);
    expect({ code, output: stdout + stderr }).toEqual({
      code: 0,
      output: expect.stringContaining("SUCCESS") as unknown,
    });
  });
});

const whole = { slo_id: "shop-requests", slo_service: "shop", slo_name: "requests", team: "checkout" };

/** One route is gone after 8 hours, one that was there for an hour after 9, all of them after 12. */
const GONE = printYaml({
  rule_files: ["rules.yaml"],
  evaluation_interval: "2m",
  tests: [
    {
      interval: "1m",
      input_series: [
        { series: 'http_requests_total{route="/pay",code="200"}', values: "0+50x480 stale" },
        { series: 'http_requests_total{route="/new",code="200"}', values: "_x480 0+50x60 stale" },
        { series: 'http_requests_total{route="/",code="200"}', values: "0+100x720 stale" },
      ],
      alert_rule_test: [
        ["7h50m", []],
        ["10h", ["/pay"]],
        ["13h", [""]],
      ].map(([at, routes]) => ({
        eval_time: at,
        alertname: "SloNoData",
        exp_alerts: [routes].flat().map((route) => ({
          exp_labels: { ...whole, ...(route !== "" && { route }), severity: "warning", slo_alert: "no_data" },
          exp_annotations: {
            summary: `shop-requests${route === "" ? "" : ` route ${route}`} is not measured any more`,
            description:
              "Requests to the shop are answered. Objective: 99.9% over 30d. The query of its events gives nothing: the metric is gone, renamed or not scraped, or its rules are not evaluated. Until it is back nobody is paged for this objective.",
            runbook_url: "https://wk.example.org/runbooks/SloNoData",
            dashboard_url: "https://wk.example.org/slos/shop-requests",
          },
        })),
      })),
    },
  ],
});

const LACKING = printYaml({
  rule_files: ["rules.yaml"],
  evaluation_interval: "1m",
  tests: [
    {
      interval: "1m",
      input_series: [{ series: 'requests_total{job="a",code="200"}', values: "0+10x60" }],
      promql_expr_test: [
        {
          eval_time: "1h",
          expr: 'count by (slo_id) (ALERTS{slo_alert="no_data",alertstate="firing"})',
          exp_samples: ["lacks", "nothing", "telling"].map((id) => ({ labels: `{slo_id="${id}"}`, value: 1 })),
        },
      ],
    },
  ],
});
