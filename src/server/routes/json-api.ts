import type { FastifyInstance } from "fastify";

interface Refusal {
  readonly status: number;
  readonly error: string;
}

/**
 * Registers routes that refuse in JSON too, `{ "error": "..." }` with a sentence for whoever wrote the request: 400 for
 * a body that is no JSON, 413 for one that is too large, 415 for another content type. A body may be empty.
 */
export function registerJsonApi(app: FastifyInstance, register: (scope: FastifyInstance) => void): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", { parseAs: "string" }, (_, body, done) => {
      try {
        done(null, body === "" ? undefined : (JSON.parse(String(body)) as unknown));
      } catch (thrown) {
        done(new NoJson(thrown instanceof Error ? thrown.message : String(thrown)));
      }
    });
    scope.setErrorHandler((error, _, reply) => {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      return reply.code(refusal.status).send({ error: refusal.error });
    });
    register(scope);
  });
}

/** Undefined for what is no fault of whoever asked. */
function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof NoJson) return { status: 400, error: error.message };
  const status = statusOf(error);
  if (status >= 500) return undefined;
  return { status, error: WORDS[status] ?? (error instanceof Error ? error.message : "") };
}

/**
 * The status for an error: what Fastify refuses by itself has one; the 404 of another server that was asked is none of
 * ours.
 */
export function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !("code" in error) || !("statusCode" in error)) return 500;
  const status = Number(error.statusCode);
  return FASTIFYS.test(String(error.code)) && status >= 400 ? status : 500;
}

/** The second is that of whoever hangs up amid a body. */
const FASTIFYS = /^(?:FST_|ECONNRESET$)/;

/** Of the body; the parser's message says where. */
class NoJson extends Error {
  constructor(where: string) {
    super(`the body is no JSON: ${where}`);
  }
}

const WORDS: Readonly<Record<number, string>> = {
  413: "the body is too large: 64 KiB are enough for a change",
  415: "the body is to be JSON: send it with the header content-type: application/json",
};
