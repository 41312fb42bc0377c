import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SloBoard } from "../../app/slo/board.ts";
import { listSlos } from "../../app/slo/list-slos.ts";
import { showSlo } from "../../app/slo/show-slo.ts";
import type { PageFrame } from "../pages/page.ts";
import { renderSloPage } from "../pages/slo-page.ts";
import { renderSlosPage } from "../pages/slos-page.ts";
import { sendPage } from "./send-page.ts";

interface ById {
  Params: { id: string };
}
type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const NOT_FOUND = "There is no SLO of this id; /api/v1/slos lists them.";

/**
 * SLOs, to look at: the pages `/slos` and `/slos/<id>`, and the same as JSON at `/api/v1/slos` and `/api/v1/slos/<id>`; and
 * what a change may do, at `/api/v1/slos/<id>/gate`.
 */
export function registerSloRoutes(app: FastifyInstance, board: SloBoard, frame: PageFrame): void {
  app.get("/slos", (_, reply) =>
    sendPage(reply, renderSlosPage(listSlos(board.state()), { ...frame, now: Date.now() })),
  );

  app.get<ById>("/slos/:id", async (request, reply) => {
    const { id } = request.params;
    const found = showSlo(id, board.state());
    if (found === undefined) return reply.code(404).type("text/plain").send("There is no SLO of this id; see /slos.\n");
    return sendPage(reply, renderSloPage(found, await board.course(id), { ...frame, now: Date.now() }));
  });

  app.get("/api/v1/slos", (_, reply) => reply.send(listSlos(board.state())));

  app.get<ById>("/api/v1/slos/:id", (request, reply) => {
    const found = showSlo(request.params.id, board.state());
    return found === undefined ? reply.code(404).send({ error: NOT_FOUND }) : reply.send(found);
  });

  registerGate(app, board);
}

/**
 * Whether a change may be made: by GET for Argo Rollouts and scripts, by POST for Flagger, whose document is not read. It
 * answers 200 whatever the answer is, so that the JSON is read; with `status=1` 409 or, when nothing is known, 503 denies.
 * `change` names the kind of change, `approved_by` who approved it, `group` (`label=value`, several times) one group.
 */
function registerGate(app: FastifyInstance, board: SloBoard): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_, payload, done) => {
      payload.on("end", () => done(null));
      payload.on("error", done);
      payload.resume();
    });
    scope.route<ById & { Querystring: Query }>({
      method: ["GET", "POST"],
      url: "/api/v1/slos/:id/gate",
      handler: (request, reply) => answerGate(request, reply, board),
    });
  });
}

async function answerGate(
  { params, query }: FastifyRequest<ById & { Querystring: Query }>,
  reply: FastifyReply,
  board: SloBoard,
): Promise<FastifyReply> {
  const one = (name: string): string | undefined => [query[name]].flat()[0] || undefined;
  const group = [query["group"] ?? []].flat().map((text) => text.split(/=(.*)/s, 2));
  const answer = await board.gate(params.id, {
    change: one("change"),
    approvedBy: one("approved_by"),
    group: Object.fromEntries(group.map(([label = "", value = ""]) => [label, value])),
  });
  reply.header("cache-control", "no-store");
  if (answer === undefined) return reply.code(404).send({ slo: params.id, allow: false, error: NOT_FOUND });
  const asStatus = one("status") === "1";
  const denial = answer.cause === "unknown" ? 503 : 409;
  return reply.code(asStatus && !answer.allow ? denial : 200).send(answer);
}
