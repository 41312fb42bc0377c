import { days, hours, minutes } from "../../../core/duration.ts";
import type { Sli, Slo, Tier } from "../../model.ts";
import { httpSlo, promql } from "../../rules/__fixtures__/slos.ts";

const events = (total: string, errors: string): Sli => ({
  kind: "events",
  total: promql(total),
  errors: promql(errors),
});
const total = "sum(increase(http_requests_total[$window]))";
const errors = 'sum(increase(http_requests_total{code=~"5.."}[$window]))';
const composite = (...ids: readonly string[]): Sli => ({
  kind: "composite",
  method: "worst",
  members: ids.map((sloId) => ({ sloId, weight: 1 })),
});
const tier = (of: Partial<Tier> = {}): Tier => ({
  alert: "page",
  long: hours(1),
  short: minutes(5),
  factor: 14.4,
  for: minutes(2),
  keepFiringFor: minutes(15),
  ...of,
});
const tiers = (...all: readonly Tier[]): Partial<Slo> => ({ alerting: { ...httpSlo().alerting, tiers: all } });
const both = (query: string): Partial<Slo> => ({ sli: events(query, errors) });
const failing = (query: string): Partial<Slo> => ({ sli: events(total, query) });

const grouped = (label: string): Partial<Slo> => ({
  groupBy: [label],
  sli: events("increase(x[$window])", "increase(y[$window])"),
});

const a = httpSlo({ id: "a", name: "a" });
const ratio: Sli = { kind: "ratio", errorRatio: promql("avg_over_time(bad[$window])") };

/** For each check: SLOs of which it must say this, and SLOs so near to them that it must say nothing. */
export const CASES: Readonly<
  Record<string, readonly { readonly of: readonly Partial<Slo>[]; readonly says?: string }[]>
> = {
  "objective-range": [
    { of: [{ objective: 1 }], says: "error shop-requests.objective" },
    { of: [{ objective: 0 }], says: "error shop-requests.objective" },
    {
      of: [{ timeslices: { length: minutes(5), objective: 1 } }],
      says: "error shop-requests.timeslices.objective",
    },
    { of: [{ objective: 0.99999 }] },
  ],
  window: [
    { of: [{ window: { kind: "rolling", length: minutes(30) } }], says: "error shop-requests.window" },
    { of: [{ window: { kind: "rolling", length: minutes(1_443) } }], says: "error shop-requests.window" },
    {
      of: [{ window: { kind: "calendar", unit: "month", timeZone: "Europe/Nowhere" } }],
      says: "error shop-requests.window",
    },
    { of: [{ window: { kind: "calendar", unit: "month", timeZone: "Europe/Berlin" } }] },
  ],
  promql: [
    { of: [both("sum(increase(x[$window])")], says: "error shop-requests.sli.total" },
    { of: [failing('sum(increase(x{code=~"5(?!00).."}[$window]))')], says: "error shop-requests.sli.errors" },
    { of: [failing('sum(increase({code=~".*"}[$window]))')], says: "error shop-requests.sli.errors" },
    { of: [failing('sum(increase({code=~".+"}[$window]))')] },
    { of: [both(total)] },
  ],
  "no-window": [
    { of: [failing("sum(increase(x[1h]))")], says: "error shop-requests.sli.errors" },
    { of: [failing("sum(x:increase5m)")], says: "warning shop-requests.sli.errors" },
    { of: [failing("sum(increase(x[5m]))")], says: "warning shop-requests.sli.errors" },
    { of: [failing(errors)] },
  ],
  "fixed-range": [
    {
      of: [failing('sum(increase(a[$window])) + sum(increase(b{x="[$window]"}[10m]))')],
      says: "warning shop-requests.sli.errors",
    },
    { of: [failing("sum(sum_over_time((max_over_time(a[1m]))[$window:1m]))")] },
  ],
  "dead-tier": [
    { of: [{ objective: 0.9 }], says: "warning shop-requests.alerting.page" },
    { of: [{ objective: 0.8 }], says: "error shop-requests.alerting.page" },
    { of: [{ objective: 0.94 }] },
    { of: [{ objective: 0.8, alerting: { ...a.alerting, page: { ...a.alerting.page, enabled: false } } }] },
  ],
  "no-tier": [
    { of: [{ window: { kind: "rolling", length: hours(1) } }], says: "error shop-requests.alerting.page" },
    { of: [tiers(tier())], says: "error shop-requests.alerting.ticket" },
    { of: [{ window: { kind: "rolling", length: days(7) } }] },
  ],
  "odd-tier": [
    { of: [tiers(tier({ factor: 0 }))], says: "error shop-requests.alerting.tiers.0" },
    { of: [tiers(tier({ short: hours(1) }))], says: "error shop-requests.alerting.tiers.0" },
    { of: [tiers(tier({ long: days(31) }))], says: "error shop-requests.alerting.tiers.0" },
    {
      of: [{ ...tiers(tier()), timeslices: { length: minutes(15), objective: 0.9 } }],
      says: "warning shop-requests.alerting.tiers.0",
    },
    { of: [tiers(tier())] },
  ],
  "idle-minimum": [
    { of: [{ sli: ratio }], says: "warning shop-requests.minimum" },
    { of: [{ sli: ratio, minimum: { events: 0, failures: 0 } }] },
  ],
  "duplicate-name": [
    { of: [{}, { id: "other" }], says: "warning other.name" },
    { of: [{}, { id: "other", service: "depot" }] },
  ],
  "reserved-label": [
    { of: [{ labels: { sloth_id: "a" } }], says: "error shop-requests.labels" },
    { of: [grouped("slo_id")], says: "error shop-requests.group_by" },
    { of: [grouped("severity")], says: "error shop-requests.group_by" },
    { of: [{ ...grouped("team"), labels: { team: "web" } }], says: "error shop-requests.labels" },
    { of: [{ labels: { slothful: "a" } }] },
    { of: [{ ...grouped("team"), labels: { owner: "web" } }] },
  ],
  "group-by-lost": [
    { of: [{ groupBy: ["zone"] }], says: "error shop-requests.sli.total" },
    {
      of: [
        {
          groupBy: ["zone"],
          sli: events(
            "sum by (zone) (increase(a[$window]))",
            "sum without (zone) (sum by (zone, job) (increase(a[$window])))",
          ),
        },
      ],
      says: "error shop-requests.sli.errors",
    },
    {
      of: [
        {
          groupBy: ["zone"],
          sli: events(
            "increase(a[$window])",
            'label_replace(sum by (az) (increase(a[$window])), "zone", "$1", "az", "(.*)")',
          ),
        },
      ],
    },
  ],
  "passing-group": [
    {
      of: [{ groupBy: ["pod"], sli: events("increase(a[$window])", "increase(b[$window])") }],
      says: "warning shop-requests.group_by",
    },
    { of: [{ groupBy: ["zone"], sli: events("increase(a[$window])", "increase(b[$window])") }] },
  ],
  "composite-members": [
    { of: [{ sli: composite("b", "c") }, { id: "b", name: "b" }], says: "error shop-requests.sli.members" },
    {
      of: [{ sli: composite("b") }, { id: "b", name: "b", sli: composite("shop-requests") }],
      says: "error shop-requests.sli.members",
    },
    { of: [{ sli: composite("b", "b") }, { id: "b", name: "b" }], says: "error shop-requests.sli.members" },
    { of: [{ sli: composite("b", "c") }, { id: "b", name: "b", sli: composite("c") }, { id: "c", name: "c" }] },
  ],
  "composite-groups": [
    {
      of: [
        { sli: composite("b"), groupBy: ["zone"] },
        { id: "b", name: "b" },
      ],
      says: "error shop-requests.group_by",
    },
    {
      of: [{ sli: composite("b") }, { id: "b", name: "b", window: { kind: "rolling", length: days(7) } }],
      says: "warning shop-requests.sli.members",
    },
    {
      of: [
        { sli: composite("b") },
        { id: "b", name: "b", groupBy: ["zone"], sli: events("increase(a[$window])", "increase(b[$window])") },
      ],
      says: "warning shop-requests.sli.members",
    },
    { of: [{ sli: composite("b") }, { id: "b", name: "b" }] },
  ],
  "selectors-differ": [
    {
      of: [{ sli: events('sum(increase(r{job="shop"}[$window]))', 'sum(increase(r{code="500"}[$window]))') }],
      says: "warning shop-requests.sli.errors",
    },
    {
      of: [{ sli: events('sum(increase(r{job="shop"}[$window]))', 'sum(increase(e{job="depot"}[$window]))') }],
      says: "warning shop-requests.sli.errors",
    },
    {
      of: [
        {
          sli: events(
            'sum(increase(r{job=~"shop|depot"}[$window]))',
            'sum(increase(r{job="shop",code="500"}[$window]))',
          ),
        },
      ],
    },
    { of: [{ sli: events('sum(increase(r{job="shop"}[$window]))', "sum(increase(shop_errors_total[$window]))") }] },
    {
      of: [
        {
          sli: events(
            'sum(increase(r{job="a"}[$window])) + sum(increase(r{job="b"}[$window]))',
            'sum(increase(r{job="b",code="500"}[$window]))',
          ),
        },
      ],
    },
  ],
  "vanishing-difference": [
    {
      of: [failing('sum(increase(r[$window])) - sum(increase(r{code="200"}[$window]))')],
      says: "warning shop-requests.sli.errors",
    },
    {
      of: [
        failing('sum(increase(r[$window])) - (sum(increase(r{code="200"}[$window])) or sum(increase(r[$window])) * 0)'),
      ],
    },
    { of: [failing('sum(increase(r_count[$window])) - sum(increase(r_bucket{le="0.3"}[$window]))')] },
  ],
  "same-queries": [
    { of: [failing("sum(increase( http_requests_total[$window] ))")], says: "warning shop-requests.sli.errors" },
    { of: [failing(errors)] },
  ],
  "mixed-units": [
    { of: [failing("sum(rate(http_requests_total[$window]))")], says: "error shop-requests.sli.errors" },
    { of: [{ sli: events("sum(rate(a[$window]))", "sum(rate(b[$window]))") }] },
  ],
  "lossy-function": [
    { of: [failing("sum(irate(http_requests_total[$window]))")], says: "warning shop-requests.sli.errors" },
    { of: [failing(errors)] },
  ],
  "or-vector": [
    { of: [both(`${total} or vector(0)`)], says: "warning shop-requests.sli.total" },
    {
      of: [
        { groupBy: ["zone"], sli: events("increase(a[$window])", "sum by (zone) (increase(b[$window])) or vector(0)") },
      ],
      says: "warning shop-requests.sli.errors",
    },
    { of: [failing(`${errors} or vector(0)`)] },
  ],
  inexact: [
    { of: [both("histogram_count(sum(increase(x[$window])))")] },
    { of: [both("max(increase(x[$window]))")], says: "warning shop-requests.sli.total" },
    { of: [failing(`sum(increase(x[$window])) / ${total}`)], says: "warning shop-requests.sli.total" },
    { of: [failing(`clamp_min(${total} - (${errors} or ${total} * 0), 0)`)] },
    {
      of: [
        {
          sli: events(
            "sum(count_over_time((sum(rate(x[5m])) >= -Inf)[$window:1m]))",
            "sum(sum_over_time((sum(rate(x[5m])) > bool 3)[$window:1m]))",
          ),
        },
      ],
    },
    { of: [both("sum(max_over_time(up[$window]))")], says: "warning shop-requests.sli.errors" },
    {
      of: [{ sli: events("sum(count_over_time(up[$window]))", "sum(sum_over_time(up[$window]))") }],
    },
  ],
  "unweighted-ratio": [{ of: [{ sli: ratio }], says: "warning shop-requests.sli.ratio" }, { of: [{}] }],
};
