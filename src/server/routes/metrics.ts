import { setImmediate } from "node:timers/promises";
import { closest } from "fastest-levenshtein";
import type { FastifyInstance, FastifyReply } from "fastify";
import Negotiator from "negotiator";
import type { Exposition, RenderRequest } from "../../exporters/prometheus/exposition.ts";
import { byteLengthOf } from "../../exporters/prometheus/page.ts";
import { negotiateFormat } from "../../exporters/prometheus/format.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";

/**
 * Serves the exposition to Prometheus. `?target=<name>` and `?collect[]=<collector>`, `<collector>/<part>` or
 * `watchkeeper` for the service's own metrics, each as often as wanted, choose series; a name that does not exist is
 * answered with 400. The answer bypasses `onSend` hooks, so headers for all answers belong in an earlier hook.
 */
export function registerMetricsRoute(app: FastifyInstance, exposition: Exposition): void {
  serveRoutes(app, ROUTES.metrics, {
    async metrics(request, reply) {
      const targets = readNames(request.query["target"]);
      const collect = readNames(request.query["collect[]"]);
      const problem = findUnknownName({ targets, collect }, exposition);
      if (problem !== undefined) return reply.code(400).type("text/plain; charset=utf-8").send(problem);

      const page = await exposition.render({ format: negotiateFormat(request.headers.accept), targets, collect });
      reply.header("content-type", page.contentType).header("vary", "Accept, Accept-Encoding");
      if (new Negotiator(request.raw).encoding(["gzip", "identity"]) !== "gzip") return sendChunks(reply, page.chunks);
      return sendChunks(reply.header("content-encoding", "gzip"), await page.compress());
    },
  });
}

/** Bytes that are handed to the socket at once: the kernel copies them while the event loop waits. */
const PORTION = 1_000_000;

/**
 * Sends a body that lies in many buffers without joining them, in few system calls: as fast as a single buffer, where a
 * stream would wait for the socket after each piece. Node leaves the body out of an answer to HEAD.
 */
async function sendChunks(reply: FastifyReply, chunks: readonly Buffer[]): Promise<FastifyReply> {
  reply.header("content-length", byteLengthOf(chunks));
  const response = reply.hijack().raw;
  for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value ?? "");
  let waiting = 0;
  response.cork();
  for (const chunk of chunks) {
    if (waiting > PORTION) {
      response.uncork();
      await setImmediate();
      response.cork();
      waiting = 0;
    }
    response.write(chunk);
    waiting += chunk.length;
  }
  response.end();
  return reply;
}

function readNames(value: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  return value === undefined ? undefined : new Set(typeof value === "string" ? [value] : value);
}

function findUnknownName(
  { targets, collect }: Omit<RenderRequest, "format">,
  exposition: Exposition,
): string | undefined {
  if (targets === undefined && collect === undefined) return undefined;
  const known = exposition.names();
  return (
    describeUnknown("target", targets, known.targets) ??
    describeUnknown("collector or part", collect, [...known.collectors, ...known.parts])
  );
}

function describeUnknown(what: string, asked: ReadonlySet<string> = new Set(), known: readonly string[]) {
  const unknown = [...asked].find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  const hint =
    known.length === 0 ? "it has none at all" : `the closest that it has is ${JSON.stringify(closest(unknown, known))}`;
  return `The configuration has no ${what} named ${JSON.stringify(unknown)}: ${hint}\n`;
}
