import type { FastifyInstance, FastifyReply } from "fastify";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { logIdText, readLogId, readTraceId } from "../../app/evidence/ids.ts";
import { isKnownLine } from "../../app/evidence/log-view.ts";
import { RequestFault } from "../../app/evidence/request-fault.ts";
import { isKnownTrace } from "../../app/evidence/trace-view.ts";
import type { SloBoard } from "../../app/slo/board.ts";
import { listSlos, type SloSummary } from "../../app/slo/list-slos.ts";
import type { Bundle } from "../../core/evidence.ts";
import { renderEvidenceListPage } from "../pages/evidence/evidence-list-page.ts";
import { renderIncidentPage } from "../pages/evidence/incident-page.ts";
import { renderLogPage } from "../pages/evidence/log-page.ts";
import { renderLogForm, renderLostPage, renderTraceForm } from "../pages/evidence/lost-page.ts";
import { renderTracePage } from "../pages/evidence/trace-page.ts";
import type { PageFrame } from "../pages/page.ts";
import { answered } from "./answered.ts";
import { readCorrelateQuery } from "./correlate-query.ts";
import type { Query } from "./query-texts.ts";
import { sendPage } from "./send-page.ts";

interface ById {
  Params: { id: string };
}

const MOST_BUNDLES = 100;
const MOST_SLOS = 10;

/**
 * Evidence for people: `/evidence` with the newest, `/evidence/<id>` an incident, `/traces/<id>` a trace with its log lines
 * and `/logs/<id>` a line with its trace. `/correlate` makes evidence as the API does, and leads to it.
 */
export function registerEvidencePages(
  app: FastifyInstance,
  board: EvidenceBoard,
  { frame, slos }: { readonly frame: PageFrame; readonly slos: SloBoard | undefined },
): void {
  const lost = (reply: FastifyReply, status: number, [title, message]: readonly [string, string]): FastifyReply =>
    sendPage(reply.code(status), renderLostPage(title, message, frame));
  const noTraceId = (reply: FastifyReply, id: string): FastifyReply =>
    sendPage(reply.code(400), renderTraceForm({ id, fault: NO_TRACE_ID }, frame));
  const answeredPage = (
    reply: FastifyReply,
    answer: (signal: AbortSignal) => Promise<FastifyReply>,
  ): Promise<FastifyReply> =>
    answered(reply, answer, (message) => lost(reply, 503, ["Evidence can not be shown now", message]));

  app.get("/evidence", (_, reply) =>
    answeredPage(reply, async () =>
      sendPage(
        reply,
        renderEvidenceListPage(await board.bundles({ limit: MOST_BUNDLES }), { ...frame, now: Date.now() }),
      ),
    ),
  );

  app.get<ById>("/evidence/:id", (request, reply) =>
    answeredPage(reply, async () => {
      const incident = await board.incident(request.params.id);
      if (incident === undefined) return lost(reply, 404, NO_EVIDENCE);
      return sendPage(
        reply,
        renderIncidentPage(incident, { ...frame, now: Date.now(), slos: slosOf(incident.bundle, slos) }),
      );
    }),
  );

  app.get<{ Querystring: { id?: string | string[] } }>("/traces", (request, reply) => {
    const [text] = [request.query.id].flat();
    if (text === undefined) return sendPage(reply, renderTraceForm(undefined, frame));
    const id = readTraceId(text);
    return id === undefined ? noTraceId(reply, text) : reply.redirect(`/traces/${id}`);
  });

  app.get<ById>("/traces/:id", (request, reply) =>
    answeredPage(reply, async (signal) => {
      const id = readTraceId(request.params.id);
      if (id === undefined) return noTraceId(reply, request.params.id);
      const view = await board.trace(id, signal);
      return sendPage(reply.code(isKnownTrace(view) ? 200 : 404), renderTracePage(view, frame));
    }),
  );

  const noLogId = (reply: FastifyReply, id: string): FastifyReply =>
    sendPage(reply.code(400), renderLogForm({ id, fault: NO_LOG_ID }, frame));
  app.get<{ Querystring: { id?: string | string[] } }>("/logs", (request, reply) => {
    const [text] = [request.query.id].flat();
    if (text === undefined) return sendPage(reply, renderLogForm(undefined, frame));
    const id = readLogId(text);
    return id === undefined ? noLogId(reply, text) : reply.redirect(`/logs/${encodeURIComponent(logIdText(id))}`);
  });

  // ids are longer than a parameter may be, and may have an index before them
  app.get<{ Params: { "*": string } }>("/logs/*", (request, reply) =>
    answeredPage(reply, async (signal) => {
      const id = readLogId(request.params["*"]);
      if (id === undefined) return noLogId(reply, request.params["*"]);
      const view = await board.log(id, signal);
      return sendPage(reply.code(isKnownLine(view) ? 200 : 404), renderLogPage(view, frame));
    }),
  );

  for (const path of ["/evidence/*", "/traces/*"]) app.get(path, (_, reply) => lost(reply, 404, NO_PAGE));

  app.get<{ Querystring: Query }>("/correlate", (request, reply) =>
    answeredPage(reply, async (signal) => {
      const read = readCorrelateQuery(request.query, board.labels(), Date.now());
      if ("fault" in read) return lost(reply, 400, ["No evidence was made", read.fault]);
      const made = await board.make(read, signal).catch((thrown: unknown) => {
        if (thrown instanceof RequestFault) return thrown;
        throw thrown;
      });
      if (made instanceof RequestFault) return lost(reply, 400, ["No evidence was made", made.message]);
      if (made === undefined) return lost(reply, 404, ["No evidence was made", "There is no such alert or group."]);
      if (made.notKept !== undefined) return lost(reply, 503, ["Evidence can not be shown now", made.notKept]);
      return reply.redirect(`/evidence/${made.id}`);
    }),
  );
}

const NO_LOG_ID =
  "This is no id of a log line: such a one is Elasticsearch's _id, index/_id, or the URL of its page in Kibana, without spaces.";
const NO_PAGE = ["No such page", "There is nothing at this address."] as const;
const NO_EVIDENCE = [
  "No such evidence",
  "There is no evidence of this id. It may have been forgotten: what is old is not kept.",
] as const;
const NO_TRACE_ID =
  "This is no id of a trace: such a one has 1 to 32 hexadecimal digits (0 to 9, a to f), not all of them 0.";

/** Objectives of the services that a bundle is about. */
function slosOf({ question }: Bundle, slos: SloBoard | undefined): readonly SloSummary[] {
  if (slos === undefined) return [];
  const services = new Set(question.scope.filter.services);
  return listSlos(slos.state())
    .slos.filter(({ service }) => services.has(service))
    .slice(0, MOST_SLOS);
}
