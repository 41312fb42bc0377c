import type { OtlpAttribute, OtlpValue } from "../otlp.ts";
import type { StoredSpan } from "../trace.ts";
import { KINDS, STATUSES } from "./names.ts";
import type { Field, Value } from "./tree.ts";

/** The values that a span has for a field: several of events, links and lists, none of what it lacks. */
export function valuesOf(stored: StoredSpan, field: Field): readonly Value[] {
  const { span, resource, scope } = stored;
  switch (field.scope) {
    case "intrinsic":
      return intrinsicOf(stored, field.name);
    case "span":
      return read(span.attributes, field.name);
    case "resource":
      return read(resource.attributes, field.name);
    case "event":
      return span.events.flatMap(({ attributes }) => read(attributes, field.name));
    case "link":
      return span.links.flatMap(({ attributes }) => read(attributes, field.name));
    case "instrumentation":
      return read(scope.attributes, field.name);
    case "any": {
      const own = read(span.attributes, field.name);
      return own.length > 0 ? own : read(resource.attributes, field.name);
    }
  }
}

/** The attribute itself, as it was pushed. */
export function attributeOf({ span, resource, scope }: StoredSpan, field: Field): OtlpValue | undefined {
  const lists: Readonly<Record<Field["scope"], readonly (readonly OtlpAttribute[])[]>> = {
    intrinsic: [],
    span: [span.attributes],
    resource: [resource.attributes],
    event: span.events.map(({ attributes }) => attributes),
    link: span.links.map(({ attributes }) => attributes),
    instrumentation: [scope.attributes],
    any: [span.attributes, resource.attributes],
  };
  return lists[field.scope].flat().find(({ key }) => key === field.name)?.value;
}

function read(attributes: readonly OtlpAttribute[], name: string): readonly Value[] {
  const found = attributes.find(({ key }) => key === name)?.value;
  return found === undefined ? [] : readValue(found);
}

/** The values of an attribute: of a list all, of a map or of nothing none. */
export function readValue(value: OtlpValue): readonly Value[] {
  if (value.stringValue !== undefined) return [{ type: "string", value: value.stringValue }];
  if (value.boolValue !== undefined) return [{ type: "bool", value: value.boolValue }];
  if (value.intValue !== undefined) return [{ type: "int", value: Number(value.intValue) }];
  if (value.doubleValue !== undefined) return [{ type: "float", value: value.doubleValue }];
  return (value.arrayValue?.values ?? []).flatMap(readValue);
}

const text = (value: string): readonly Value[] => [{ type: "string", value }];
const count = (value: number): readonly Value[] => [{ type: "int", value }];
const time = (value: number): readonly Value[] => [{ type: "duration", value }];

const INTRINSIC_VALUES: Readonly<Record<string, (stored: StoredSpan) => readonly Value[]>> = {
  duration: ({ durationNs }) => time(durationNs),
  name: ({ span }) => text(span.name),
  status: ({ span }) => [{ type: "status", value: STATUSES[span.status.code] ?? "unset" }],
  statusMessage: ({ span }) => text(span.status.message),
  kind: ({ span }) => [{ type: "kind", value: KINDS[span.kind] ?? "unspecified" }],
  "span:childCount": (stored) => count(stored.trace.childrenOf(stored).length),
  rootName: ({ trace }) => text(trace.root?.span.name ?? ""),
  rootServiceName: ({ trace }) => text(trace.root?.service ?? ""),
  traceDuration: ({ trace }) => time(trace.durationNs),
  nestedSetParent: (stored) => count(parentNumber(stored)),
  nestedSetLeft: (stored) => count(stored.trace.spans.indexOf(stored) * 2 + 1),
  nestedSetRight: (stored) => count(stored.trace.spans.indexOf(stored) * 2 + 2),
  "span:id": ({ span }) => text(span.spanId),
  "span:parentID": ({ span }) => text(span.parentSpanId === "" ? "0".repeat(16) : span.parentSpanId),
  "trace:id": ({ trace }) => text(stripZeros(trace.id)),
  "event:name": ({ span }) => span.events.flatMap(({ name }) => text(name)),
  "event:timeSinceStart": ({ span }) =>
    span.events.flatMap(({ timeUnixNano }) => time(Number(timeUnixNano - span.startTimeUnixNano))),
  "link:traceID": ({ span }) => span.links.flatMap(({ traceId }) => text(traceId)),
  "link:spanID": ({ span }) => span.links.flatMap(({ spanId }) => text(spanId)),
  "instrumentation:name": ({ scope }) => text(scope.name),
  "instrumentation:version": ({ scope }) => text(scope.version),
};

function intrinsicOf(stored: StoredSpan, name: string): readonly Value[] {
  return INTRINSIC_VALUES[name]?.(stored) ?? [];
}

/** -1 of the root, 0 where the parent never came. */
function parentNumber(stored: StoredSpan): number {
  if (stored.span.parentSpanId === "") return -1;
  const parent = stored.trace.parentOf(stored);
  return parent === undefined ? 0 : stored.trace.spans.indexOf(parent) * 2 + 1;
}

/** An id as search writes it. */
export const stripZeros = (id: string): string => id.replace(/^0+/v, "");
