import type { FastifyInstance, FastifyReply } from "fastify";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { readChange } from "../../app/evidence/told-change.ts";
import { MOMENT_HELP, readMoment } from "../../app/evidence/moments.ts";
import type { TimeWindow } from "../../core/telemetry.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";
import { answeredJson } from "./answered.ts";
import { registerJsonApi } from "./json-api.ts";
import { readTexts, type Query } from "./query-texts.ts";

const MOST_CHANGES = 500;
const NO_CHANGE = "There is no such change, or it was told long ago and is forgotten; /api/v1/changes lists them.";
const ABOUT_NOTHING =
  "it has no labels, so that nobody knows what it is about: it counts for little, whatever evidence is looked for";

/** 9999-12-31. */
const ALWAYS: TimeWindow = { from: 0, to: 253_402_300_799_999 };

/**
 * Changes such as deployments. `POST /api/v1/changes` tells of one and answers 201 with its id; `GET /api/v1/changes`
 * lists what was told, the newest first, by `from`, `to` and `limit`, and `/api/v1/changes/<id>` gives one. While the
 * store can not be read they answer 503.
 */
export function registerChangeRoutes(app: FastifyInstance, board: EvidenceBoard): void {
  registerJsonApi(app, (scope) => {
    serveRoutes(scope, ROUTES.changes, {
      tell: {
        bodyLimit: 64 * 1024,
        handler: ({ body }, reply) => answeredJson(reply, () => keepChange(reply, body, board)),
      },

      list: ({ query }, reply) =>
        answeredJson(reply, async () => {
          const asked = readAsked(query, Date.now());
          if ("fault" in asked) return reply.code(400).send({ error: asked.fault });
          return reply.send({ changes: await board.changes(asked.window, asked.limit) });
        }),

      change: ({ params }, reply) =>
        answeredJson(reply, async () => {
          const change = await board.change(params.id);
          return change === undefined ? reply.code(404).send({ error: NO_CHANGE }) : reply.send(change);
        }),
    });
  });
}

async function keepChange(reply: FastifyReply, body: unknown, board: EvidenceBoard): Promise<FastifyReply> {
  const change = readChange(body, Date.now());
  if ("fault" in change) return reply.code(400).send({ error: change.fault });
  const kept = await board.keepChange(change);
  const url = `/api/v1/changes/${kept.id}`;
  const isAboutNothing = Object.keys(kept.labels).length === 0;
  return reply
    .code(201)
    .header("location", url)
    .send({ ...kept, url, ...(isAboutNothing && { note: ABOUT_NOTHING }) });
}

function readAsked(
  query: Query,
  now: number,
): { readonly window: TimeWindow; readonly limit: number } | { readonly fault: string } {
  const read = readTexts(query, ["from", "to", "limit"]);
  if ("fault" in read) return read;
  const { from, to, limit = "50" } = read.texts;
  const begin = from === undefined ? ALWAYS.from : readMoment(from, now);
  const end = to === undefined ? ALWAYS.to : readMoment(to, now);
  if (begin === undefined) return { fault: `from: ${MOMENT_HELP}` };
  if (end === undefined) return { fault: `to: ${MOMENT_HELP}` };
  if (begin >= end) return { fault: "from must be before to" };
  const most = Number(limit);
  if (!Number.isInteger(most) || most < 1 || most > MOST_CHANGES)
    return { fault: `limit is a number from 1 to ${MOST_CHANGES}` };
  return { window: { from: begin, to: end }, limit: most };
}
