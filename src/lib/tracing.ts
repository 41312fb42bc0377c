import {
  context,
  INVALID_SPAN_CONTEXT,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Span,
} from "@opentelemetry/api";
import { DeliveryError } from "../core/delivery-errors.ts";
import { CollectError } from "../core/errors.ts";

/** Where a span begins and what it tells. */
export interface SpanOptions {
  readonly kind?: "server" | "client" | "internal" | "consumer";
  readonly attributes?: Attributes;
  /** W3C trace context of what caused it, which becomes its parent. */
  readonly traceparent?: string | undefined;
  /** Begins a trace of its own, whatever is under way, unless there is a `traceparent`. */
  readonly isRoot?: boolean;
  /** No span where none is under way: what belongs to nothing would be a trace of its own. */
  readonly isOnlyChild?: boolean;
}

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  internal: SpanKind.INTERNAL,
  consumer: SpanKind.CONSUMER,
};

/**
 * Runs work within a span; what it throws is noted and thrown on. Without the tracing SDK this costs next to nothing.
 * Source: https://opentelemetry.io/docs/languages/js/instrumentation/
 */
export async function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const { kind = "internal", attributes = {}, traceparent, isRoot = false } = options;
  const parent = traceparent === undefined ? context.active() : propagation.extract(context.active(), { traceparent });
  if (options.isOnlyChild === true && trace.getActiveSpan() === undefined)
    return work(trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  const root = isRoot && traceparent === undefined;
  return trace
    .getTracer("watchkeeper")
    .startActiveSpan(name, { kind: KINDS[kind], attributes, root }, parent, async (span) => {
      try {
        return await work(span);
      } catch (thrown) {
        failSpan(span, errorType(thrown));
        throw thrown;
      } finally {
        span.end();
      }
    });
}

/**
 * Marks a span as failed by a word of few, such as a reason; never by a message, which may quote another system.
 * Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
 */
export function failSpan(span: Span, type: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}

function errorType(thrown: unknown): string {
  if (thrown instanceof CollectError || thrown instanceof DeliveryError) return thrown.reason;
  return thrown instanceof Error ? thrown.name : "error";
}

/** Ids of the trace and the span that are under way, recorded or not: 32 and 16 hexadecimal digits. */
export function activeTrace(): { readonly traceId: string; readonly spanId: string } | undefined {
  return trace.getActiveSpan()?.spanContext();
}

/** The W3C trace context of the span that is under way; undefined when none is, or none is recorded. */
export function currentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}
