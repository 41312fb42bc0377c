import { panel, type Dashboard, type PanelRow, type SignalPanel } from "../../core/dashboard.ts";
import {
  calledSignals,
  callerSignals,
  serviceSignals as signals,
  serviceSloSignals as slos,
} from "./service-signals.ts";
import { spanMetrics } from "./span-metrics.ts";

const NO_REQUESTS = "the service serves nothing now, or sends no traces";
const NO_SLOS = "no objective names the service";

/** By the names of ECS and of OpenTelemetry's own fields. */
const LOGS_OF = (service: string): string =>
  `(service.name:"${service}" OR resource.attributes.service.name:"${service}")`;
const LEVELS = "(error OR Error OR ERROR OR critical OR CRITICAL OR fatal OR Fatal OR FATAL)";
const ERRORS = `(log.level:${LEVELS} OR severity_text:${LEVELS} OR severity_number:>=17)`;

const summary: PanelRow = {
  title: "Is it well?",
  panels: [
    panel("stat", signals.rate, { emptyWhen: NO_REQUESTS }),
    panel("stat", signals.errors, { emptyWhen: NO_REQUESTS }),
    panel("stat", signals.median, { emptyWhen: NO_REQUESTS }),
    panel("stat", signals.slow, { emptyWhen: NO_REQUESTS }),
    panel("stat", slos.worst, { emptyWhen: NO_SLOS }),
  ],
};

const requests: PanelRow = {
  title: "Requests",
  panels: [
    panel("timeseries", signals.rate, { width: 8, emptyWhen: NO_REQUESTS }),
    panel("timeseries", signals.errors, { width: 8, emptyWhen: NO_REQUESTS }),
    panel("timeseries", signals.median, {
      and: [signals.usual, signals.slow],
      title: "Latency",
      help: "Half, 90% and 99% of the answers were faster; the dots are traces.",
      width: 8,
      exemplars: true,
      emptyWhen: NO_REQUESTS,
    }),
    panel("table", signals.operationRate, {
      and: [signals.operationErrors, signals.operationSlow],
      title: "Operations",
      help: "Each operation that was asked for: how much, how much of it failed, how slow it is.",
      emptyWhen: NO_REQUESTS,
    }),
  ],
};

const alertsAndLogs: PanelRow = {
  title: "What is wrong",
  panels: [
    {
      kind: "alerts",
      title: "Alerts about the service",
      help: "Those that carry its name as the label `service`.",
      matchers: ['service="$service"'],
      emptyWhen: "nothing is wrong with the service",
    },
    {
      kind: "alerts",
      title: "Alerts of its objectives",
      help: "Pages, tickets and lack of data of the objectives that name it.",
      matchers: ['slo_service="$service"'],
      emptyWhen: "its objectives are met",
    },
    {
      kind: "logs",
      title: "Errors in its logs",
      help: "Lines of the level error or worse, by the names of ECS and of OpenTelemetry.",
      query: `${LOGS_OF("$service")} AND ${ERRORS}`,
      emptyWhen: "the service logs no error",
    },
    {
      kind: "traces",
      title: "Traces that failed",
      help: "Traces in which a span of the service is an error.",
      query: '{ resource.service.name = "$service" && status = error }',
      width: 12,
      emptyWhen: "nothing fails",
    },
    {
      kind: "traces",
      title: "Slow traces",
      help: "Traces in which the service took more than a second to answer.",
      query: '{ resource.service.name = "$service" && kind = server && duration > 1s }',
      width: 12,
      emptyWhen: "every answer took less than a second",
    },
  ],
};

const neighbours = (title: string, of: typeof calledSignals, other: "client" | "server"): SignalPanel =>
  panel("table", of.rate, {
    and: [of.errors, of.slow],
    title,
    help: "How much goes between them, how much of it fails, how slow the answers are; a click leads on to the other one.",
    width: 12,
    drillDown: { dashboard: "service", variables: { service: other } },
    emptyWhen: "its traces name no other service",
  });

const graph: PanelRow = {
  title: "What it needs, and who needs it",
  panels: [
    neighbours("What it calls", calledSignals, "server"),
    neighbours("Who calls it", callerSignals, "client"),
    {
      kind: "service-map",
      title: "Map of what it calls",
      help: "The services that it asks; what fails is red.",
      query: '{client="$service"}',
      emptyWhen: "its traces name no other service",
    },
  ],
};

/** The dashboard of one objective, where a pack has it. */
const SLO = "slo";

const objectives = (dashboards: readonly Dashboard[]): PanelRow => ({
  title: "Its objectives",
  panels: [
    panel("table", slos.budgets, {
      and: [slos.burns],
      title: "Objectives of the service",
      ...(dashboards.some(({ id }) => id === SLO) && {
        drillDown: { dashboard: SLO, variables: { slo_id: "slo_id" } },
      }),
      emptyWhen: NO_SLOS,
    }),
  ],
});

/** Metrics, logs, traces, objectives and alerts of one service, wherever they are kept; leads on to `dashboards`. */
export const serviceDashboard = (dashboards: readonly Dashboard[]): Dashboard => ({
  id: "service",
  title: "One service",
  description:
    "Is this service well for those who use it? What fails and is slow in it, what does it log, what does it need, which objectives does it miss?",
  variables: [{ name: "service", title: "Service", metric: spanMetrics.calls, multiple: false }],
  explore: { logs: LOGS_OF("{{service}}"), traces: '{ resource.service.name = "{{service}}" }' },
  rows: [summary, requests, alertsAndLogs, graph, objectives(dashboards)],
});
