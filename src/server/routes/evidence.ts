import type { FastifyInstance, FastifyReply } from "fastify";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { readLogId, readTraceId } from "../../app/evidence/ids.ts";
import { isKnownLine } from "../../app/evidence/log-view.ts";
import { isKnownTrace } from "../../app/evidence/trace-view.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";
import { answeredJson } from "./answered.ts";
import { makeEvidence } from "./make-evidence.ts";
import { registerJsonApi } from "./json-api.ts";
import { readTexts, type Query } from "./query-texts.ts";

const MOST_BUNDLES = 200;
const NO_BUNDLE = "There is no such evidence, or it was made long ago and is forgotten; see /evidence.";
const NO_ALERT =
  "There is no such alert or group: /alerts/<id> and `watchkeeper deliveries show <id>` name the fingerprints of a group's alerts.";
const NO_LOG_ID = "An id of a log line is Elasticsearch's _id or index/_id, without spaces.";
const NO_TRACE_ID = "A trace id has 1 to 32 hexadecimal digits, such as 4bf92f3577b34da6a3ce929d0e0e4736.";

/**
 * Evidence for machines. `GET /api/v1/correlate` makes a bundle: `alert` is a fingerprint or the beginning of one,
 * `group` the id of a group; others are labels (`service=shop`, or several in `labels`), with `from` and `to`.
 * `GET /api/v1/evidence` and `/api/v1/evidence/<id>` give what was made; `POST /api/v1/evidence/<id>/rerun` asks the
 * same again. `GET /api/v1/traces/<id>` gives a trace with its log lines and metrics, `GET /api/v1/logs/<id>` a log
 * line with its trace or what was logged around it. While the store can not be read they answer 503.
 */
export function registerEvidenceRoutes(app: FastifyInstance, board: EvidenceBoard): void {
  registerJsonApi(app, (scope) => {
    serveRoutes(scope, ROUTES.evidence, {
      correlate: ({ query }, reply) => answeredJson(reply, (signal) => makeBundle(reply, query, board, signal)),

      bundles: ({ query }, reply) =>
        answeredJson(reply, async () => {
          const read = readTexts(query, ["group", "limit"]);
          if ("fault" in read) return reply.code(400).send({ error: read.fault });
          const { group, limit = "50" } = read.texts;
          const most = Number(limit);
          if (!Number.isInteger(most) || most < 1 || most > MOST_BUNDLES)
            return reply.code(400).send({ error: `limit is a number from 1 to ${MOST_BUNDLES}` });
          const bundles = await board.bundles({ limit: most, ...(group !== undefined && { groupId: group }) });
          return reply.send({ bundles });
        }),

      bundle: ({ params }, reply) =>
        answeredJson(reply, async () => {
          const bundle = await board.bundle(params.id);
          return bundle === undefined ? reply.code(404).send({ error: NO_BUNDLE }) : reply.send(bundle);
        }),

      rerun: ({ params }, reply) =>
        answeredJson(reply, async (signal) => {
          const again = await board.rerun(params.id, signal);
          return again === undefined ? reply.code(404).send({ error: NO_BUNDLE }) : reply.send(again);
        }),

      trace: ({ params }, reply) =>
        answeredJson(reply, async (signal) => {
          const id = readTraceId(params.id);
          if (id === undefined) return reply.code(400).send({ error: NO_TRACE_ID });
          const view = await board.trace(id, signal);
          return reply.code(isKnownTrace(view) ? 200 : 404).send(view);
        }),

      log: ({ params }, reply) =>
        answeredJson(reply, async (signal) => {
          const id = readLogId(params["*"]);
          if (id === undefined) return reply.code(400).send({ error: NO_LOG_ID });
          const view = await board.log(id, signal);
          return reply.code(isKnownLine(view) ? 200 : 404).send(view);
        }),
    });
  });
}

async function makeBundle(
  reply: FastifyReply,
  query: Query,
  board: EvidenceBoard,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const made = await makeEvidence(query, board, signal);
  if (made === undefined) return reply.code(404).send({ error: NO_ALERT });
  return "fault" in made ? reply.code(400).send({ error: made.fault }) : reply.send(made);
}
