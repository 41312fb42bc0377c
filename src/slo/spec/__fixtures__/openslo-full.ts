/** Documents that together have every key of OpenSLO, for a test that changes them one by one. */

const metadata = (name: string) => ({
  name,
  displayName: `The ${name}`,
  labels: { "area-of": "shop", tags: ["a", "b"] },
  annotations: { "example.com/key": "value" },
});

const source = (query: string) => ({ metricSource: { metricSourceRef: "metrics", spec: { query } } });
const typed = (query: string) => ({ metricSource: { type: "Prometheus", spec: { query } } });

const condition = (severity: string) => ({
  description: "Burns.",
  severity,
  condition: { kind: "burnrate", op: "gt", threshold: 4, lookbackWindow: "6h", alertAfter: "10m" },
});

const v1 = (kind: string, name: string, spec: object) => ({
  apiVersion: "openslo/v1",
  kind,
  metadata: metadata(name),
  spec,
});

const good = { counter: true, good: source('x_total{code="200"}'), total: source("x_total") };
const bad = { counter: true, bad: typed('x_total{code="500"}'), total: typed("x_total") };
const rolling = { timeWindow: [{ duration: "4w", isRolling: true }] };

const sharedV1 = [
  v1("Service", "shop", { description: "Sells." }),
  v1("DataSource", "metrics", { description: "All.", type: "Prometheus", connectionDetails: { url: "u" } }),
  v1("SLI", "requests", { description: "Requests.", ratioMetric: good }),
  v1("AlertPolicy", "wake", {
    description: "Wakes someone.",
    alertWhenNoData: true,
    alertWhenBreaching: true,
    alertWhenResolved: true,
    conditions: [{ conditionRef: "fast" }],
    notificationTargets: [{ targetRef: "on-call" }],
  }),
  v1("AlertCondition", "fast", condition("page")),
  v1("AlertNotificationTarget", "on-call", { description: "People.", target: "pager" }),
];

const inlinePolicy = {
  kind: "AlertPolicy",
  metadata: { name: "tell" },
  spec: {
    alertWhenBreaching: true,
    conditions: [{ kind: "AlertCondition", metadata: { name: "slow" }, spec: condition("ticket") }],
    notificationTargets: [
      {
        kind: "AlertNotificationTarget",
        metadata: { name: "backlog" },
        spec: { description: "Later.", target: "mail" },
      },
    ],
  },
};

/** OpenSLO v1. */
export const OPENSLO_V1: readonly object[] = [
  ...sharedV1,
  v1("SLO", "by-ref", {
    description: "By reference.",
    service: "shop",
    indicatorRef: "requests",
    ...rolling,
    budgetingMethod: "Occurrences",
    objectives: [
      { displayName: "Low", target: 0.9 },
      { displayName: "High", targetPercent: 99 },
    ],
    alertPolicies: [{ alertPolicyRef: "wake" }, inlinePolicy],
  }),
  v1("SLO", "threshold", {
    description: "By value.",
    service: "shop",
    indicator: { metadata: metadata("temperature"), spec: { thresholdMetric: typed("temperature") } },
    timeWindow: [
      { duration: "1M", isRolling: false, calendar: { startTime: "2026-01-01 00:00:00", timeZone: "Europe/Berlin" } },
    ],
    budgetingMethod: "Timeslices",
    objectives: [{ op: "lte", value: 40, target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: "10m" }],
  }),
  v1("SLO", "raw", {
    service: "shop",
    indicator: { spec: { ratioMetric: { raw: typed("good_ratio"), rawType: "success" } } },
    ...rolling,
    budgetingMethod: "RatioTimeslices",
    objectives: [{ target: 0.99, timeSliceWindow: 5 }],
  }),
  v1("SLO", "whole", {
    service: "shop",
    ...rolling,
    budgetingMethod: "Occurrences",
    objectives: [
      { displayName: "One", target: 0.99, indicatorRef: "requests", compositeWeight: 2 },
      { displayName: "Two", target: 0.99, indicator: { spec: { ratioMetric: bad } } },
    ],
  }),
];

const v2 = (kind: string, name: string, spec: object) => ({
  apiVersion: "openslo.com/v2alpha",
  kind,
  metadata: metadata(name),
  spec,
});

/** OpenSLO v2alpha: only what it has of its own. */
export const OPENSLO_V2: readonly object[] = [
  v2("DataSource", "metrics", { type: "Prometheus", connectionDetails: { url: "u" } }),
  v2("SLI", "requests", {
    ratioMetric: {
      counter: true,
      bad: { dataSourceRef: "metrics", spec: { query: 'x_total{code="500"}' } },
      total: { dataSourceRef: "metrics", spec: { query: "x_total" } },
    },
  }),
  v2("SLO", "by-ref", {
    service: "shop",
    sliRef: "requests",
    budgetingMethod: "Occurrences",
    objectives: [{ target: 0.99 }],
  }),
  v2("SLO", "inline", {
    service: "shop",
    sli: {
      metadata: { name: "temperature" },
      spec: {
        thresholdMetric: {
          dataSourceSpec: { description: "One.", type: "Prometheus", connectionDetails: { url: "u" } },
          spec: { query: "temperature" },
        },
      },
    },
    budgetingMethod: "Occurrences",
    objectives: [
      { displayName: "Warm", op: "gt", value: 10, target: 0.99 },
      { displayName: "Not hot", op: "lt", value: 40, target: 0.99 },
    ],
  }),
  v2("SLO", "whole", {
    service: "shop",
    budgetingMethod: "Occurrences",
    objectives: [
      { displayName: "One", target: 0.99, sliRef: "requests", compositeWeight: 3 },
      {
        displayName: "Two",
        target: 0.99,
        sli: {
          spec: {
            ratioMetric: { rawType: "failure", raw: { dataSourceRef: "metrics", spec: { query: "bad_ratio" } } },
          },
        },
      },
    ],
  }),
];

const alphaMetric = (query: string) => ({ source: "prometheus", queryType: "promql", query });
const alpha = (kind: string, name: string, spec: object) => ({
  apiVersion: "openslo/v1alpha",
  kind,
  metadata: metadata(name),
  spec,
});

/** OpenSLO v1alpha. */
export const OPENSLO_V1ALPHA: readonly object[] = [
  alpha("Service", "shop", { description: "Sells." }),
  alpha("SLO", "ratio", {
    description: "Ratio.",
    service: "shop",
    timeWindows: [{ unit: "Week", count: 4, isRolling: true }],
    budgetingMethod: "Occurrences",
    objectives: [
      {
        displayName: "Good",
        value: 1,
        target: 0.99,
        ratioMetrics: { incremental: true, good: alphaMetric('x_total{code="200"}'), total: alphaMetric("x_total") },
      },
      {
        displayName: "Counted",
        target: 0.99,
        ratioMetrics: { counter: false, good: alphaMetric("good_events"), total: alphaMetric("all_events") },
      },
    ],
  }),
  alpha("SLO", "threshold", {
    service: "shop",
    timeWindows: [
      {
        unit: "Month",
        count: 1,
        isRolling: false,
        calendar: { startTime: "2026-01-01 00:00:00", timeZone: "Europe/Berlin" },
      },
    ],
    budgetingMethod: "Occurrences",
    indicator: { thresholdMetric: alphaMetric("temperature") },
    objectives: [{ displayName: "Cool", op: "lte", value: 40, target: 0.99, timeSliceTarget: 0.9 }],
  }),
];
