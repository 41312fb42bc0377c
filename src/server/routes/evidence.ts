import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { UnknownLabels } from "../../app/evidence/known-labels.ts";
import { MOMENT_HELP, readMoment } from "../../app/evidence/moments.ts";
import { readRequest } from "../../app/evidence/request.ts";
import { readTraceId } from "../../app/evidence/trace-view.ts";
import { days } from "../../core/duration.ts";
import { CHANGE_KINDS, type Change } from "../../core/telemetry.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { answered } from "./answered.ts";

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;
interface ById {
  Params: { id: string };
}

const MOST_BUNDLES = 200;
const NO_BUNDLE = "There is no such evidence, or it was made long ago and is forgotten; see /evidence.";
const NO_ALERT =
  "There is no such alert, or several begin like this: /api/v1/conversations has groups, `watchkeeper deliveries` lists them.";
const NO_TRACE_ID = "A trace id has 1 to 32 hexadecimal digits, such as 4bf92f3577b34da6a3ce929d0e0e4736.";

/**
 * Evidence for machines. `GET /api/v1/correlate` makes a bundle: `alert` is a fingerprint, `group` the id of a group; all other
 * names are labels (`service=shop`), with `from` and `to`. `GET /api/v1/evidence` and `/api/v1/evidence/<id>` give what was
 * made; `POST /api/v1/evidence/<id>/rerun` asks the same again. `GET /api/v1/traces/<id>` gives a trace with its log lines.
 * `POST /api/v1/changes` tells of a deployment and the like. While the store can not be read they answer 503.
 */
export function registerEvidenceRoutes(app: FastifyInstance, board: EvidenceBoard): void {
  app.get<{ Querystring: Query }>("/api/v1/correlate", (request, reply) =>
    answeredJson(reply, async (signal) => {
      const { alert, group, from, to, ...labels } = textsOf(request.query);
      const read = readRequest({ alert, group, from, to, labels }, Date.now());
      if ("fault" in read) return reply.code(400).send({ error: read.fault });
      const bundle = await board.make(read, signal).catch((thrown: unknown) => {
        if (thrown instanceof UnknownLabels) return thrown;
        throw thrown;
      });
      if (bundle instanceof UnknownLabels) return reply.code(400).send({ error: bundle.message });
      return bundle === undefined ? reply.code(404).send({ error: NO_ALERT }) : reply.send(bundle);
    }),
  );

  app.get<{ Querystring: Query }>("/api/v1/evidence", (request, reply) =>
    answeredJson(reply, async () => {
      const { group, limit = "50" } = textsOf(request.query);
      const most = Number(limit);
      if (!Number.isInteger(most) || most < 1 || most > MOST_BUNDLES)
        return reply.code(400).send({ error: `The limit is a number from 1 to ${MOST_BUNDLES}, not ${limit}.` });
      const bundles = await board.bundles({ limit: most, ...(group !== undefined && { groupId: group }) });
      return reply.send({ bundles });
    }),
  );

  app.get<ById>("/api/v1/evidence/:id", (request, reply) =>
    answeredJson(reply, async () => {
      const bundle = await board.bundle(request.params.id);
      return bundle === undefined ? reply.code(404).send({ error: NO_BUNDLE }) : reply.send(bundle);
    }),
  );

  app.post<ById>("/api/v1/evidence/:id/rerun", (request, reply) =>
    answeredJson(reply, async (signal) => {
      const again = await board.rerun(request.params.id, signal);
      return again === undefined ? reply.code(404).send({ error: NO_BUNDLE }) : reply.send(again);
    }),
  );

  app.get<ById>("/api/v1/traces/:id", (request, reply) =>
    answeredJson(reply, async (signal) => {
      const id = readTraceId(request.params.id);
      if (id === undefined) return reply.code(400).send({ error: NO_TRACE_ID });
      return reply.send(await board.trace(id, signal));
    }),
  );

  app.post("/api/v1/changes", { bodyLimit: 64 * 1024 }, (request, reply) =>
    answeredJson(reply, async () => {
      const change = readChange(request.body, Date.now());
      if ("fault" in change) return reply.code(400).send({ error: change.fault });
      await board.keepChange(change);
      return reply.code(201).send(change);
    }),
  );
}

/** Of several values of a name the first; empty ones are left out. */
const textsOf = (query: Query): Record<string, string> =>
  Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => {
      const text = [value].flat()[0];
      return text === undefined || text === "" ? [] : [[name, text]];
    }),
  );

const answeredJson = (
  reply: FastifyReply,
  answer: (signal: AbortSignal) => Promise<FastifyReply>,
): Promise<FastifyReply> =>
  answered(reply.header("cache-control", "no-store"), answer, (error) => reply.code(503).send({ error }));

const changeSchema = z.strictObject({
  // alerts are found by themselves
  kind: z.enum(CHANGE_KINDS).exclude(["alert"]).default("deploy"),
  at: z.union([z.string(), z.number()]).optional(),
  title: z.string().trim().min(1),
  labels: z.record(z.string().min(1).max(200), z.string().max(1_000)).default({}),
  link: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
});

/** Planned changes are told too; more is a slip of the pen. */
const MOST_AHEAD = days(1);
/** The longest `evidence.retention`. */
const MOST_AGE = days(400);

function readChange(body: unknown, now: number): Change | { readonly fault: string } {
  const read = changeSchema.safeParse(body);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { fault: `${issue?.path.join(".") || "the body"}: ${issue?.message ?? "is not understood"}` };
  }
  const { kind, at, title, labels, link } = read.data;
  const moment = at === undefined ? now : readMoment(String(at), now);
  if (moment === undefined) return { fault: `at: ${MOMENT_HELP}` };
  if (moment > now + MOST_AHEAD) return { fault: "at: lies more than a day ahead" };
  if (moment < now - MOST_AGE) return { fault: "at: lies back more than 400 days, and no evidence is kept for longer" };
  return {
    kind,
    at: moment,
    title: clip(oneLine(title), 200),
    labels,
    source: "api",
    ...(link !== undefined && { link }),
  };
}
