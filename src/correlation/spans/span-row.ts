import type { TelemetryFilter, TraceSpan } from "../../core/telemetry.ts";

/** Texts by the names of attributes. */
export type Attributes = Readonly<Record<string, string>>;

/** A span with what the trace view has no place for: its trace, and which of its attributes are whose. */
export interface SpanRow {
  readonly traceId: string;
  /** Without attributes: each span of a resource has those of the resource too, which takes much room. */
  readonly span: Omit<TraceSpan, "attributes">;
  /** The span's own attributes. */
  readonly own: Attributes;
  /** Those of the resource, shared by its spans. */
  readonly resource: Attributes;
}

/** Whether a request or message enters a service with the span. */
export function isEntry({ span }: SpanRow): boolean {
  return span.kind === "server" || span.kind === "consumer";
}

/** Resource attributes that name a host, and a namespace. */
export const HOST_ATTRIBUTES = ["host.name", "k8s.node.name"] as const;
/** As {@link HOST_ATTRIBUTES}. */
export const NAMESPACE_ATTRIBUTES = ["k8s.namespace.name", "service.namespace"] as const;
/** The resource attribute that names a pod. */
export const POD_ATTRIBUTE = "k8s.pod.name";

/** Whether the span belongs to what the filter names. */
export function belongs({ span, resource }: SpanRow, filter: TelemetryFilter): boolean {
  const isNamed = (names: readonly string[], keys: readonly string[]): boolean =>
    keys.some((key) => names.includes(resource[key] ?? ""));
  const known = NAMESPACE_ATTRIBUTES.filter((key) => resource[key] !== undefined);
  const named = [...filter.services, ...filter.pods, ...filter.hosts].length > 0;
  if (filter.namespaces.length > 0) {
    // a namespace that is not known speaks against nothing, unless nothing else speaks for it
    const fits = known.length === 0 ? named : isNamed(filter.namespaces, known);
    if (!fits) return false;
  }
  if (!named) return true;
  return (
    filter.services.includes(span.service) ||
    isNamed(filter.pods, [POD_ATTRIBUTE]) ||
    isNamed(filter.hosts, HOST_ATTRIBUTES)
  );
}
