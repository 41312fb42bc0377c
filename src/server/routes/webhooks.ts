import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  WEBHOOK_STATUS,
  type WebhookKind,
  type WebhookReceiver,
  type WebhookRefusal,
} from "../../core/webhook-receiver.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes, type HandlersOf } from "../serve-routes.ts";

/** A group of some thousand alerts has a few MiB; a refusal of its size would be repeated for ever. */
const MOST_BODY_BYTES = 16 * 1024 * 1024;

/** Alertmanager asks again by its own backoff, half a second first; proxies look at it. */
const RETRY_AFTER_SECONDS = 1;

/**
 * `POST /api/v1/webhooks/alertmanager/<source>` and `/grafana/<source>` (`PUT` too): 202 with `{"status":"accepted",
 * "changed": <groups>}` once it is on disk. Refusals are one line of text: 400 for what is no notification, 401, 404 for a
 * source that is not configured, 413 above 16 MiB, 415 unless `application/json`, and 503, which makes Alertmanager try
 * again at once, only when it could not be written.
 */
export function registerWebhookRoutes(app: FastifyInstance, receiver: WebhookReceiver): void {
  void app.register(async (scope) => {
    // a signature is made over the bytes as they came
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (_, body, done) => done(null, body));
    scope.setErrorHandler((error, request, reply) => {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      receiver.refused(sourceOf(request), refusal.reason);
      return refuse(reply, refusal);
    });
    serveRoutes(scope, ROUTES.webhooks, {
      alertmanager: webhookOf("alertmanager", receiver),
      grafana: webhookOf("grafana", receiver),
    });
  });
}

const webhookOf = (
  kind: WebhookKind,
  receiver: WebhookReceiver,
): HandlersOf<(typeof ROUTES)["webhooks"]>[typeof kind] => ({
  bodyLimit: MOST_BODY_BYTES,
  hasCredential: ({ params }) => receiver.hasCredentials(params.source),
  // strangers do not get to send 16 MiB first
  async onRequest({ params: { source }, headers }, reply) {
    const refusal = await receiver.admit({ kind, source, headers });
    return refusal && refuse(reply, refusal);
  },
  async handler({ params: { source }, headers, body }, reply) {
    const answer = await receiver.receive({ kind, source, headers, body: bytesOf(body) });
    if ("reason" in answer) return refuse(reply, answer);
    return reply.code(202).send({ status: "accepted", changed: answer.changed });
  },
});

/** There is no body at all without a content type. */
const bytesOf = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

function refuse(reply: FastifyReply, { reason, message }: WebhookRefusal): FastifyReply {
  if (reason === "unavailable") reply.header("retry-after", RETRY_AFTER_SECONDS);
  return reply.code(WEBHOOK_STATUS[reason]).type("text/plain; charset=utf-8").send(`${message}\n`);
}

function refusalOf(error: unknown): WebhookRefusal | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return {
      reason: "too_large",
      message: "The body is larger than 16 MiB: let the sender group alerts by more labels.",
    };
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return { reason: "media_type", message: "The body is to be JSON, and its Content-Type application/json." };
  return undefined;
}

const sourceOf = ({ params }: FastifyRequest): string => (params as { readonly source: string }).source;
