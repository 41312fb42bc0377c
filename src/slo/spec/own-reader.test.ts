import { describe, expect, it } from "vitest";
import { days, hours, minutes } from "../../core/duration.ts";
import type { Slo } from "../model.ts";
import { WINDOW } from "./defaults.ts";
import { readSlos } from "./load.ts";
import { ownFormat } from "./own-reader.ts";
import { ownJsonSchema } from "./own-schema.ts";
import { slothFormats } from "./sloth-reader.ts";

const HEAD = "version: watchkeeper/v1\nservice: shop\n";

function read(text: string): readonly Slo[] {
  const { slos, findings } = readSlos([{ file: "slo.yaml", text }], [ownFormat, ...slothFormats(WINDOW)]);
  expect(findings).toEqual([]);
  return slos;
}

function one(text: string): Slo {
  const [slo] = read(text);
  if (slo === undefined) throw new Error("no SLO was read");
  return slo;
}

const queries = ({ sli }: Slo): readonly string[] =>
  sli.kind === "events" ? [sli.total.at("5m"), sli.errors.at("5m")] : [];

const withSli = (sli: string, more = ""): Slo => one(`${HEAD}slos: [{ name: a, objective: 99, sli: ${sli}${more} }]`);

describe("an objective", () => {
  it.each([
    ["99.9", 0.999],
    ['"99.9"', 0.999],
    ["99.95%", 0.9995],
    ["99.99 %", 0.9999],
    ["1.5", 0.015],
    ["90", 0.9],
  ])("of %s is the nearest number to the share", (text, share) => {
    const slo = one(`${HEAD}slos: [{ name: a, objective: ${text}, sli: { up: { metric: up } } }]`);
    expect(slo.objective).toBe(share);
  });
});

describe("what is measured", () => {
  it("takes all that is not good for failed, also when nothing is good", () => {
    const slo = withSli("{ events: { total: 'sum(rate(x[$window]))', good: 'sum(rate(y[$window]))' } }");
    const [all, good] = ["sum(increase(x[5m]))", "sum(increase(y[5m]))"];
    expect(queries(slo)).toEqual([all, `clamp_min(${all} - (${good} or ${all} * 0), 0)`]);
  });

  it("knows no events of a histogram without the bucket of its threshold", () => {
    const slo = withSli("{ latency: { histogram: h, selector: '{a=\"b\"}', threshold: 2s } }", ", group_by: [x, y]");
    const all = 'sum by (x, y) (increase(h_count{a="b"}[5m]))';
    const fast = 'sum by (x, y) (increase(h_bucket{a="b",le=~"2|2[.]0"}[5m]))';
    expect(queries(slo)).toEqual([`${all} and ${fast}`, `clamp_min(${all} - ${fast}, 0)`]);
  });

  it("takes a threshold without unit as it is", () => {
    expect(queries(withSli("{ latency: { histogram: h, threshold: 512 } }"))[0]).toContain('le=~"512|512[.]0"');
  });

  it("asks native histograms for the fraction below the threshold", () => {
    const all = "histogram_count(sum(increase(h[5m])))";
    expect(queries(withSli("{ latency: { histogram: h, threshold: 300ms, native: true } }"))).toEqual([
      all,
      `clamp_min(${all} * (1 - histogram_fraction(-Inf, 0.3, sum(increase(h[5m])))), 0) >= 0`,
    ]);
  });

  it("counts the samples of a gauge", () => {
    const all = "sum(count_over_time(up[5m]))";
    expect(queries(withSli("{ up: { metric: up } }"))).toEqual([
      all,
      `clamp_min(${all} - sum(sum_over_time(up[5m])), 0)`,
    ]);
  });

  it("finds the members of a composite by their names and ids", () => {
    const slos = read(`${HEAD}slos:
  - { name: a, id: special, objective: 99, sli: { up: { metric: up } } }
  - { name: b, objective: 99, sli: { composite: { method: worst, of: [{ slo: a }, { slo: other-x, weight: 3 }] } } }
`);
    const members = [
      { sloId: "special", weight: 1 },
      { sloId: "other-x", weight: 3 },
    ];
    expect(slos[1]?.sli).toEqual({ kind: "composite", method: "worst", members });
  });
});

describe("the defaults of a file", () => {
  const [plain, own, ratio] = read(`${HEAD}labels: { team: a, tier: "1" }
defaults:
  window: 28d
  group_by: [job]
  minimum: { events: 20 }
  alerts:
    name: Burns
    labels: { route: web, area: eu }
    page: { annotations: { wiki: one } }
    no_data: { severity: info }
    budget_left: [10%]
slos:
  - { name: plain, objective: 99, sli: { up: { metric: up } } }
  - name: own
    objective: 99
    labels: { tier: "2" }
    window: { calendar: quarter }
    group_by: []
    minimum: { failures: 7 }
    sli: { up: { metric: up } }
    alerts:
      labels: { area: us }
      page: { enabled: false, annotations: { wiki: two } }
      ticket: { enabled: false }
      budget_left: []
      tiers: [{ alert: page, long: 6h, budget: 5% }]
  - { name: ratio, objective: 99, sli: { ratio: { errors: "avg_over_time(x[$window])" } } }
`);

  it("hold for an SLO that says nothing else", () => {
    expect(plain).toMatchObject({
      id: "shop-plain",
      labels: { team: "a", tier: "1" },
      window: { kind: "rolling", length: days(28) },
      groupBy: ["job"],
      minimum: { events: 20, failures: 2 },
      alerting: {
        name: "Burns",
        page: { enabled: true, labels: { route: "web", area: "eu" }, annotations: { wiki: "one" } },
        ticket: { enabled: true, labels: { route: "web", area: "eu" }, annotations: {} },
        noData: { severity: "info" },
        budgetLeft: [{ below: 0.1, severity: "warning" }],
        tiers: undefined,
      },
    });
  });

  it("give way to what it says, label by label", () => {
    expect(own).toMatchObject({
      labels: { team: "a", tier: "2" },
      window: { kind: "calendar", unit: "quarter", timeZone: "UTC" },
      groupBy: [],
      minimum: { events: 20, failures: 7 },
      alerting: {
        name: "Burns",
        page: { enabled: false, labels: { route: "web", area: "us" }, annotations: { wiki: "two" } },
        budgetLeft: [],
      },
    });
    expect(own?.alerting.noData).toBeUndefined();
    expect(own?.alerting.tiers).toEqual([
      { alert: "page", long: hours(6), short: minutes(30), factor: 18, for: minutes(0), keepFiringFor: minutes(15) },
    ]);
  });

  it("ask for no events of what knows none", () => {
    expect(ratio?.minimum).toEqual({ events: 0, failures: 0 });
  });
});

describe("a specification of sloth", () => {
  const SLO = (keys: readonly [string, string]) => `
      sli:
        events:
          ${keys[0]}: sum(rate(x{code="5"}[{{ .window }}]))
          ${keys[1]}: sum(rate(x[{{.window}}]))`;

  it("is the same in both of its spellings", () => {
    const snake = one(`version: prometheus/v1
service: shop
labels: { a: b }
slos:
    - name: x
      objective: 99.9
      labels: { c: d }${SLO(["error_query", "total_query"])}
      alerting: { name: N, labels: { e: f }, page_alert: { labels: { e: g } }, ticket_alert: { disable: true } }
`);
    const camel = one(`apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: { name: any }
spec:
  service: shop
  labels: { a: b }
  slos:
    - name: x
      objective: "99.9"
      labels: { c: d }${SLO(["errorQuery", "totalQuery"])}
      alerting: { name: N, labels: { e: f }, pageAlert: { labels: { e: g } }, ticketAlert: { disable: true } }
`);
    expect(queries(snake)).toEqual(["sum(increase(x[5m]))", 'sum(increase(x{code="5"}[5m]))']);
    expect(queries(camel)).toEqual(queries(snake));
    expect(snake).toMatchObject({
      id: "shop-x",
      objective: 0.999,
      labels: { a: "b", c: "d" },
      window: WINDOW,
      minimum: { events: 0, failures: 2 },
      alerting: {
        name: "N",
        page: { labels: { e: "g" } },
        ticket: { enabled: false },
        noData: { severity: "warning" },
      },
    });
    expect({ ...camel, sli: 0, source: 0 }).toEqual({ ...snake, sli: 0, source: 0 });
    expect([snake.source.format, camel.source.format]).toEqual(["sloth", "sloth-crd"]);
    expect(camel.source.line).toBe(8);
  });

  it("asks for no plugin that does anything else than is done", () => {
    const slo = one(`version: prometheus/v1
service: shop
slo_plugins: { chain: [{ id: sloth.dev/core/debug/v1, config: { msg: a }, priority: -1 }] }
slos:
  - name: x
    objective: 99
    sli: { raw: { error_ratio_query: "avg_over_time(x[{{.window}}])" } }
    plugins: { chain: [{ id: sloth.dev/contrib/denominator_corrected_rules/v1 }] }
`);
    expect(slo.sli.kind).toBe("ratio");
    expect(slo.minimum.failures).toBe(0);
  });
});

describe("the JSON Schema", () => {
  it("describes every key", () => {
    const missing: string[] = [];
    const walk = (schema: unknown, path: string): void => {
      if (typeof schema !== "object" || schema === null) return;
      for (const [key, below] of Object.entries(schema)) {
        if (key === "properties")
          for (const [name, one] of Object.entries(below as Record<string, unknown>))
            if (typeof Reflect.get(one as object, "description") !== "string") missing.push(`${path}.${name}`);
        walk(below, `${path}.${key}`);
      }
    };
    walk(ownJsonSchema(), "");
    expect(missing).toEqual([]);
  });

  it("has the defaults that are used", () => {
    const text = JSON.stringify(ownJsonSchema());
    const slo = one(`${HEAD}slos: [{ name: a, objective: 99, sli: { up: { metric: up } } }]`);
    expect(text).toContain(`"default":"${slo.alerting.name}"`);
    expect(text).toContain(`"default":${slo.minimum.failures},"description":"Failures`);
    expect(slo.window).toEqual({ kind: "rolling", length: days(30) });
    expect(text).toContain("30d by default");
  });
});
