import { AsyncLocalStorage } from "node:async_hooks";
import { context, ROOT_CONTEXT, trace, TraceFlags, type Context, type ContextManager } from "@opentelemetry/api";

/** A trace that is under way in {@link inTrace}. */
export const TRACE = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };

/** Does something within a span of {@link TRACE}, as it is while the SDK of OpenTelemetry runs. */
export function inTrace<T>(work: () => T): T {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, inner, self, ...args) => storage.run(active, () => inner.apply(self, args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  context.setGlobalContextManager(manager);
  try {
    const span = trace.wrapSpanContext({ ...TRACE, traceFlags: TraceFlags.SAMPLED });
    return context.with(trace.setSpan(ROOT_CONTEXT, span), work);
  } finally {
    context.disable();
  }
}
