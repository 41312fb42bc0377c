import { context, propagation, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from "@opentelemetry/api";

/** Where a span begins and what it tells. */
export interface SpanOptions {
  readonly kind?: "server" | "client" | "internal" | "consumer";
  readonly attributes?: Attributes;
  /** W3C trace context of what caused it, which becomes its parent. */
  readonly traceparent?: string | undefined;
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
  const { kind = "internal", attributes = {}, traceparent } = options;
  const parent = traceparent === undefined ? context.active() : propagation.extract(context.active(), { traceparent });
  return trace
    .getTracer("watchkeeper")
    .startActiveSpan(name, { kind: KINDS[kind], attributes }, parent, async (span) => {
      try {
        return await work(span);
      } catch (thrown) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: thrown instanceof Error ? thrown.name : "error" });
        throw thrown;
      } finally {
        span.end();
      }
    });
}

/** The W3C trace context of the span that is under way; undefined when none is, or none is recorded. */
export function currentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}
