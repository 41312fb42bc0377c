import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { renderInhibitRules } from "../../src/alerting/inhibit-rules.ts";
import { kinds } from "../../src/cli/kinds.ts";
import { packs } from "../../src/collectors/index.ts";
import { loadConfig } from "../../src/config/load.ts";
import { printThreshold } from "../../src/core/alert.ts";
import type { Metric } from "../../src/core/metric.ts";
import { printPromql } from "../../src/core/promql-print.ts";
import { partMetrics } from "../../src/core/self-metrics.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { snippetsOf } from "../helpers/docs-snippets.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { labelsOf } from "../helpers/promql-labels.ts";
import { readPages } from "../helpers/read-docs.ts";

const alerts = packs.flatMap((pack) => pack.alerts);

describe("thresholds", () => {
  const moved = alerts.flatMap(({ threshold, whenAt, ...of }) =>
    threshold === undefined || whenAt === undefined ? [] : [{ ...of, threshold, whenAt }],
  );

  it("may be written in the configuration as they are", async () => {
    const folder = await createTemporaryFolder("rules");
    onTestFinished(() => folder.remove());
    const file = join(folder.path, "watchkeeper.yaml");
    const written = moved.map(({ name, threshold }) => [
      name,
      { threshold: threshold.unit === "seconds" ? printThreshold(threshold) : threshold.value },
    ]);
    await writeFile(file, printYaml({ rules: Object.fromEntries(written) }));
    const rules = Object.fromEntries(moved.map(({ name, threshold }) => [name, { threshold: threshold.value }]));
    expect((await loadConfig({ file, env: {}, ...kinds })).rules).toEqual(rules);
  });

  it.each(moved.map((of) => [of.name, of] as const))("%s is in the condition", (_, { when, whenAt, threshold }) => {
    expect(printPromql(whenAt(threshold.value).node)).toBe(printPromql(when.node));
    expect(printPromql(whenAt(threshold.value + 1).node)).not.toBe(printPromql(when.node));
  });

  it.each(moved.map((of) => [of.name, of.threshold.help] as const))("%s is told in a phrase", (_, help) => {
    expect(help).toMatch(/^\S.*[^.]$/);
  });
});

describe("inhibitions", () => {
  const inhibitions = packs.flatMap((pack) =>
    (pack.inhibitions ?? []).map((of) => ({ ...of, own: pack.alerts.map(({ name }) => name) })),
  );
  const ofPart = packs.flatMap(({ collector }) =>
    (collector?.parts ?? []).flatMap((part) => Object.values(part.metrics)),
  );
  const targeted: readonly Metric[] = [...ofPart, ...Object.values(partMetrics)];
  const others = packs.flatMap(({ selfMetrics = {} }) => Object.values(selfMetrics));
  const labels = new Map([
    ...others.map(({ name, labels: own }) => [name, own] as const),
    ...targeted.map(({ name, labels: own }) => [name, ["target", ...own]] as const),
  ]);
  const labelsOfAlert = (name: string): readonly string[] => {
    const node = alerts.find((alert) => alert.name === name)?.when.node;
    return node === undefined ? [] : labelsOf(node, (metric) => labels.get(metric) ?? []);
  };
  const cases = inhibitions.map((of) => [`${of.by} over ${of.silences.join(", ")}`, of] as const);

  it.each(cases)("%s names alerts that exist, each once", (_, { by, silences }) => {
    const named = [by, ...silences];
    expect(named.filter((name) => !alerts.some((alert) => alert.name === name))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
    expect(silences).not.toEqual([]);
  });

  // where both lack a label, Alertmanager takes it for equal, and one node would silence all
  it.each(cases)("%s compares labels that both sides have", (_, { by, silences, equal }) => {
    expect(equal).not.toEqual([]);
    for (const name of [by, ...silences]) {
      const missing = equal.filter((label) => !labelsOfAlert(name).includes(label));
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });

  /** Labels that say which piece of a target it is. */
  const places = ["node", "datastore", "storage", "pool", "disk", "id"];

  it.each(cases)("%s compares the place where both sides have it", (_, { by, silences, equal }) => {
    for (const name of silences) {
      const both = places.filter((label) => labelsOfAlert(by).includes(label) && labelsOfAlert(name).includes(label));
      // a guest may have moved, and its id is the same everywhere
      const needed = equal.includes("id") ? both.filter((label) => label !== "node") : both;
      const passedOver = needed.filter((label) => !equal.includes(label));
      expect({ name, passedOver }).toEqual({ name, passedOver: [] });
    }
  });

  it.each(cases)("%s silences alerts of another pack by the collector that they name", (_, { silences, own }) => {
    const without = silences.filter((name) => !own.includes(name) && !labelsOfAlert(name).includes("collector"));
    expect(without).toEqual([]);
  });

  it.each(cases)("%s has its reason in a sentence", (_, { because }) => {
    expect(because).toMatch(/^[A-Z].*\.$/);
    expect(because).not.toContain("\n");
  });

  it("are those that the page for users shows", async () => {
    const pages = (await readPages()).filter(({ path }) => path === "docs/alert-rules.md");
    const shown = snippetsOf(pages).flatMap(({ value }) => (value["inhibit_rules"] ?? []) as readonly unknown[]);
    const written = (parse(renderInhibitRules(packs)) as { inhibit_rules: readonly unknown[] }).inhibit_rules;
    expect(shown).not.toEqual([]);
    for (const rule of shown) expect(written).toContainEqual(rule);
  });
});
