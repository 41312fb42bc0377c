import { describe, expect, it } from "vitest";
import { days, hours, minutes } from "../../core/duration.ts";
import type { Slo, SloReading } from "../model.ts";
import { readSlos } from "./load.ts";
import { openSloFormat } from "./openslo-reader.ts";

const OTHERWISE = { kind: "rolling", length: days(21) } as const;

/** Reads objects as documents of one file or, when lists are given, of several. */
function read(...files: readonly (readonly object[])[]): SloReading {
  const texts = files.map((objects, i) => ({
    file: `${i}.yaml`,
    text: objects.map((object) => JSON.stringify(object)).join("\n---\n"),
  }));
  return readSlos(texts, [openSloFormat(OTHERWISE)]);
}

const object = (kind: string, name: string, spec: object) => ({
  apiVersion: "openslo/v1",
  kind,
  metadata: { name },
  spec,
});

const metric = (query: string) => ({ metricSource: { type: "Prometheus", spec: { query } } });
const counted = { ratioMetric: { counter: true, bad: metric("bad"), total: metric("all") } };

const slo = (more: object = {}, objective: object = {}, sli: object = counted) =>
  object("SLO", "web", {
    service: "shop",
    indicator: { metadata: { name: "sli" }, spec: sli },
    budgetingMethod: "Occurrences",
    objectives: [{ target: 0.999, ...objective }],
    ...more,
  });

function one(...files: readonly (readonly object[])[]): Slo {
  const { slos, findings } = read(...files);
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  const [first] = slos;
  if (first === undefined) throw new Error("no SLO was read");
  return first;
}

const queries = ({ sli }: Slo): readonly string[] => {
  if (sli.kind === "events") return [sli.total.at("5m"), sli.errors.at("5m")];
  return sli.kind === "ratio" ? [sli.errorRatio.at("5m")] : [];
};

describe("an indicator of OpenSLO", () => {
  it("of bad events counts them", () => {
    const read = one([slo()]);
    expect(queries(read)).toEqual(["increase(all[5m])", "increase(bad[5m])"]);
    expect(read).toMatchObject({ id: "shop-web", objective: 0.999, minimum: { events: 0, failures: 2 } });
  });

  it("that is no counter is added up", () => {
    const sli = { ratioMetric: { counter: false, bad: metric("bad"), total: metric("all") } };
    expect(queries(one([slo({}, {}, sli)]))).toEqual(["sum_over_time(all[5m])", "sum_over_time(bad[5m])"]);
  });

  it.each([
    ["success", "1 - (avg_over_time(r[5m]))"],
    ["failure", "avg_over_time(r[5m])"],
  ])("of a raw %s ratio is one of failures", (rawType, expected) => {
    expect(queries(one([slo({}, {}, { ratioMetric: { raw: metric("r"), rawType } })]))).toEqual([expected]);
  });

  it.each([
    ["lte", ">"],
    ["lt", ">="],
    ["gte", "<"],
    ["gt", "<="],
  ])("that must be %s a value fails in each minute in which it is not, and says nothing of NaN", (op, bad) => {
    const read = one([slo({}, { op, value: 0.5 }, { thresholdMetric: metric("latency") })]);
    expect(queries(read)).toEqual([
      "sum(count_over_time(((latency) >= -Inf)[5m:1m]))",
      `sum(sum_over_time((((latency) >= -Inf) ${bad} bool 0.5)[5m:1m]))`,
    ]);
    expect(read.minimum.failures).toBe(0);
  });

  it("whose compared query has an open window is compared once in each", () => {
    const sli = { thresholdMetric: metric("max_over_time(latency[$window])") };
    const read = one([slo({}, { op: "lt", value: 0 }, sli)]);
    expect(queries(read)).toEqual(["((max_over_time(latency[5m])) >= -Inf) >= bool 0"]);
  });

  it("is found by its name in any file, and its source too", () => {
    const shared = [
      object("DataSource", "metrics", { type: "Thanos" }),
      object("SLI", "requests", {
        ratioMetric: {
          counter: true,
          bad: { metricSource: { metricSourceRef: "metrics", spec: { query: "bad" } } },
          total: { metricSource: { metricSourceRef: "metrics", spec: { promql: "all" } } },
        },
      }),
    ];
    expect(queries(one([slo({ indicator: undefined, indicatorRef: "requests" })], shared))[0]).toBe(
      "increase(all[5m])",
    );
  });
});

describe("a budgeting method", () => {
  it("of time slices has their length and target", () => {
    const objective = { timeSliceTarget: 0.95, timeSliceWindow: 15 };
    expect(one([slo({ budgetingMethod: "Timeslices" }, objective)])).toMatchObject({
      sli: { kind: "events" },
      timeslices: { length: minutes(15), objective: 0.95 },
    });
  });

  it("of ratios of time slices makes each weigh the same, also when nothing fails", () => {
    const read = one([slo({ budgetingMethod: "RatioTimeslices" }, { timeSliceWindow: "5m" })]);
    const [all, bad] = ["sum(increase(all[5m]))", "sum(increase(bad[5m]))"];
    expect(read.sli.kind).toBe("ratio");
    expect(queries(read)).toEqual([`(${bad} or ${all} * 0) / (${all} > 0)`]);
  });
});

describe("a time window", () => {
  const windowOf = (written: object) => one([slo({ timeWindow: [written] })]).window;

  it.each([
    ["90m", minutes(90)],
    ["36h", hours(36)],
    ["28d", days(28)],
    ["4w", days(28)],
    ["1M", days(30)],
    ["1Q", days(90)],
    ["1Y", days(365)],
  ])("that rolls over %s", (duration, length) => {
    expect(windowOf({ duration, isRolling: true })).toEqual({ kind: "rolling", length });
  });

  it.each([
    ["1w", "week", "2026-01-05 00:00:00"],
    ["1M", "month", "2026-02-01 00:00:00"],
    ["3M", "quarter", "2026-04-01 00:00:00"],
    ["1Y", "year", "2026-01-01 00:00:00"],
  ])("of %s is a calendar %s", (duration, unit, startTime) => {
    const timeZone = "America/New_York";
    expect(windowOf({ duration, calendar: { startTime, timeZone } })).toEqual({ kind: "calendar", unit, timeZone });
  });

  it("that is not given is the usual one", () => {
    expect(one([slo()]).window).toEqual(OTHERWISE);
  });
});

describe("alert policies", () => {
  const condition = (severity: string, lookbackWindow: string, threshold: number) => ({
    severity,
    condition: { kind: "burnrate", op: "gte", threshold, lookbackWindow, alertAfter: "5m" },
  });
  const policy = (name: string, conditions: object, more: object = {}) =>
    object("AlertPolicy", name, { alertWhenBreaching: true, conditions: [conditions], ...more });

  it("become the tiers of an SLO, by name and inline", () => {
    const { apiVersion: _, ...inline } = policy("c", {
      kind: "AlertCondition",
      metadata: { name: "c" },
      spec: condition("ticket", "3d", 1),
    });
    const shared = [
      policy("a", { conditionRef: "a" }, { alertWhenNoData: true, notificationTargets: [{ targetRef: "pager" }] }),
      object("AlertCondition", "a", condition("page", "1h", 14.4)),
      object("AlertNotificationTarget", "pager", { target: "pagerduty" }),
    ];
    const { alerting } = one([slo({ alertPolicies: ["a", inline] })], shared);
    const tier = { for: minutes(5), keepFiringFor: minutes(15) };
    expect(alerting).toMatchObject({
      page: { enabled: true, labels: { notification_target: "pager" } },
      ticket: { enabled: true, labels: {} },
      noData: { severity: "critical" },
      tiers: [
        { alert: "page", long: hours(1), short: minutes(5), factor: 14.4, ...tier },
        { alert: "ticket", long: days(3), short: hours(6), factor: 1, ...tier },
      ],
    });
  });

  it("that do not alert of a breach raise no burn rate alert", () => {
    const shared = [
      policy("a", { conditionRef: "a" }, { alertWhenBreaching: false, alertWhenNoData: true }),
      object("AlertCondition", "a", condition("ticket", "1h", 2)),
    ];
    const { alerting } = one([slo({ alertPolicies: [{ alertPolicyRef: "a" }] }), ...shared]);
    expect(alerting).toMatchObject({
      page: { enabled: false },
      ticket: { enabled: false },
      noData: { severity: "warning" },
      tiers: undefined,
    });
  });

  it("that are missing are told, and no alert is written", () => {
    const { slos, findings } = read([slo()]);
    expect(slos[0]?.alerting).toMatchObject({
      page: { enabled: false },
      ticket: { enabled: false },
      noData: undefined,
    });
    expect(findings.map(({ check }) => check)).toEqual(["no-alerts"]);
  });
});

describe("several objectives", () => {
  it("are SLOs of their own, named by their titles or places", () => {
    const objectives = [
      { displayName: "Very good!", target: 0.9 },
      { targetPercent: 99 },
      { displayName: "x", target: 0.5 },
      { displayName: "X", target: 0.6 },
    ];
    const { slos } = read([slo({ objectives })]);
    expect(slos.map(({ id, objective }) => [id, objective])).toEqual([
      ["shop-web-very-good", 0.9],
      ["shop-web-1", 0.99],
      ["shop-web-2", 0.5],
      ["shop-web-3", 0.6],
    ]);
  });

  it.each([
    ["Occurrences", "occurrences"],
    ["Timeslices", "timeslices"],
    ["RatioTimeslices", "ratio_timeslices"],
  ])("with indicators of their own are a composite: %s", (budgetingMethod, method) => {
    const indicator = { spec: counted };
    const slices = { timeSliceTarget: 0.9, timeSliceWindow: "5m" };
    const objectives = [
      { displayName: "a", target: 0.9, compositeWeight: 3, indicator, ...slices },
      { displayName: "b", target: 0.9, indicator, ...slices },
    ];
    const [whole, ...members] = read([slo({ budgetingMethod, objectives, indicator: undefined })]).slos;
    expect(whole).toMatchObject({
      id: "shop-web",
      objective: 0.9,
      sli: {
        kind: "composite",
        method,
        members: [
          { sloId: "shop-web-a", weight: 3 },
          { sloId: "shop-web-b", weight: 1 },
        ],
      },
    });
    expect(members.map(({ id }) => id)).toEqual(["shop-web-a", "shop-web-b"]);
  });
});

it("labels of the service and of the SLO are those of Prometheus", () => {
  const service = {
    apiVersion: "openslo/v1",
    kind: "Service",
    metadata: { name: "shop", labels: { team: "a", tier: "1" } },
  };
  const labelled = {
    ...slo(),
    metadata: { name: "web", displayName: "Web", labels: { tier: "2", "cost.centre": ["x", "y"] } },
  };
  const { slos, findings } = read([service, labelled]);
  expect(slos[0]).toMatchObject({ labels: { team: "a", tier: "2", cost_centre: "x,y" }, description: "Web" });
  expect(findings.map(({ check }) => check)).toContain("renamed-label");
});

it("reads no SLO of which something can not be done, however small", () => {
  const { slos, findings } = read([{ ...slo(), metadata: { name: "web", labels: { "a-b": "x", a_b: "y" } } }]);
  expect(slos).toEqual([]);
  expect(findings.filter(({ severity }) => severity === "error").map(({ path }) => path)).toEqual([
    "metadata.labels.a_b",
  ]);
});

it("never prints the details of a connection", () => {
  const source = object("DataSource", "metrics", { type: "Prometheus", connectionDetails: { token: "secret-7" } });
  const { findings } = read([source]);
  expect(findings.map(({ path }) => path)).toEqual(["spec.connectionDetails"]);
  expect(JSON.stringify(findings)).not.toContain("secret-7");
});
