import type { FastifyInstance, FastifyReply } from "fastify";
import {
  listConversations,
  MOST_CONVERSATIONS,
  readOverview,
  showConversation,
  type DeliverySource,
} from "../../app/deliveries/read-deliveries.ts";
import { STATE_WORDS, stateNamed } from "../../app/deliveries/standing.ts";
import type { ConversationFilter } from "../../core/delivery-store.ts";
import { renderConversationPage } from "../pages/conversation-page.ts";
import { renderChosenConversations, renderConversationsPage } from "../pages/conversations-page.ts";
import type { PageFrame } from "../pages/page.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";
import { answered, answeredJson } from "./answered.ts";
import type { Query } from "./query-texts.ts";
import { sendPage } from "./send-page.ts";

const NOT_FOUND = "There is no such delivery, or it was over long ago and is forgotten; see /alerts.";

/**
 * Alerts and their deliveries, to look at: the pages `/alerts` and `/alerts/<id>`, and the same as JSON at
 * `/api/v1/conversations` (`state`, `destination` and `limit` choose) and `/api/v1/conversations/<id>`. An id may be
 * cut off where it is still the only one. While the store can not be read they answer 503.
 */
export function registerDeliveryRoutes(
  app: FastifyInstance,
  source: () => DeliverySource,
  frame: PageFrame = { hasAlerts: true },
): void {
  serveRoutes(app, ROUTES.deliveries, {
    overview: ({ query }, reply) => answeredText(reply, () => sendOverview(reply, query, source(), frame)),

    delivery: ({ params }, reply) =>
      answeredText(reply, async () => {
        const found = await showConversation(source(), params.id);
        if (found === undefined) return reply.code(404).type("text/plain").send(`${NOT_FOUND}\n`);
        return sendPage(reply, renderConversationPage(found, frame));
      }),

    conversations: ({ query }, reply) =>
      answeredJson(reply, async () => {
        const choice = readChoice(query);
        if ("fault" in choice) return reply.code(400).send({ error: choice.fault });
        return reply.send(await listConversations(source(), choice));
      }),

    conversation: ({ params }, reply) =>
      answeredJson(reply, async () => {
        const found = await showConversation(source(), params.id);
        return found === undefined ? reply.code(404).send({ error: NOT_FOUND }) : reply.send(found);
      }),
  });
}

async function sendOverview(
  reply: FastifyReply,
  query: Query,
  source: DeliverySource,
  frame: PageFrame,
): Promise<FastifyReply> {
  const choice = readChoice(query);
  if ("fault" in choice) return reply.code(400).type("text/plain").send(`${choice.fault}\n`);
  const { destination, states, limit } = choice;
  if (destination === undefined && states === undefined)
    return sendPage(reply, renderConversationsPage(await readOverview(source), frame));
  const [state] = states ?? [];
  const chosen = { state: state && STATE_WORDS[state], destination, limit };
  return sendPage(reply, renderChosenConversations(await listConversations(source, choice), chosen, frame));
}

const answeredText = (reply: FastifyReply, answer: () => Promise<FastifyReply>): Promise<FastifyReply> =>
  answered(reply, answer, (message) => reply.code(503).type("text/plain").send(`${message}\n`));

function readChoice(query: Query): ConversationFilter | { readonly fault: string } {
  const one = (name: string): string | undefined => [query[name]].flat()[0] || undefined;
  const [word, limitText] = [one("state"), one("limit")];
  const state = word === undefined ? undefined : stateNamed(word);
  if (word !== undefined && state === undefined)
    return { fault: `There is no state ${word}; there are: ${Object.values(STATE_WORDS).join(", ")}.` };
  const limit = limitText === undefined ? MOST_CONVERSATIONS : Number(limitText);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_CONVERSATIONS)
    return { fault: `The limit is a number from 1 to ${MOST_CONVERSATIONS}, not ${limitText ?? ""}.` };
  return { destination: one("destination"), states: state === undefined ? undefined : [state], limit };
}
