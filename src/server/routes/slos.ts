import type { FastifyInstance, FastifyReply } from "fastify";
import type { SloBoard } from "../../app/slo/board.ts";
import { listSlos } from "../../app/slo/list-slos.ts";
import { showSlo } from "../../app/slo/show-slo.ts";
import type { PageFrame } from "../pages/page.ts";
import { renderSloPage } from "../pages/slo-page.ts";
import { renderSlosPage } from "../pages/slos-page.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";
import type { Query } from "./query-texts.ts";
import { sendPage } from "./send-page.ts";
import { readGateQuery } from "./slos-gate-query.ts";

interface Asked {
  readonly params: { readonly id: string };
  readonly query: Query;
}

const NOT_FOUND = "There is no SLO of this id; /api/v1/slos lists them.";

/**
 * SLOs, to look at: the pages `/slos` and `/slos/<id>`, and the same as JSON at `/api/v1/slos` and `/api/v1/slos/<id>`;
 * and what a change may do, at `/api/v1/slos/<id>/gate`.
 */
export function registerSloRoutes(app: FastifyInstance, board: SloBoard, frame: PageFrame): void {
  serveRoutes(app, ROUTES.slos, {
    overview: (_, reply) => sendPage(reply, renderSlosPage(listSlos(board.state()), { ...frame, now: Date.now() })),

    async objective({ params: { id } }, reply) {
      const found = showSlo(id, board.state());
      if (found === undefined)
        return reply.code(404).type("text/plain").send("There is no SLO of this id; see /slos.\n");
      return sendPage(reply, renderSloPage(found, await board.course(id), { ...frame, now: Date.now() }));
    },

    all: (_, reply) => reply.send(listSlos(board.state())),

    one({ params }, reply) {
      const found = showSlo(params.id, board.state());
      return found === undefined ? reply.code(404).send({ error: NOT_FOUND }) : reply.send(found);
    },
  });

  registerGate(app, board);
}

/**
 * Whether a change may be made: by GET for Argo Rollouts and scripts, by POST for Flagger, whose document is not read.
 * It answers 200 whatever the answer is, so that the JSON is read; with `status=1` 409 or, when nothing is known, 503
 * denies. `change` names the kind of change, `approved_by` who approved it, `group` (`label=value`, several times) one
 * group. A question that can not be understood is 400, since an answer to another one could let a change through.
 */
function registerGate(app: FastifyInstance, board: SloBoard): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_, payload, done) => {
      payload.on("end", () => done(null));
      payload.on("error", done);
      payload.resume();
    });
    serveRoutes(scope, ROUTES.gate, { gate: (request, reply) => answerGate(request, reply, board) });
  });
}

async function answerGate({ params, query }: Asked, reply: FastifyReply, board: SloBoard): Promise<FastifyReply> {
  reply.header("cache-control", "no-store");
  const refuse = (status: number, error: string): FastifyReply =>
    reply.code(status).send({ slo: params.id, allow: false, error });
  const slo = board.state().byId.get(params.id);
  if (slo === undefined) return refuse(404, NOT_FOUND);
  const asked = readGateQuery(query, slo);
  if ("error" in asked) return refuse(400, asked.error);
  const answer = await board.gate(params.id, asked.question);
  if (answer === undefined) return refuse(404, NOT_FOUND);
  const denial = answer.cause === "unknown" ? 503 : 409;
  return reply.code(asked.asStatus && !answer.allow ? denial : 200).send(answer);
}
