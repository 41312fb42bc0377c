import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import type { SloRule } from "../model.ts";
import { SLOTH_QUERIES } from "./__fixtures__/sloth-queries.ts";
import { httpSlo } from "./__fixtures__/slos.ts";
import { sloRules } from "./groups.ts";

const rules = sloRules([httpSlo()], { externalUrl: "https://wk.example.org", compat: "sloth" }).flatMap(
  ({ rules }) => rules,
);
const seriesOf = (name: string): readonly SloRule[] =>
  name === "ALERTS"
    ? rules.filter((rule) => "alert" in rule)
    : rules.filter((rule) => "record" in rule && rule.record === name);

interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

function selectorsOf(query: string): Selector[] {
  const found: Selector[] = [];
  parser
    .parse(query)
    .cursor()
    .iterate(({ node, type }) => {
      if (type.name !== "VectorSelector") return;
      const text = (of: { from: number; to: number }) => query.slice(of.from, of.to);
      const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
      const labels = matchers.map((matcher) => text(matcher.getChild("LabelName") ?? matcher));
      found.push({ metric: text(node.getChild("Identifier") ?? node), labels });
    });
  return found;
}

describe("rules that are compatible with sloth", () => {
  it.each(SLOTH_QUERIES)("record what is asked for in %s", (query) => {
    const selectors = selectorsOf(query);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, labels } of selectors) {
      const series = seriesOf(metric);
      expect({ metric, found: series.length > 0 }).toEqual({ metric, found: true });
      for (const label of labels.filter((name) => name !== "alertstate"))
        expect(
          series.some((rule) => label in rule.labels),
          `${label} of ${metric}`,
        ).toBe(true);
    }
  });

  it("have the labels by which sloth names an SLO, and the window of ratios", () => {
    const identity = {
      slo_id: "shop-requests",
      sloth_id: "shop-requests",
      sloth_service: "shop",
      sloth_slo: "requests",
    };
    expect(seriesOf("slo:period_error_budget_remaining:ratio")).toMatchObject([{ labels: identity }]);
    for (const window of ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"])
      expect(seriesOf(`slo:sli_error:ratio_rate${window}`).map(({ labels }) => labels)).toEqual([
        { ...identity, sloth_window: window },
      ]);
    expect(seriesOf("sloth_slo_info")).toMatchObject([{ labels: { team: "checkout", sloth_objective: "99.9" } }]);
  });

  it("tell pages and tickets apart as sloth does, without the window", () => {
    const burning = seriesOf("ALERTS").filter((rule) => "alert" in rule && rule.alert === "ShopRequestsFailing");
    expect(burning.map(({ labels }) => labels["sloth_severity"])).toEqual(["page", "ticket"]);
    for (const { expr } of burning) expect(expr).toContain("max without (sloth_window) (");
  });

  it("count under the same labels as without, so that the sums of a whole window go on over the change", () => {
    const counts = ["slo:sli_total:increase5m", "slo:sli_errors:increase5m"].flatMap(seriesOf);
    expect(counts.map(({ labels }) => labels)).toEqual([{ slo_id: "shop-requests" }, { slo_id: "shop-requests" }]);
  });

  it("leave no trace otherwise", () => {
    const plain = sloRules([httpSlo()], { externalUrl: "https://wk.example.org" });
    expect(JSON.stringify(plain)).not.toContain("sloth");
  });
});
