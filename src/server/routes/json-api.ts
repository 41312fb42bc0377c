import type { FastifyInstance } from "fastify";

interface Refusal {
  readonly status: number;
  readonly error: string;
}

/**
 * Registers routes that refuse in JSON too, `{ "error": "..." }` with a sentence for whoever wrote the request: 400 for a body
 * that is no JSON, 413 for one that is too large, 415 for another content type. A body may be empty.
 */
export function registerJsonApi(app: FastifyInstance, register: (scope: FastifyInstance) => void): void {
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", { parseAs: "string" }, (_, body, done) => {
      try {
        done(null, body === "" ? undefined : (JSON.parse(String(body)) as unknown));
      } catch (thrown) {
        done(thrown as SyntaxError);
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
  // the parser's message says where
  if (error instanceof SyntaxError) return { status: 400, error: `the body is no JSON: ${error.message}` };
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const status = Number(error.statusCode);
  if (status < 400 || status >= 500) return undefined;
  return { status, error: WORDS[status] ?? error.message };
}

const WORDS: Readonly<Record<number, string>> = {
  413: "the body is too large: 64 KiB are enough for a change",
  415: "the body is to be JSON: send it with the header content-type: application/json",
};
