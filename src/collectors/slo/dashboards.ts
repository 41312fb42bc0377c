import { panel, type Dashboard } from "../../core/dashboard.ts";
import { sloMetrics } from "../../core/slo-metrics.ts";
import { allSlosSignals as all, sloSignals as one } from "./signals.ts";

const toDetail = { dashboard: "slo", variables: { slo_id: "slo_id" } };
/** Grafana names each series by the labels in which it differs: only the specification knows those of its groups. */
const BY_GROUP = "__auto";
const NONE = "no objective has rules in Prometheus";
const YOUNG = "the rules of objectives have run for less than ten minutes";
const NO_EVENTS = "without any event there is nothing to burn the budget";
const SHORT_WINDOW = "an objective whose window or alerts are short records none over so long";

/** Every objective: which are missed, which will be. */
export const slosDashboard: Dashboard = {
  id: "slos",
  title: "Service level objectives",
  description:
    "Which objectives are missed, which will be, and which are not measured? A click on one leads to its own dashboard.",
  variables: [],
  summary: [all.exhausted, all.low, all.burningFast, all.unmeasured, all.alerts, all.count],
  explore: {
    logs: 'service.name:"{{slo_service}}" OR resource.attributes.service.name:"{{slo_service}}"',
    traces: '{ resource.service.name = "{{slo_service}}" && status = error }',
  },
  rows: [
    {
      title: "Are the objectives met?",
      panels: [
        panel("stat", all.exhausted, { emptyWhen: YOUNG }),
        panel("stat", all.low, { emptyWhen: YOUNG }),
        panel("stat", all.burningFast, { emptyWhen: NO_EVENTS }),
        panel("stat", all.unmeasured, { emptyWhen: NONE }),
        panel("stat", all.alerts, { emptyWhen: NONE }),
        panel("stat", all.count, { emptyWhen: NONE }),
      ],
    },
    {
      title: "Each objective",
      panels: [
        panel("table", all.budgets, {
          and: [all.burns, all.windowBurns, all.coverages],
          title: "Objectives by budget left",
          help: "The worst first. Budget left below 0 is a missed objective; a burn rate above 1 leads there; little measured means that what is left swings.",
          height: 12,
          emptyWhen: YOUNG,
          drillDown: toDetail,
        }),
      ],
    },
    {
      title: "What burns",
      panels: [
        panel("timeseries", all.fastBurns, {
          drillDown: toDetail,
          emptyWhen: "no budget burns faster than it may",
        }),
        panel("timeseries", all.lowBudgets, {
          drillDown: toDetail,
          emptyWhen: "every budget has a quarter or more left",
        }),
        {
          kind: "alerts",
          title: "Alerts of objectives",
          help: "What Alertmanager has of the objectives' alerts; a page before a ticket, a ticket before the rest.",
          matchers: ['slo_id=~".+"'],
          width: 24,
          emptyWhen: "no objective has an alert",
        },
      ],
    },
  ],
};

/** One objective from its budget to the events behind it. */
export const sloDashboard: Dashboard = {
  id: "slo",
  title: "Service level objective",
  description: "How much of this objective's budget is left, what burns it, since when, and who was told?",
  variables: [{ name: "slo_id", title: "Objective", metric: sloMetrics.info, multiple: false }],
  explore: slosDashboard.explore ?? {},
  rows: [
    {
      title: "Is it met?",
      panels: [
        panel("stat", one.budgetLeft, { emptyWhen: YOUNG }),
        panel("stat", one.burnNow, { emptyWhen: NO_EVENTS }),
        panel("stat", one.burnWindow, { emptyWhen: YOUNG }),
        panel("stat", one.objective, { emptyWhen: NONE }),
        panel("stat", one.window, { emptyWhen: NONE }),
        panel("stat", one.coverage, { emptyWhen: YOUNG }),
      ],
    },
    {
      title: "The budget",
      panels: [
        panel("timeseries", one.budgetLeft, {
          title: "History of the budget",
          help: "A step is an incident, a slope something that fails all the time; it rises again when a failure leaves the window.",
          emptyWhen: YOUNG,
        }),
        panel("timeseries", one.burnNow, {
          and: [one.burnHour, one.burnSixHours, one.burnThreeDays, one.burnWindow],
          title: "Burn rates",
          emptyWhen: SHORT_WINDOW,
        }),
      ],
    },
    {
      title: "The events behind it",
      panels: [
        panel("timeseries", one.failingHour, {
          and: [one.failingNow, one.allowed],
          title: "Failed share against what is allowed",
          help: "Above what is allowed the budget burns too fast. Where nothing happens there is no share.",
          emptyWhen: NO_EVENTS,
        }),
        panel("timeseries", one.events, {
          and: [one.failures],
          title: "Events and failures",
          emptyWhen: "the objective is not measured",
        }),
        panel("timeseries", one.coverage, {
          title: "Measured share of the window",
          help: "It grows until a window is full; where it falls, the events could not be read.",
          emptyWhen: YOUNG,
        }),
        {
          kind: "alerts",
          title: "Its alerts",
          help: "Alerts of its rules: those that fire, and those that soon may.",
          matchers: ['slo_id="$slo_id"'],
          emptyWhen: "nothing is wrong with the objective",
        },
      ],
    },
    {
      title: "Groups and specification",
      collapsed: true,
      panels: [
        panel("timeseries", one.groupBudgets, { legend: BY_GROUP, emptyWhen: YOUNG }),
        panel("timeseries", one.groupBurns, { legend: BY_GROUP, emptyWhen: NO_EVENTS }),
        panel("table", one.described, {
          height: 4,
          emptyWhen: NONE,
          drillDown: { dashboard: "service", variables: { service: "slo_service" } },
        }),
      ],
    },
  ],
};
