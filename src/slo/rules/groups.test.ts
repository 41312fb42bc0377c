import { parser } from "@prometheus-io/lezer-promql";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { days, hours, minutes, seconds } from "../../core/duration.ts";
import type { Slo, SloRule } from "../model.ts";
import { anySlos } from "./__fixtures__/any-slos.ts";
import { httpSlo, promql } from "./__fixtures__/slos.ts";
import type { SloRuleOptions } from "./context.ts";
import { sloRules } from "./groups.ts";

const externalUrl = "https://wk.example.org";
const rulesOf = (slos: readonly Slo[], options: Partial<SloRuleOptions> = {}): readonly SloRule[] =>
  sloRules(slos, { externalUrl, ...options }).flatMap(({ rules }) => rules);
const nameOf = (rule: SloRule): string => ("record" in rule ? rule.record : rule.alert);
const expression = (slo: Slo, name: string, others: readonly Slo[] = []): string | undefined =>
  rulesOf([slo, ...others]).find((rule) => nameOf(rule) === name && rule.labels["slo_id"] === slo.id)?.expr;
const page = (slo: Slo, options: Partial<SloRuleOptions> = {}) =>
  rulesOf([slo], options).find(({ labels }) => labels["slo_alert"] === "page");

describe("the rules of an SLO", () => {
  it("are a fast group and a slow one, each in the order in which rules read each other", () => {
    const groups = sloRules([httpSlo()], { externalUrl });
    expect(groups.map(({ name, interval, rules }) => ({ name, interval, rules: rules.map(nameOf) }))).toEqual([
      {
        name: "slo-shop-requests-fast",
        interval: "30s",
        rules: [
          "slo:sli_total:increase30s",
          "slo:sli_errors:increase30s",
          "slo:sli_total:increase5m",
          "slo:sli_errors:increase5m",
          "slo:sli_error:ratio_rate5m",
          "slo:sli_error:ratio_rate30m",
          "slo:sli_error:ratio_rate1h",
          "slo:sli_error:ratio_rate6h",
          "slo:current_burn_rate:ratio",
          "ShopRequestsFailing",
        ],
      },
      {
        name: "slo-shop-requests-slow",
        interval: "2m",
        rules: [
          "slo:sli_error:ratio_rate2h",
          "slo:sli_error:ratio_rate1d",
          "slo:sli_error:ratio_rate3d",
          "ShopRequestsFailing",
          "slo:coverage:ratio",
          "slo:sli_error:ratio_rate30d",
          "slo:period_burn_rate:ratio",
          "slo:period_error_budget_remaining:ratio",
          "SloBudgetLow",
          "SloBudgetLow",
          "SloNoData",
          "slo:objective:ratio",
          "slo:error_budget:ratio",
          "slo:time_period:days",
          "slo_info",
        ],
      },
    ]);
  });

  it("carry no label but the identity on recorded series, and everything else on the info metric", () => {
    const records = rulesOf([httpSlo()]).filter((rule) => "record" in rule);
    const others = records.filter(({ record }) => record !== "slo_info");
    for (const { labels } of others) expect(labels).toEqual({ slo_id: "shop-requests" });
    expect(records.find(({ record }) => record === "slo_info")?.labels).toEqual({
      team: "checkout",
      slo_id: "shop-requests",
      slo_service: "shop",
      slo_name: "requests",
      slo_objective: "99.9",
      slo_window: "30d",
    });
  });

  it("count no errors where there is a total and no error series, and keep NaN out", () => {
    expect(expression(httpSlo(), "slo:sli_errors:increase30s")).toMatch(
      / >= 0 or sum\(slo:sli_total:increase30s\{slo_id="shop-requests"\}\) \* 0$/,
    );
    const total = "max(increase(h[$window]))";
    const estimated = httpSlo({
      sli: { kind: "events", total: promql(total), errors: promql("sum(increase(e[$window]))") },
    });
    expect(expression(estimated, "slo:sli_errors:increase5m")).toBe(
      "sum(increase(e[5m])) >= 0 or sum(max(increase(h[5m]))) * 0 >= 0",
    );
  });

  it("add up what each step added to counters, a while ago and at the given pace", () => {
    const sum = (slo: Slo, count: string) => expression(slo, `slo:sli_${count}:increase5m`);
    expect(sum(httpSlo(), "total")).toBe('sum_over_time(slo:sli_total:increase30s{slo_id="shop-requests"}[4m59s])');
    const { sli } = httpSlo();
    const total = sli.kind === "events" ? sli.total : promql("");
    const good = promql("clamp_min(sum(increase(a[$window])) - sum(increase(b[$window])), 0)");
    expect(sum(httpSlo({ sli: { kind: "events", total, errors: good } }), "errors")).toBe(
      'clamp_min(sum_over_time(slo:sli_errors:increase30s{slo_id="shop-requests"}[4m59s]), 0)',
    );
    const [fast] = sloRules([httpSlo()], { externalUrl, step: seconds(15), lag: seconds(20) });
    expect(fast?.interval).toBe("15s");
    const [first] = fast?.rules ?? [];
    expect(first).toMatchObject({ record: "slo:sli_total:increase15s" });
    expect(first?.expr).toContain('http_requests_total{job="shop"} offset 20s - (last_over_time(');
    expect(first?.expr).toContain("[5m] offset 35s)");
  });

  it("divide sums by sums, step by step up to an hour and by whole slices beyond", () => {
    const of = (what: string, length: string): string => `slo:sli_${what}:increase${length}{slo_id="shop-requests"}`;
    const [errors, total] = [of("errors", "5m"), of("total", "5m")];
    const ratio = (window: string) => expression(httpSlo(), `slo:sli_error:ratio_rate${window}`);
    expect(ratio("5m")).toBe(`${errors} / (${total} > 0)`);
    expect(ratio("1h")).toBe(
      `sum_over_time(${of("errors", "30s")}[1h]) / (sum_over_time(${of("total", "30s")}[1h]) > 0)`,
    );
    expect(ratio("30d")).toBe(`sum_over_time(${errors}[30d:5m]) / (sum_over_time(${total}[30d:5m]) > 0)`);
  });

  it("page when enough has failed only", () => {
    expect(page(httpSlo())?.expr).toContain(
      'sum_over_time(slo:sli_errors:increase30s{slo_id="shop-requests"}[1h]) >= 2)',
    );
    expect(page(httpSlo({ minimum: { events: 100, failures: 0 } }))?.expr).toContain(
      'sum_over_time(slo:sli_total:increase5m{slo_id="shop-requests"}[6h:5m]) >= 100)',
    );
    expect(page(httpSlo({ minimum: { events: 0, failures: 0 } }))?.expr).not.toContain("sum_over_time");
    const slices = httpSlo({ timeslices: { length: minutes(5), objective: 0.95 } });
    expect(page(slices)?.expr).toContain("sum_over_time(slo:sli_failures:increase5m");
  });

  it("take the owner's word for severity, labels and annotations, but not for identity", () => {
    const { alerting } = httpSlo();
    const labels = { severity: "sev1", slo_id: "other" };
    const annotations = { summary: "{{ $labels.slo_id }} is on fire" };
    const rule = page(httpSlo({ alerting: { ...alerting, page: { enabled: true, labels, annotations } } }));
    expect(rule).toMatchObject({
      labels: { severity: "sev1", slo_id: "shop-requests", team: "checkout" },
      annotations,
    });
  });

  it("show braces of a description and of labels as they are", () => {
    const rule = page(httpSlo({ description: "Of {{ tenant }}", labels: { team: "{{ x }}" } }));
    expect(rule).toMatchObject({ labels: { team: '{{ "{{" }} x }}' } });
    expect(JSON.stringify(rule)).toContain(JSON.stringify('Of {{ "{{" }} tenant }}. Objective:').slice(1, -1));
  });

  it("leave out what its owner does not want, and tiers that its window has no room for", () => {
    const off = { enabled: false, labels: {}, annotations: {} };
    const { alerting } = httpSlo();
    const none = httpSlo({ alerting: { ...alerting, page: off, ticket: off, noData: undefined, budgetLeft: [] } });
    expect(rulesOf([none]).filter((rule) => "alert" in rule)).toEqual([]);
    const short = rulesOf([httpSlo({ window: { kind: "rolling", length: days(1) } })]);
    expect(short.map(({ labels }) => labels["slo_alert"])).not.toContain("ticket");
  });

  it("give each budget threshold its own range, so that one alert fires at a time", () => {
    const low = rulesOf([httpSlo()]).filter((rule) => nameOf(rule) === "SloBudgetLow");
    expect(low.map(({ expr }) => expr.split(" and ")[0])).toEqual([
      'slo:period_error_budget_remaining:ratio{slo_id="shop-requests"} < 0.5 >= 0.1',
      'slo:period_error_budget_remaining:ratio{slo_id="shop-requests"} < 0.1',
    ]);
  });

  it("keep no label of a scrape where the query does not sum, whatever it groups by", () => {
    const total = (text: string, groupBy: readonly string[]) =>
      expression(
        httpSlo({ groupBy, sli: { kind: "events", total: promql(text), errors: promql("increase(e[$window])") } }),
        "slo:sli_total:increase30s",
      );
    expect(total("increase(a[$window])", [])).toMatch(/^sum\(\(a offset .*\)\) >= 0$/);
    expect(total("sum by (b, a) (increase(a[$window]))", ["a", "b"])).toMatch(/^sum by \(b, a\) \(a offset .*\) >= 0$/);
    expect(total('sum(increase(a{x=")"}[$window]))', [])).toMatch(/^sum\(a\{x="\)"\} offset .*\) >= 0$/);
    expect(total("sum(increase(a[$window])) - sum(increase(b[$window]))", [])).toMatch(
      /^sum\(sum\(a offset .*\) - sum\(b offset .*\)\) >= 0$/,
    );
    expect(total("sum(increase(a[$window]))", ["a"])).toMatch(/^sum by \(a\) \(sum\(a offset .*\)\) >= 0$/);
  });

  it("judge slices of time by what happened in them", () => {
    const slices = httpSlo({ timeslices: { length: minutes(15), objective: 0.95 } });
    const events = 'slo:sli_events:increase5m{slo_id="shop-requests"}';
    expect(expression(slices, "slo:sli_total:increase5m")).toBe(`${events} >= bool 0`);
    expect(expression(slices, "slo:sli_errors:increase5m")).toBe(
      `sum_over_time(slo:sli_failures:increase30s{slo_id="shop-requests"}[15m]) / (sum_over_time(slo:sli_events:increase30s{slo_id="shop-requests"}[15m]) > 0) > bool 0.05 or ${events} * 0`,
    );
  });

  it("say which member of a composite is missing", () => {
    const members = [{ sloId: "gone", weight: 1 }];
    const composite = httpSlo({ sli: { kind: "composite", method: "worst", members } });
    expect(() => sloRules([composite], { externalUrl })).toThrow("shop-requests is made of gone");
  });
});

describe("packed groups", () => {
  it("hold no more rules than asked, and the same ones", () => {
    fc.assert(
      fc.property(anySlos, fc.integer({ min: 5, max: 30 }), (slos, rulesPerGroup) => {
        const groups = sloRules(slos, { externalUrl, rulesPerGroup });
        expect(Math.max(...groups.map(({ rules }) => rules.length))).toBeLessThanOrEqual(rulesPerGroup);
        expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
        const sorted = (rules: readonly SloRule[]) => rules.map((rule) => JSON.stringify(rule)).toSorted();
        expect(sorted(groups.flatMap(({ rules }) => rules))).toEqual(sorted(rulesOf(slos)));
      }),
      { numRuns: 50 },
    );
  }, 30_000);

  it("let 55 SLOs live under Mimir's bounds of 70 groups with 20 rules", () => {
    const slos = Array.from({ length: 55 }, (_, i) => httpSlo({ id: `slo-${i}` }));
    expect(sloRules(slos, { externalUrl, rulesPerGroup: 20 }).length).toBeLessThanOrEqual(70);
  });

  it("keep each rule in the group of the records it reads and after them, but for windows of another pace", () => {
    const slos = Array.from({ length: 7 }, (_, i) => httpSlo({ id: `slo-${i}` }));
    const groups = sloRules(slos, { externalUrl, rulesPerGroup: 20 });
    const place = (name: string, id: string) => {
      const group = groups.findIndex(({ rules }) =>
        rules.some((rule) => nameOf(rule) === name && rule.labels["slo_id"] === id),
      );
      return {
        group,
        at: groups[group]?.rules.findIndex((rule) => nameOf(rule) === name && rule.labels["slo_id"] === id) ?? -1,
      };
    };
    for (const { id } of slos) {
      const chain = ["slo:sli_total:increase5m", "slo:sli_error:ratio_rate1h", "slo:current_burn_rate:ratio"];
      const [total, ratio, burn] = chain.map((name) => place(name, id));
      expect([ratio?.group, burn?.group]).toEqual([total?.group, total?.group]);
      expect([total?.at, ratio?.at, burn?.at]).toEqual(
        [total?.at, ratio?.at, burn?.at].toSorted((a = 0, b = 0) => a - b),
      );
    }
  });
});

describe("rules of any SLOs", () => {
  it("are PromQL, the same every time", () => {
    fc.assert(
      fc.property(anySlos, fc.constantFrom("sloth" as const, undefined), (slos, compat) => {
        const rules = rulesOf(slos, { compat });
        expect(rulesOf(slos, { compat })).toEqual(rules);
        for (const { expr } of rules) expect(faultIn(expr)).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  }, 30_000);

  it("have an order of tiers that does not matter to the windows", () => {
    const { alerting } = httpSlo();
    const tier = {
      alert: "page",
      long: hours(1),
      short: minutes(5),
      factor: 14.4,
      for: seconds(0),
      keepFiringFor: seconds(0),
    } as const;
    const tiers = [tier, { ...tier, alert: "ticket", long: days(30), short: hours(12) } as const];
    const names = (of: readonly SloRule[]) => of.map(nameOf).filter((name) => name.includes("ratio_rate"));
    const own = names(rulesOf([httpSlo({ alerting: { ...alerting, tiers } })]));
    expect(own).toEqual(["5m", "1h", "12h", "30d"].map((window) => `slo:sli_error:ratio_rate${window}`));
    expect(names(rulesOf([httpSlo({ alerting: { ...alerting, tiers: tiers.toReversed() } })]))).toEqual(own);
  });
});

/** The text from the first thing on that is no PromQL. */
function faultIn(text: string): string | undefined {
  let fault: string | undefined;
  parser
    .parse(text)
    .cursor()
    .iterate(({ type, from }) => {
      if (type.isError) fault ??= text.slice(from);
    });
  return fault;
}
