import type { FastifyInstance, FastifyReply } from "fastify";
import {
  listConversations,
  MOST_CONVERSATIONS,
  readOverview,
  showConversation,
  type DeliverySource,
} from "../../app/deliveries/read-deliveries.ts";
import { STATE_WORDS, stateNamed } from "../../app/deliveries/standing.ts";
import { StoreUnavailable, type ConversationFilter } from "../../core/delivery-store.ts";
import { renderConversationPage } from "../pages/conversation-page.ts";
import { renderChosenConversations, renderConversationsPage } from "../pages/conversations-page.ts";
import type { PageFrame } from "../pages/page.ts";
import { sendPage } from "./send-page.ts";

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;
interface ById {
  Params: { id: string };
}

const NOT_FOUND = "There is no such delivery, or it was over long ago and is forgotten; see /alerts.";

/**
 * Alerts and their deliveries, to look at: the pages `/alerts` and `/alerts/<id>`, and the same as JSON at
 * `/api/v1/conversations` (`state`, `destination` and `limit` choose) and `/api/v1/conversations/<id>`. An id may be cut
 * off where it is still the only one. While the store can not be read they answer 503.
 */
export function registerDeliveryRoutes(
  app: FastifyInstance,
  source: () => DeliverySource,
  frame: PageFrame = { hasAlerts: true },
): void {
  app.get<{ Querystring: Query }>("/alerts", (request, reply) =>
    answered(reply, async () => {
      const choice = readChoice(request.query);
      if ("fault" in choice) return reply.code(400).type("text/plain").send(`${choice.fault}\n`);
      const { destination, states, limit } = choice;
      if (destination === undefined && states === undefined)
        return sendPage(reply, renderConversationsPage(await readOverview(source()), frame));
      const [state] = states ?? [];
      const chosen = { state: state && STATE_WORDS[state], destination, limit };
      return sendPage(reply, renderChosenConversations(await listConversations(source(), choice), chosen, frame));
    }),
  );

  app.get<ById>("/alerts/:id", (request, reply) =>
    answered(reply, async () => {
      const found = await showConversation(source(), request.params.id);
      if (found === undefined) return reply.code(404).type("text/plain").send(`${NOT_FOUND}\n`);
      return sendPage(reply, renderConversationPage(found, frame));
    }),
  );

  app.get<{ Querystring: Query }>("/api/v1/conversations", (request, reply) =>
    answered(
      reply,
      async () => {
        const choice = readChoice(request.query);
        if ("fault" in choice) return reply.code(400).send({ error: choice.fault });
        return reply.send(await listConversations(source(), choice));
      },
      true,
    ),
  );

  app.get<ById>("/api/v1/conversations/:id", (request, reply) =>
    answered(
      reply,
      async () => {
        const found = await showConversation(source(), request.params.id);
        return found === undefined ? reply.code(404).send({ error: NOT_FOUND }) : reply.send(found);
      },
      true,
    ),
  );
}

async function answered(
  reply: FastifyReply,
  answer: () => Promise<FastifyReply>,
  isApi = false,
): Promise<FastifyReply> {
  try {
    return await answer();
  } catch (thrown) {
    if (!(thrown instanceof StoreUnavailable)) throw thrown;
    const error = `The store can not be read: ${thrown.message}`;
    reply.code(503);
    return isApi ? reply.send({ error }) : reply.type("text/plain").send(`${error}\n`);
  }
}

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
