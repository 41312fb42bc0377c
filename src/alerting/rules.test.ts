import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { alert, type AlertOverrides } from "../core/alert.ts";
import { minutes, seconds } from "../core/duration.ts";
import { gauge } from "../core/metric.ts";
import type { Pack } from "../core/pack.ts";
import { equal, greater, select } from "../core/promql.ts";
import { renderPrometheusRule, renderRuleFile } from "./rules.ts";

const shelf = select(gauge("shelf", { help: "The shelf.", labels: ["room"] }));
const pack: Pack = {
  id: "library",
  title: "The library",
  signals: {},
  alerts: [
    alert({
      name: "LibraryShelfFilling",
      severity: "warning",
      when: (most) => greater(shelf, most),
      threshold: { value: 0.8, unit: "ratio", help: "share that is used" },
      for: minutes(5),
      keepFiringFor: minutes(10),
      summary: ({ label, threshold }) => `The shelf of ${label.room} is more than ${threshold} full`,
      description: () => "Buy another.",
    }),
    alert({
      name: "LibraryShelfGone",
      severity: "critical",
      when: equal(shelf, 0),
      for: minutes(0),
      summary: () => "A shelf is gone",
      description: () => "Look for it.",
    }),
  ],
};

interface WrittenRule {
  readonly alert: string;
}
const externalUrl = "https://wk.example.org";
const rulesOf = (overrides?: AlertOverrides): readonly WrittenRule[] => {
  const text = renderRuleFile(pack, { externalUrl, ...(overrides && { overrides }) });
  return (parse(text) as { groups: { name: string; rules: WrittenRule[] }[] }).groups.flatMap(({ rules }) => rules);
};

describe("a pack's rules", () => {
  it("are as the pack says", () => {
    expect(rulesOf()).toEqual([
      {
        alert: "LibraryShelfFilling",
        expr: "shelf > 0.8",
        for: "5m",
        keep_firing_for: "10m",
        labels: { severity: "warning" },
        annotations: {
          summary: "The shelf of {{ $labels.room }} is more than 80% full",
          description: "Buy another.",
          runbook_url: "https://wk.example.org/runbooks/LibraryShelfFilling",
          dashboard_url: "https://wk.example.org/{{ with $labels.target }}?target={{ . }}{{ end }}",
        },
      },
      expect.objectContaining({ alert: "LibraryShelfGone", expr: "shelf == 0", labels: { severity: "critical" } }),
    ]);
    expect(rulesOf()[1]).not.toHaveProperty("for");
    expect(rulesOf({})).toEqual(rulesOf());
  });

  it("link to the pack's dashboard where there is a Grafana", () => {
    const dashboard = { id: "library", title: "Library", description: "Is it open?", variables: [], rows: [] };
    const text = (dashboards: Pack["dashboards"] = []): string =>
      renderRuleFile({ ...pack, dashboards }, { externalUrl, grafanaUrl: "https://grafana.example.org" });
    expect(text([dashboard])).toContain(
      "https://grafana.example.org/d/watchkeeper-library{{ with $labels.target }}?var-target={{ . }}{{ end }}",
    );
    expect(text()).toContain("https://wk.example.org/{{ with $labels.target }}?target={{ . }}{{ end }}");
  });

  it("are as somebody wants them, in the texts too", () => {
    const [filling, gone] = rulesOf({
      LibraryShelfFilling: { threshold: 0.95, severity: "critical", for: minutes(30), keepFiringFor: seconds(0) },
      LibraryShelfGone: { enabled: true, keepFiringFor: minutes(1) },
    });
    expect(filling).toMatchObject({
      expr: "shelf > 0.95",
      for: "30m",
      labels: { severity: "critical" },
      annotations: { summary: "The shelf of {{ $labels.room }} is more than 95% full" },
    });
    expect(filling).not.toHaveProperty("keep_firing_for");
    expect(gone).toMatchObject({ expr: "shelf == 0", keep_firing_for: "1m", labels: { severity: "critical" } });
  });

  it("leave out what is switched off", () => {
    const off = { enabled: false };
    expect(rulesOf({ LibraryShelfFilling: off }).map(({ alert: name }) => name)).toEqual(["LibraryShelfGone"]);
    expect(rulesOf({ LibraryShelfFilling: off, LibraryShelfGone: off })).toEqual([]);
  });

  it("are the same in the operator's resource", () => {
    const overrides = { LibraryShelfGone: { severity: "info" } } as const;
    const resource = parse(renderPrometheusRule(pack, { externalUrl, overrides })) as { spec: unknown };
    expect(resource).toMatchObject({ kind: "PrometheusRule", metadata: { name: "watchkeeper-library" } });
    expect(resource.spec).toEqual(parse(renderRuleFile(pack, { externalUrl, overrides })));
  });
});
