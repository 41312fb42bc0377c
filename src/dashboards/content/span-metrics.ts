import { counter, histogram } from "../../core/metric.ts";

const ofSpans = ["service", "span_name", "span_kind", "status_code"] as const;
const ofEdges = ["client", "server", "connection_type"] as const;

/**
 * What Tempo's metrics-generator makes of spans, by its own names; the collector's connectors can be made to use them
 * too.
 * Source: https://grafana.com/docs/tempo/latest/metrics-generator/span_metrics/
 */
export const spanMetrics = {
  calls: counter("traces_spanmetrics_calls_total", { help: "Spans.", labels: ofSpans }),
  latency: histogram("traces_spanmetrics_latency", { help: "How long spans took.", unit: "seconds", labels: ofSpans }),
};

/**
 * What it makes of a span and its parent in another service; what comes from outside has the client `user`.
 * Source: https://grafana.com/docs/tempo/latest/metrics-generator/service_graphs/
 */
export const graphMetrics = {
  requests: counter("traces_service_graph_request_total", { help: "Requests between services.", labels: ofEdges }),
  failed: counter("traces_service_graph_request_failed_total", { help: "Those that failed.", labels: ofEdges }),
  latency: histogram("traces_service_graph_request_server_seconds", {
    help: "How long the called service took.",
    unit: "seconds",
    labels: ofEdges,
  }),
};
