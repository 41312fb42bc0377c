import type { FastifyInstance, FastifyReply } from "fastify";
import { inSeconds, hours, days } from "../../core/duration.ts";
import type { Chosen } from "../../app/preview/fill.ts";
import {
  dashboardOf,
  PREVIEW_BOUNDS,
  PreviewFault,
  readPanel,
  readVariable,
  type PanelQuestion,
  type Preview,
} from "../../app/preview/preview.ts";
import { renderDashboardsPage } from "../pages/dashboards-page.ts";
import type { PageFrame } from "../pages/page.ts";
import { renderPreviewPage } from "../pages/preview-page.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";
import { sendAsset } from "./preview-assets.ts";
import type { Query } from "./query-texts.ts";

/** Scripts and pictures of this server only; it is asked for data, and takes nothing. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const LONGEST = inSeconds(days(31));
const USUAL = inSeconds(hours(1));
const POINTS = 240;

/**
 * Dashboards, to look at: `/dashboards`, `/dashboards/<uid>`, and as JSON what a panel shows and what a variable may
 * be, at `/api/v1/dashboards/<uid>/panels/<id>` and `/api/v1/dashboards/<uid>/variables/<name>`. Queries take `from`
 * and `to` (Unix seconds), `step` (seconds) and `var-<name>` (several times for several values), and no PromQL.
 */
export function registerPreviewRoutes(app: FastifyInstance, current: () => Preview, frame: PageFrame): void {
  serveRoutes(app, ROUTES.dashboards, {
    asset: ({ params }, reply) => sendAsset(reply, params.name),

    overview: (_, reply) => send(reply, renderDashboardsPage([...current().dashboards.values()], frame)),

    dashboard({ params }, reply) {
      const dashboard = current().dashboards.get(params.uid);
      return dashboard === undefined
        ? reply.code(404).type("text/plain").send("There is no dashboard of this uid; see /dashboards.\n")
        : send(reply, renderPreviewPage(dashboard, frame));
    },

    list: (_, reply) =>
      reply.send(
        [...current().dashboards.values()].map(({ uid, title, description }) => ({ uid, title, description })),
      ),

    one: ({ params }, reply) => answer(reply, () => Promise.resolve(dashboardOf(current(), params.uid))),

    panel: ({ params: { uid, id }, query }, reply) =>
      answer(reply, () => readPanel(current(), { uid, id: Number(id) }, questionOf(query))),

    variable: ({ params: { uid, id: name }, query }, reply) =>
      answer(reply, () => readVariable(current(), { uid, name }, questionOf(query))),
  });
}

const send = (reply: FastifyReply, page: string): FastifyReply =>
  reply
    .header("content-security-policy", POLICY)
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .type("text/html; charset=utf-8")
    .send(page);

async function answer(reply: FastifyReply, work: () => Promise<unknown>): Promise<FastifyReply> {
  reply.header("cache-control", "no-store").header("x-content-type-options", "nosniff");
  try {
    return reply.send(await work());
  } catch (thrown) {
    if (!(thrown instanceof PreviewFault)) throw thrown;
    return reply.code(thrown.status).send({ error: thrown.message });
  }
}

/** The newest point is the end itself, however long the steps are: it is what is shown as now. */
function questionOf(query: Query): PanelQuestion {
  const asked = { to: numberOf(query, "to"), from: numberOf(query, "from"), step: numberOf(query, "step") };
  const end = asked.to ?? Date.now() / 1_000;
  const begin = asked.from ?? end - USUAL;
  if (begin >= end || end - begin > LONGEST)
    throw new PreviewFault(400, "`from` is before `to`, by 31 days at most; both are Unix seconds.");
  const step = Math.ceil(asked.step ?? Math.max(15, (end - begin) / POINTS));
  if (step < 1 || (end - begin) / step > PREVIEW_BOUNDS.points)
    throw new PreviewFault(400, `\`step\` is a number of seconds that makes ${PREVIEW_BOUNDS.points} points at most.`);
  const to = Math.floor(end);
  return { to, from: to - Math.floor((end - begin) / step) * step, step, chosen: chosenOf(query) };
}

function numberOf(query: Query, name: string): number | undefined {
  const text = [query[name] ?? []].flat()[0];
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new PreviewFault(400, `\`${name}\` is a number of seconds.`);
  return value;
}

const MOST_VALUES = 100;
const LONGEST_VALUE = 1_000;

function chosenOf(query: Query): Chosen {
  const chosen = Object.entries(query).flatMap(([key, value]) => {
    if (!key.startsWith("var-")) return [];
    const values = [value ?? []].flat().filter((text) => text !== "");
    // to leave one out would show more than was asked for
    if (values.length > MOST_VALUES || values.some(({ length }) => length > LONGEST_VALUE))
      throw new PreviewFault(400, `\`var-\` takes ${MOST_VALUES} values at most, of ${LONGEST_VALUE} characters.`);
    return [[key.slice("var-".length), values] as const];
  });
  return Object.fromEntries(chosen);
}
