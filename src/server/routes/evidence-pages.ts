import type { FastifyInstance, FastifyReply } from "fastify";
import type { EvidenceBoard } from "../../app/evidence/board.ts";
import { logIdText, readLogId, readTraceId } from "../../app/evidence/ids.ts";
import { isKnownLine } from "../../app/evidence/log-view.ts";
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
import { ROUTES } from "../route-table.ts";
import { serveRoutes, type HandlersOf } from "../serve-routes.ts";
import { answered } from "./answered.ts";
import { makeEvidence } from "./make-evidence.ts";
import { sendPage } from "./send-page.ts";

const MOST_BUNDLES = 100;
const MOST_SLOS = 10;

/**
 * Evidence for people: `/evidence` with the newest, `/evidence/<id>` an incident, `/traces/<id>` a trace with its log
 * lines and `/logs/<id>` a line with its trace. `/correlate` makes evidence as the API does, and leads to it.
 */
export function registerEvidencePages(
  app: FastifyInstance,
  board: EvidenceBoard,
  { frame, slos }: { readonly frame: PageFrame; readonly slos: SloBoard | undefined },
): void {
  serveRoutes(app, ROUTES.evidencePages, {
    ...incidentPages(board, frame, slos),
    ...tracePages(board, frame),
    ...logPages(board, frame),
  });
}

type Pages<K extends keyof (typeof ROUTES)["evidencePages"]> = Pick<HandlersOf<(typeof ROUTES)["evidencePages"]>, K>;

function incidentPages(
  board: EvidenceBoard,
  frame: PageFrame,
  slos: SloBoard | undefined,
): Pages<"list" | "incident" | "noIncident" | "correlate"> {
  return {
    list: (_, reply) =>
      answeredPage(reply, frame, async () => {
        const bundles = await board.bundles({ limit: MOST_BUNDLES });
        return sendPage(reply, renderEvidenceListPage(bundles, { ...frame, now: Date.now() }));
      }),

    incident: ({ params }, reply) =>
      answeredPage(reply, frame, async () => {
        const incident = await board.incident(params.id);
        if (incident === undefined) return sendLost(reply, frame, 404, NO_EVIDENCE);
        const options = { ...frame, now: Date.now(), slos: slosOf(incident.bundle, slos) };
        return sendPage(reply, renderIncidentPage(incident, options));
      }),

    noIncident: (_, reply) => sendLost(reply, frame, 404, NO_PAGE),

    correlate: ({ query }, reply) =>
      answeredPage(reply, frame, async (signal) => {
        const made = await makeEvidence(query, board, signal);
        if (made === undefined) return sendLost(reply, frame, 404, [NOT_MADE, "There is no such alert or group."]);
        if ("fault" in made) return sendLost(reply, frame, 400, [NOT_MADE, made.fault]);
        if (made.notKept !== undefined) return sendLost(reply, frame, 503, [NOT_SHOWN, made.notKept]);
        return reply.redirect(`/evidence/${made.id}`);
      }),
  };
}

function tracePages(board: EvidenceBoard, frame: PageFrame): Pages<"traces" | "trace" | "noTrace"> {
  const noId = (reply: FastifyReply, id: string): FastifyReply =>
    sendPage(reply.code(400), renderTraceForm({ id, fault: NO_TRACE_ID }, frame));
  return {
    traces({ query }, reply) {
      const [text] = [query["id"]].flat();
      if (text === undefined) return sendPage(reply, renderTraceForm(undefined, frame));
      const id = readTraceId(text);
      return id === undefined ? noId(reply, text) : reply.redirect(`/traces/${id}`);
    },

    trace: ({ params }, reply) =>
      answeredPage(reply, frame, async (signal) => {
        const id = readTraceId(params.id);
        if (id === undefined) return noId(reply, params.id);
        const view = await board.trace(id, signal);
        return sendPage(reply.code(isKnownTrace(view) ? 200 : 404), renderTracePage(view, frame));
      }),

    noTrace: (_, reply) => sendLost(reply, frame, 404, NO_PAGE),
  };
}

function logPages(board: EvidenceBoard, frame: PageFrame): Pages<"logs" | "log"> {
  const noId = (reply: FastifyReply, id: string): FastifyReply =>
    sendPage(reply.code(400), renderLogForm({ id, fault: NO_LOG_ID }, frame));
  return {
    logs({ query }, reply) {
      const [text] = [query["id"]].flat();
      if (text === undefined) return sendPage(reply, renderLogForm(undefined, frame));
      const id = readLogId(text);
      return id === undefined ? noId(reply, text) : reply.redirect(`/logs/${encodeURIComponent(logIdText(id))}`);
    },

    log: ({ params }, reply) =>
      answeredPage(reply, frame, async (signal) => {
        const id = readLogId(params["*"]);
        if (id === undefined) return noId(reply, params["*"]);
        const view = await board.log(id, signal);
        return sendPage(reply.code(isKnownLine(view) ? 200 : 404), renderLogPage(view, frame));
      }),
  };
}

const sendLost = (
  reply: FastifyReply,
  frame: PageFrame,
  status: number,
  [title, message]: readonly [string, string],
): FastifyReply => sendPage(reply.code(status), renderLostPage(title, message, frame));

const answeredPage = (
  reply: FastifyReply,
  frame: PageFrame,
  answer: (signal: AbortSignal) => Promise<FastifyReply>,
): Promise<FastifyReply> => answered(reply, answer, (message) => sendLost(reply, frame, 503, [NOT_SHOWN, message]));

const NOT_MADE = "No evidence was made";
const NOT_SHOWN = "Evidence can not be shown now";
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
