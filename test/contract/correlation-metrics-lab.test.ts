import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import { minutes, seconds } from "../../src/core/duration.ts";
import type { MetricReading, Change } from "../../src/core/telemetry.ts";
import type { Scope } from "../../src/core/evidence.ts";
import { metricChanges } from "../../src/correlation/prometheus/changes.ts";
import { openMetricSource } from "../../src/correlation/prometheus/source.ts";
import { resolveScope } from "../../src/correlation/scope/scope.ts";
import { startPrometheusLab, type PrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import { simulateShop } from "../../src/lab/shop/shop.ts";
import { createHttpClient } from "../../src/lib/http/client.ts";

const FAULT_AT = Date.UTC(2026, 2, 5, 12);
const WINDOW = { from: FAULT_AT - minutes(10), to: FAULT_AT + minutes(5) };
const BASELINE = { from: WINDOW.from - minutes(60), to: WINDOW.from };

describe.each(["bad_version", "disk_full"] as const)("metrics of a shop with %s", (fault) => {
  const shop = simulateShop({
    seed: 7,
    fault,
    from: BASELINE.from,
    faultAt: FAULT_AT,
    to: WINDOW.to,
    rate: 0.5,
    remembered: [],
  });
  let lab: PrometheusLab;
  let scope: Scope;
  let reading: MetricReading;
  let changes: readonly Change[];
  const notes: string[] = [];

  beforeAll(async () => {
    lab = await startPrometheusLab(shop);
    const source = openMetricSource({ client: createHttpClient(), url: lab.url }, { patience: minutes(1) });
    const signal = AbortSignal.timeout(minutes(1));
    scope = await resolveScope(shop.alert.labels, {
      labelMap: { service: ["service"], namespace: ["namespace"], pod: ["pod"], node: ["node"] },
      relations: packs.flatMap(({ relations = [] }) => relations),
      metrics: source,
      window: WINDOW,
      deadline: seconds(50),
      signal,
    });
    const subjects = scope.entities.map(({ labels }) => labels);
    reading = await source.read({ subjects, window: WINDOW, baseline: BASELINE, series: 1_000 }, signal);
    const told = await metricChanges(source).read({ from: BASELINE.from, to: WINDOW.to }, signal);
    changes = told.changes;
    notes.push(...scope.notes, ...reading.notes, ...told.notes);
    await source.close();
  });
  afterAll(() => lab.close());

  it("are read without a query that is refused", () => {
    expect(notes).toEqual([]);
    expect(reading.series.length).toBeGreaterThan(10);
    expect(reading.of).toBe(reading.series.length);
  });

  it("have the window and the time before it of nearly every series", () => {
    const lacking = reading.series.filter(({ window, before }) => window.length < 10 || before.length < 50);
    expect(lacking.length).toBeLessThan(reading.series.length / 4);
  });

  it("are those of the service, its pods and the machines that they run on", () => {
    const service = shop.services.find(({ name }) => name === shop.alert.labels["service"]);
    const names = (kind: string) => scope.entities.filter((one) => one.kind === kind).map(({ name }) => name);
    expect(names("pod")).toEqual(expect.arrayContaining(service?.pods.map(({ name }) => name) ?? ["no service"]));
    const nodes = names("node");
    expect(nodes).toEqual(expect.arrayContaining(service?.pods.map(({ node }) => node) ?? []));
    const disks = reading.series.filter(({ metric }) => metric === "node_filesystem_avail_bytes");
    expect(disks.map(({ labels }) => labels["node"]).toSorted()).toEqual(nodes.toSorted());
    expect(new Set(reading.series.map(({ labels }) => labels["service"]))).toEqual(new Set([service?.name, undefined]));
  });

  it("tell a deploy where there was one, and few changes else", () => {
    const { service } = shop.place ?? {};
    const deploys = changes.filter(
      ({ kind, labels }) => kind === "deploy" && JSON.stringify(labels).includes(service ?? ""),
    );
    expect(deploys.length > 0).toBe(fault === "bad_version");
    expect(changes.length).toBeLessThan(40);
  });
});
