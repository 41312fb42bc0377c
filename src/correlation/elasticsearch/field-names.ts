import type { LogField } from "../../core/evidence-config.ts";

/**
 * Names that each meaning has in ECS, in OpenTelemetry's own mapping and in common pipelines, the best first.
 * Sources: https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html,
 * https://www.elastic.co/docs/reference/opentelemetry/data-streams
 */
export const KNOWN_NAMES: Readonly<Record<LogField, readonly string[]>> = {
  timestamp: ["@timestamp", "timestamp", "time", "ts", "observedTimestamp"],
  message: ["message", "body.text", "body", "log", "msg", "event.original"],
  level: ["log.level", "severity_text", "severity.text", "level", "severity", "log_level", "loglevel"],
  service: [
    "service.name",
    "resource.attributes.service.name",
    "resource.service.name",
    "service_name",
    "service",
    "kubernetes.labels.app_kubernetes_io/name",
    "kubernetes.labels.app",
    "app",
    "application",
  ],
  trace: ["trace.id", "trace_id", "traceId", "traceid", "traceID", "TraceId"],
  span: ["span.id", "span_id", "spanId", "spanid", "spanID", "SpanId"],
  namespace: [
    "kubernetes.namespace",
    "resource.attributes.k8s.namespace.name",
    "k8s.namespace.name",
    "resource.k8s.namespace.name",
    "kubernetes.namespace_name",
    "orchestrator.namespace",
    "namespace",
  ],
  pod: [
    "kubernetes.pod.name",
    "resource.attributes.k8s.pod.name",
    "k8s.pod.name",
    "resource.k8s.pod.name",
    "kubernetes.pod_name",
    "pod_name",
    "pod",
  ],
  host: [
    "host.name",
    "resource.attributes.host.name",
    "resource.host.name",
    "host.hostname",
    "hostname",
    "host",
    "kubernetes.node.name",
    "resource.attributes.k8s.node.name",
    "k8s.node.name",
    "resource.k8s.node.name",
    "kubernetes.host",
  ],
};

/** Names of OpenTelemetry's number of the severity. */
export const SEVERITY_NUMBERS = ["severity_number", "severityNumber", "severity.number"];

/** What can not be seen where no index has such a field. */
export const WITHOUT: Readonly<Record<LogField, string>> = {
  timestamp: "no line can be found by its time, so none is read",
  message: "patterns of messages are not found",
  level: "which lines failed is not known",
  service: "the lines of a service are not found",
  trace: "lines are not found by their trace",
  span: "lines do not name their span",
  namespace: "lines are not found by their namespace",
  pod: "the lines of a pod are not found",
  host: "the lines of a host are not found",
};
