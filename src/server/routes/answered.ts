import type { FastifyReply } from "fastify";
import { StoreUnavailable } from "../../core/delivery-store.ts";

/** The same in JSON, never from a cache: 503 with `{ "error": "..." }`. */
export const answeredJson = (
  reply: FastifyReply,
  answer: (signal: AbortSignal) => Promise<FastifyReply>,
): Promise<FastifyReply> =>
  answered(reply.header("cache-control", "no-store"), answer, (error) => reply.code(503).send({ error }));

/**
 * Gives an answer with what it needs of the store: 503 by `unavailable` while that can not be had. The signal is
 * aborted when whoever asked is gone; nothing is answered and nothing logged then.
 */
export async function answered(
  reply: FastifyReply,
  answer: (signal: AbortSignal) => Promise<FastifyReply>,
  unavailable: (message: string) => FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  try {
    return await answer(gone.signal);
  } catch (thrown) {
    if (gone.signal.aborted) return reply.hijack();
    if (!(thrown instanceof StoreUnavailable)) throw thrown;
    return unavailable(`The store can not be read: ${thrown.message}`);
  }
}
