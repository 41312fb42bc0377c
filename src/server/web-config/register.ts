import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasOwnCredential } from "../serve-routes.ts";
import { clientCertificateFault } from "./client-certificate.ts";
import { QueueFullError } from "./fair-queue.ts";
import { PasswordCheck, readCredentials } from "./password-check.ts";
import { RateLimiter } from "./rate-limiter.ts";
import type { WebConfig } from "./web-config.ts";

/** RFC 7617; a browser shows the realm beside its question for the password. */
const CHALLENGE = 'Basic realm="Watchkeeper", charset="UTF-8"';

/**
 * Puts a web configuration before every route, unknown ones too: client certificates, rate limit, headers, passwords.
 * As in exporter-toolkit no path is open. `current` is asked at each request, so a reload counts at once. Register it
 * before any route. A connection whose certificate is not enough is closed; 401 asks for a password; 429 comes when the
 * rate limit is used up, or when too many passwords of one client wait to be checked.
 *
 * A route that asks for credentials of its own, as that of an alert source does, asks for no password and has no rate
 * limit: a request has one `Authorization` header only, and Alertmanager gives up a notification at a 429.
 */
export function registerWebConfig(app: FastifyInstance, current: () => WebConfig): void {
  const limiter = new RateLimiter();
  const passwords = new PasswordCheck();

  app.addHook("onRequest", async (request, reply) => {
    const config = current();
    const fault = config.tls && clientCertificateFault(request.raw.socket, config.tls);
    if (fault !== undefined) return refuseConnection(request, reply, fault);
    reply.headers(config.headers);
    if (hasOwnCredential(request)) return undefined;
    const wait = limiter.take(config.rateLimit);
    if (wait > 0) return tooMany(reply, wait, "Too many requests.\n");
    if (config.users.size > 0) return authenticate(request, reply, config, passwords);
    return undefined;
  });

  // what a page sets itself would win otherwise
  app.addHook("onSend", async (_, reply) => void reply.headers(current().headers));
}

function refuseConnection(request: FastifyRequest, reply: FastifyReply, fault: string): FastifyReply {
  request.log.warn({ client: request.ip }, `a connection is refused: ${fault}`);
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}

function tooMany(reply: FastifyReply, milliseconds: number, text: string): FastifyReply {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1_000));
  return reply.code(429).header("retry-after", seconds).type("text/plain; charset=utf-8").send(text);
}

async function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  { users }: WebConfig,
  passwords: PasswordCheck,
): Promise<FastifyReply | undefined> {
  const credentials = readCredentials(request.headers.authorization);
  try {
    if (credentials && (await passwords.check(users, credentials, request.ip))) return undefined;
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error;
    return tooMany(reply, 0, "Too many passwords wait to be checked.\n");
  }
  return reply
    .code(401)
    .header("www-authenticate", CHALLENGE)
    .type("text/plain; charset=utf-8")
    .send("A user name and a password are needed.\n");
}
