import type { LogLevel } from "../../core/telemetry.ts";
import type { ShopLine } from "./contract.ts";

/** How log documents are laid out: as the Elastic Common Schema has them, or as OpenTelemetry's data model does. */
export type LogForm = "ecs" | "otel";

const SEVERITY: Readonly<Record<LogLevel, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

/** Fields of a line besides its time and text, by their names in ECS; all as text. */
function fieldsOf(line: ShopLine): Readonly<Record<string, string>> {
  return {
    "log.level": line.level ?? "info",
    "log.logger": line.logger,
    "service.name": line.service,
    "service.version": line.version,
    "host.name": line.host,
    "cloud.availability_zone": line.zone,
    "kubernetes.namespace": line.namespace,
    "kubernetes.pod.name": line.pod,
    "kubernetes.pod.ip": line.address,
    "container.image.tag": line.version,
    ...(line.method !== undefined && { "http.request.method": line.method }),
    ...(line.route !== undefined && { "http.route": line.route }),
    ...(line.status !== undefined && { "http.response.status_code": String(line.status) }),
    ...(line.customer !== undefined && { "user.id": line.customer }),
    ...(line.peer !== undefined && { "destination.domain": line.peer }),
    ...(line.errorType !== undefined && { "error.type": line.errorType }),
    ...(line.traceId !== undefined && { "trace.id": line.traceId }),
    ...(line.spanId !== undefined && { "span.id": line.spanId }),
  };
}

/** A line as a document of Elasticsearch. */
export function documentOf(line: ShopLine, form: LogForm): object {
  return form === "ecs" ? ecsDocument(line) : otelDocument(line);
}

function ecsDocument(line: ShopLine): object {
  return {
    "@timestamp": new Date(line.at).toISOString(),
    message: line.message,
    ...fieldsOf(line),
    ...(line.durationMs !== undefined && { "event.duration": Math.round(line.durationMs * 1e6) }),
  };
}

function otelDocument(line: ShopLine): object {
  const level = line.level ?? "info";
  return {
    "@timestamp": new Date(line.at).toISOString(),
    body: { text: line.message },
    // libraries write them as they like
    severity_text: line.service.length % 2 === 0 ? level.toUpperCase() : level,
    severity_number: SEVERITY[level],
    ...(line.traceId !== undefined && { trace_id: line.traceId }),
    ...(line.spanId !== undefined && { span_id: line.spanId }),
    scope: { name: line.logger },
    attributes: {
      ...(line.method !== undefined && { "http.request.method": line.method }),
      ...(line.route !== undefined && { "http.route": line.route }),
      ...(line.status !== undefined && { "http.response.status_code": line.status }),
      ...(line.customer !== undefined && { "user.id": line.customer }),
      ...(line.peer !== undefined && { "peer.service": line.peer }),
      ...(line.errorType !== undefined && { "exception.type": line.errorType }),
    },
    resource: {
      attributes: {
        "service.name": line.service,
        "service.version": line.version,
        "host.name": line.host,
        "cloud.availability_zone": line.zone,
        "k8s.namespace.name": line.namespace,
        "k8s.pod.name": line.pod,
        "k8s.pod.ip": line.address,
      },
    },
  };
}

const keyword = { type: "keyword", ignore_above: 1024 } as const;
const alias = (path: string): object => ({ type: "alias", path });

const OTEL_ALIASES = {
  message: "body.text",
  "log.level": "severity_text",
  "trace.id": "trace_id",
  "span.id": "span_id",
  "service.name": "resource.attributes.service.name",
  "service.version": "resource.attributes.service.version",
  "host.name": "resource.attributes.host.name",
  "kubernetes.namespace": "resource.attributes.k8s.namespace.name",
  "kubernetes.pod.name": "resource.attributes.k8s.pod.name",
  "error.type": "attributes.exception.type",
} as const;

/**
 * The mapping of an index for such documents; types as in Elastic's own templates, without those that need more than
 * the core.
 * Sources: https://www.elastic.co/docs/reference/ecs/ecs-field-reference, https://github.com/elastic/opentelemetry-dev
 */
export function mappingOf(form: LogForm): object {
  const strings = {
    match_mapping_type: "string",
    mapping: keyword,
  };
  if (form === "ecs")
    return {
      dynamic_templates: [{ ecs_strings: strings }],
      properties: nested({
        "@timestamp": { type: "date" },
        message: { type: "text" },
        "http.response.status_code": { type: "long" },
        "event.duration": { type: "long" },
        "kubernetes.pod.ip": { type: "ip" },
      }),
    };
  return {
    dynamic_templates: [{ otel_strings: strings }],
    properties: nested({
      "@timestamp": { type: "date" },
      "body.text": { type: "text" },
      severity_text: keyword,
      severity_number: { type: "byte" },
      trace_id: keyword,
      span_id: keyword,
      "resource.attributes.service.name": keyword,
      "resource.attributes.service.version": keyword,
      "resource.attributes.host.name": keyword,
      "resource.attributes.k8s.namespace.name": keyword,
      "resource.attributes.k8s.pod.name": keyword,
      "attributes.exception.type": keyword,
      "attributes.http.response.status_code": { type: "long" },
      ...Object.fromEntries(Object.entries(OTEL_ALIASES).map(([name, path]) => [name, alias(path)])),
    }),
  };
}

/** Dotted names as the objects that a mapping has for them. */
function nested(fields: Readonly<Record<string, object>>): object {
  const root: Record<string, object> = {};
  for (const [name, mapping] of Object.entries(fields)) {
    const [last = name, ...above] = name.split(".").toReversed();
    let properties = root;
    for (const part of above.toReversed()) {
      const parent = (properties[part] ??= { properties: {} }) as { properties: Record<string, object> };
      ({ properties } = parent);
    }
    properties[last] = mapping;
  }
  return root;
}
