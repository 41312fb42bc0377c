import { context, propagation, SpanKind, trace, type Context, type Span } from "@opentelemetry/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { failSpan } from "../lib/tracing.ts";

/** What is asked every few seconds by machines that watch Watchkeeper, and tells nothing. */
const isLeftOut = (path: string): boolean => path === "/metrics" || path.startsWith("/-/");

/**
 * Makes a span of each request that comes this far, within the trace of its caller. Neither query nor headers nor
 * bodies are told. Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function registerRequestSpans(app: FastifyInstance): void {
  const running = new WeakMap<FastifyRequest, { readonly span: Span; readonly within: Context }>();

  app.addHook("onRequest", (request, _, done) => {
    const { url: route } = request.routeOptions;
    if (isLeftOut(pathOf(request.url))) return done();
    const caller = propagation.extract(context.active(), request.headers);
    const span = trace
      .getTracer("watchkeeper")
      .startSpan(
        route === undefined ? request.method : `${request.method} ${route}`,
        { kind: SpanKind.SERVER, attributes: attributesOf(request, route) },
        caller,
      );
    running.set(request, { span, within: trace.setSpan(caller, span) });
    return done();
  });

  // not earlier: reading the body loses the context
  app.addHook("preValidation", (request, _, done) => {
    const found = running.get(request);
    if (found === undefined) done();
    else context.with(found.within, done);
  });

  app.addHook("onResponse", (request, reply, done) => {
    const span = running.get(request)?.span;
    span?.setAttribute("http.response.status_code", reply.statusCode);
    if (span !== undefined && reply.statusCode >= 500) failSpan(span, String(reply.statusCode));
    span?.end();
    done();
  });
}

const attributesOf = ({ method, url, protocol }: FastifyRequest, route: string | undefined) => ({
  "http.request.method": method,
  "url.path": pathOf(url),
  "url.scheme": protocol,
  ...(route !== undefined && { "http.route": route }),
});

const pathOf = (url: string): string => url.split("?", 1)[0] ?? url;
