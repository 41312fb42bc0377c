import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import type { Metric } from "../../src/core/metric.ts";
import { printPromql } from "../../src/core/promql-print.ts";
import type { Node } from "../../src/core/promql-tree.ts";
import { DELIVERY_REASONS } from "../../src/core/delivery-errors.ts";
import { COLLECT_REASONS } from "../../src/core/errors.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { notifiers } from "../../src/notifiers/index.ts";
import { readPromql } from "../helpers/read-promql.ts";

const folder = (path: string) => join(packageRoot, path);
const namesIn = async (path: string): Promise<string[]> => (await readdir(folder(path))).toSorted();

const metricsOf = (pack: (typeof packs)[number]): readonly Metric[] => [
  ...(pack.collector?.parts ?? []).flatMap(({ metrics }) => Object.values(metrics)),
  ...Object.values(pack.selfMetrics ?? {}),
];
const foreign = packs.flatMap(({ foreignMetrics = {} }) => Object.values(foreignMetrics));
const declared = new Map([...packs.flatMap(metricsOf), ...foreign].flatMap(seriesOf));

/** The names by which a metric's series are selected. */
function seriesOf(metric: Metric): (readonly [string, Metric])[] {
  const names =
    metric.kind === "histogram" ? ["_bucket", "_count", "_sum"].map((part) => metric.name + part) : [metric.name];
  return names.map((name) => [name, metric]);
}

/** Labels that Prometheus or the runtime adds to a series. */
const ADDED_LABELS = ["target", "job", "instance"];

function* selectorsOf(node: Node): Generator<Node & { kind: "selector" }> {
  if (node.kind === "selector") yield node;
  else if (node.kind === "call") for (const argument of node.args) yield* selectorsOf(argument);
  else if (node.kind === "aggregate") yield* selectorsOf(node.of);
  else if (node.kind === "binary") {
    yield* selectorsOf(node.left);
    yield* selectorsOf(node.right);
  }
}

/** An expression without the labels that its metrics declare, which its text does not tell. */
function asText(node: Node): Node {
  if (node.kind === "selector") return { ...node, labels: [] };
  if (node.kind === "call") return { ...node, args: node.args.map(asText) };
  if (node.kind === "aggregate") return { ...node, of: asText(node.of) };
  return node.kind === "binary" ? { ...node, left: asText(node.left), right: asText(node.right) } : node;
}

interface PromtoolTest {
  readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
}

/** The cases of `<id>.test.yaml`, and of `<id>.long.test.yaml` where those that span hours are apart. */
async function promtoolTests(id: string): Promise<readonly PromtoolTest[]> {
  const files = (await namesIn("alerts/tests")).filter((name) =>
    [`${id}.test.yaml`, `${id}.long.test.yaml`].includes(name),
  );
  const texts = await Promise.all(files.map((name) => readFile(folder(`alerts/tests/${name}`), "utf8")));
  return texts.flatMap((text) => (parse(text) as { tests: readonly PromtoolTest[] }).tests);
}

describe("the packs", () => {
  it("are the folders of src/collectors, both ways", async () => {
    const folders = (await namesIn("src/collectors")).filter((name) => !name.includes("."));
    expect(folders).toEqual(packs.map(({ id }) => id).toSorted());
  });

  it("declare each metric once, in one part", () => {
    const names = packs.flatMap((pack) => metricsOf(pack).map(({ name }) => name));
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it("name each alert once", () => {
    const names = packs.flatMap(({ alerts }) => alerts.map(({ name }) => name));
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    for (const name of names) expect(name).toMatch(/^([A-Z][a-z0-9]+)+$/);
  });
});

describe.each(packs.map((pack) => [pack.id, pack] as const))("the pack %s", (id, pack) => {
  const expressions = [
    ...pack.alerts.map(({ name, when }) => [name, when.node] as const),
    ...Object.entries(pack.signals).map(([name, { expr }]) => [name, expr.node] as const),
  ];

  it.each(expressions)("has in %s PromQL that parses to the same tree", (_, node) => {
    expect(readPromql(printPromql(node))).toEqual(asText(node));
  });

  it.each(expressions)("names in %s only metrics and labels that are declared", (_, node) => {
    for (const { metric, matchers } of selectorsOf(node)) {
      const labels = [...(declared.get(metric)?.labels ?? []), ...ADDED_LABELS];
      expect(declared.has(metric), `${metric} is not declared`).toBe(true);
      for (const { label } of matchers) expect(labels).toContain(label);
    }
  });

  it("has a runbook for each alert, and no other", async () => {
    const files = (await namesIn(`src/collectors/${id}/runbooks`)).map((name) => name.replace(/\.md$/, ""));
    const alerts = [...pack.alerts, ...(pack.ownAlerts ?? [])];
    expect(files).toEqual(alerts.map(({ name }) => name).toSorted());
  });

  it("has runbooks with the same headings", async () => {
    for (const { name } of [...pack.alerts, ...(pack.ownAlerts ?? [])]) {
      const text = await readFile(folder(`src/collectors/${id}/runbooks/${name}.md`), "utf8");
      const headings = [...text.matchAll(/^##? (.+)$/gm)].map(([, heading]) => heading);
      const optional = headings.includes("False alarms") ? ["False alarms"] : [];
      expect(headings).toEqual([name, "Meaning", "Impact", "Diagnosis", "Mitigation", ...optional]);
    }
  });

  it("has a promtool case that fires and one that stays quiet for each alert", async () => {
    const cases = (await promtoolTests(id)).flatMap(({ alert_rule_test = [] }) => alert_rule_test);
    for (const { name } of pack.alerts) {
      const own = cases.filter(({ alertname }) => alertname === name);
      expect(
        own.some(({ exp_alerts = [] }) => exp_alerts.length > 0),
        `${name} never fires in a test`,
      ).toBe(true);
      expect(
        own.some(({ exp_alerts = [] }) => exp_alerts.length === 0),
        `${name} never stays quiet in a test`,
      ).toBe(true);
    }
  });

  it("has a page for its users", async () => {
    expect(await readFile(folder(`src/collectors/${id}/README.md`), "utf8")).toMatch(/^# /);
  });
});

describe("the notifiers", () => {
  it("are the folders of src/notifiers, both ways, each with a page for its users", async () => {
    const folders = (await namesIn("src/notifiers")).filter((name) => !name.includes(".") && name !== "shared");
    // a folder may hold a second kind of its service, such as pagerduty-change
    const types = notifiers.map(({ type }) => type);
    const missing = types.filter((type) => !folders.some((name) => type === name || type.startsWith(`${name}-`)));
    expect(missing).toEqual([]);
    expect(folders.filter((name) => !types.includes(name))).toEqual([]);
    for (const name of folders)
      expect(await readFile(folder(`src/notifiers/${name}/README.md`), "utf8")).toMatch(/^# /);
  });

  it("explain each reason of a failed delivery in whole sentences", () => {
    for (const [reason, { meaning, action }] of Object.entries(DELIVERY_REASONS)) {
      expect(reason).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(action).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe("the repository", () => {
  it("explains each reason of failure in whole sentences", () => {
    for (const [reason, { meaning, action }] of Object.entries(COLLECT_REASONS)) {
      expect(reason).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
      expect(action).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("names no registry host and no path of a machine in what npm installs", async () => {
    const lock = await readFile(folder("package-lock.json"), "utf8");
    expect(lock).not.toContain('"resolved"');
  });
});
