// Started by process.ts as a process of its own: one server, so that its memory and its stalls are its own.
import { createRequire } from "node:module";
import Fastify, { type FastifyInstance } from "fastify";
import type * as PromClient from "prom-client";
import { request } from "undici";
import { CONTENT_TYPES } from "../../src/exporters/prometheus/format.ts";
import { serveOurs, type Ours } from "./ours.ts";
import { FAMILIES, LABELS, labelValues, METRICS, targetName, TARGETS, valueOf } from "./series.ts";
import { watchStalls, type Stalls } from "./stalls.ts";

/** What the parent may ask of "ours"; the answer is a {@link State}. */
export type Question = { readonly ask: "state" } | { readonly ask: "change"; readonly round: number };

/** How the server is. */
export interface State {
  /** Resident memory in bytes. */
  readonly rss: number;
  /** The longest stalls since the question before. */
  readonly stalls: Stalls;
}

const [kind = "", totalText = "", source = ""] = process.argv.slice(2);
const total = Number(totalText);

/** Serves what another contender serves, from one buffer: the limit of this machine. */
async function serveStatic(app: FastifyInstance): Promise<void> {
  const answer = await request(source);
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  app.get("/metrics", (_request, reply) => reply.type(CONTENT_TYPES.text).send(bytes));
}

/** Serves the series by a client library, whose module is `source`. */
function serveClient(app: FastifyInstance): void {
  const { Gauge, Registry } = createRequire(import.meta.url)(source) as typeof PromClient;
  const registry = new Registry();
  const labelNames = ["target", ...LABELS] as const;
  for (const [family, { name, help }] of METRICS.entries()) {
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] });
    for (let target = 0; target < TARGETS; target++) {
      for (let i = 0; i < total / FAMILIES / TARGETS; i++) {
        const [node, id, device] = labelValues(i);
        gauge.set({ target: targetName(target), node, id, device }, valueOf(target, family, i, 0));
      }
    }
  }
  app.get("/metrics", async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}

function answerQuestions(ours: Ours): void {
  const stalls = watchStalls();
  process.on("message", (question: Question) => {
    void (async () => {
      if (question.ask === "change") await ours.changeTenth(question.round);
      process.send?.({ rss: process.memoryUsage.rss(), stalls: stalls() } satisfies State);
    })();
  });
}

const app = Fastify();
if (kind === "static") await serveStatic(app);
else if (kind === "client") serveClient(app);
else {
  const ours = await serveOurs(app, total);
  if (kind === "ours, watched") answerQuestions(ours);
}
const url = await app.listen({ host: "127.0.0.1", port: 0 });
process.on("disconnect", () => process.exit());
process.send?.(`${url}/metrics`);
