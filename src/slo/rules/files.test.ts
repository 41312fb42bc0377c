import fc from "fast-check";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import type { SloRuleGroup } from "../model.ts";
import { anySlos } from "./__fixtures__/any-slos.ts";
import { httpSlo } from "./__fixtures__/slos.ts";
import { renderSloPrometheusRules, renderSloRuleFile } from "./files.ts";
import { sloRules } from "./groups.ts";
import { renderSloInhibitRules } from "./inhibit.ts";

const options = { externalUrl: "https://wk.example.org" };
const versions = ["1.1", "1.2"] as const;
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("'", '"', "\\", ":", " ", "#", "{", "a", "\n") }),
);
const fields = fc.dictionary(
  text.filter((name) => name !== "__proto__" && name !== "<<"),
  text,
  { maxKeys: 4 },
);

describe("a rule file", () => {
  it("reads back as the rules it was written from, by readers of both versions of YAML", () => {
    fc.assert(
      fc.property(anySlos, fc.constantFrom(...versions), (slos, version) => {
        const groups = sloRules(slos, options);
        expect(parse(renderSloRuleFile(groups), { version })).toEqual({ groups });
      }),
      { numRuns: 30 },
    );
  }, 30_000);

  it("holds any text", () => {
    fc.assert(
      fc.property(text, text, fields, fc.constantFrom(...versions), (name, expr, labels, version) => {
        const rules = [
          { record: name, expr, labels },
          { alert: name, expr, labels, annotations: labels },
        ];
        const groups: SloRuleGroup[] = [{ name, rules }];
        expect(parse(renderSloRuleFile(groups), { version })).toEqual({ groups });
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it.each([
    "yes",
    "null",
    "5m",
    "1e3",
    "0x1f",
    "~",
    "- a",
    "a: b",
    "a #b",
    "a:",
    "'",
    "&a",
    "*a",
    "",
    " a",
    "a ",
    "\u2028",
    "<<",
  ])("quotes %j where a reader would take it for something else", (odd) => {
    const groups: SloRuleGroup[] = [{ name: odd, rules: [{ record: odd, expr: odd, labels: { a: odd } }] }];
    for (const version of versions) expect(parse(renderSloRuleFile(groups), { version })).toEqual({ groups });
  });

  it("is one YAML document, empty too", () => {
    expect(parse(renderSloRuleFile([]))).toEqual({ groups: [] });
  });
});

describe("PrometheusRule resources", () => {
  it("are below 1 MB each and hold every group once", () => {
    const groups = sloRules(
      Array.from({ length: 300 }, (_, i) => httpSlo({ id: `slo-${i}`, description: "ä".repeat(100) })),
      options,
    );
    const resources = renderSloPrometheusRules(groups, {
      name: "shop",
      namespace: "monitoring",
      labels: { release: "1" },
    });
    expect(resources.map(({ name }) => name)).toEqual(resources.map((_, i) => `shop-${i + 1}`));
    expect(resources.length).toBeGreaterThan(2);
    for (const of of resources) expect(Buffer.byteLength(of.text)).toBeLessThan(1_000_000);
    const read = resources.map((of) => parse(of.text) as { metadata: unknown; spec: { groups: unknown[] } });
    expect(read[0]).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: "shop-1",
        namespace: "monitoring",
        labels: { "app.kubernetes.io/name": "watchkeeper", release: "1" },
      },
    });
    expect(read.flatMap(({ spec }) => spec.groups)).toEqual(groups);
  }, 30_000);
});

describe("the inhibition", () => {
  it("takes the ticket back while the same SLO and group pages", () => {
    expect(parse(renderSloInhibitRules([httpSlo({ groupBy: ["route"] }), httpSlo({ groupBy: ["method"] })]))).toEqual({
      inhibit_rules: [
        {
          source_matchers: ['slo_alert="page"'],
          target_matchers: ['slo_alert="ticket"'],
          equal: ["slo_id", "cluster", "method", "route"],
        },
      ],
    });
  });
});
