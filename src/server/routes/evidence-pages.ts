import type { FastifyInstance, FastifyReply } from "fastify";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { readTraceId } from "../../app/evidence/trace-view.ts";
import type { SloBoard } from "../../app/slo/board.ts";
import { listSlos, type SloSummary } from "../../app/slo/list-slos.ts";
import type { Bundle } from "../../core/evidence.ts";
import { renderEvidenceListPage } from "../pages/evidence/evidence-list-page.ts";
import { renderIncidentPage } from "../pages/evidence/incident-page.ts";
import { renderTracePage } from "../pages/evidence/trace-page.ts";
import type { PageFrame } from "../pages/page.ts";
import { answered } from "./answered.ts";
import { sendPage } from "./send-page.ts";

interface ById {
  Params: { id: string };
}

const MOST_BUNDLES = 100;
const MOST_SLOS = 10;

/** Evidence for people: `/evidence` with the newest, `/evidence/<id>` an incident, and `/traces/<id>` a trace with its log lines. */
export function registerEvidencePages(
  app: FastifyInstance,
  board: EvidenceBoard,
  { frame, slos }: { readonly frame: PageFrame; readonly slos: SloBoard | undefined },
): void {
  app.get("/evidence", (_, reply) =>
    answeredText(reply, async () =>
      sendPage(
        reply,
        renderEvidenceListPage(await board.bundles({ limit: MOST_BUNDLES }), { ...frame, now: Date.now() }),
      ),
    ),
  );

  app.get<ById>("/evidence/:id", (request, reply) =>
    answeredText(reply, async () => {
      const incident = await board.incident(request.params.id);
      if (incident === undefined) return nothing(reply, "There is no such evidence (any more); see /evidence.");
      return sendPage(
        reply,
        renderIncidentPage(incident, { ...frame, now: Date.now(), slos: slosOf(incident.bundle, slos) }),
      );
    }),
  );

  app.get<{ Querystring: { id?: string | string[] } }>("/traces", (request, reply) => {
    const id = readTraceId([request.query.id].flat()[0] ?? "");
    return id === undefined ? nothing(reply, NO_TRACE_ID, 400) : reply.redirect(`/traces/${id}`);
  });

  app.get<ById>("/traces/:id", (request, reply) =>
    answeredText(reply, async (signal) => {
      const id = readTraceId(request.params.id);
      if (id === undefined) return nothing(reply, NO_TRACE_ID, 400);
      return sendPage(reply, renderTracePage(await board.trace(id, signal), frame));
    }),
  );
}

const NO_TRACE_ID = "A trace id has 1 to 32 hexadecimal digits.";

const nothing = (reply: FastifyReply, text: string, status = 404): FastifyReply =>
  reply.code(status).type("text/plain").send(`${text}\n`);

const answeredText = (
  reply: FastifyReply,
  answer: (signal: AbortSignal) => Promise<FastifyReply>,
): Promise<FastifyReply> => answered(reply, answer, (message) => nothing(reply, message, 503));

/** Objectives of the services that a bundle is about. */
function slosOf({ question }: Bundle, slos: SloBoard | undefined): readonly SloSummary[] {
  if (slos === undefined) return [];
  const services = new Set(question.scope.filter.services);
  return listSlos(slos.state())
    .slos.filter(({ service }) => services.has(service))
    .slice(0, MOST_SLOS);
}
