import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { LabAnswer } from "./exchange.ts";

/** Writes an answer with its length, or piece by piece when it has {@link LabAnswer.pieces}. */
export async function sendAnswer(response: ServerResponse, answer: LabAnswer): Promise<void> {
  const { status, statusMessage, headers, body = "", pieces } = answer;
  if (statusMessage !== undefined) response.statusMessage = statusMessage;
  if (pieces !== undefined) {
    response.writeHead(status, { ...headers });
    response.flushHeaders();
    // who goes away before its end ends the source too
    await pipeline(pieces, response).catch(() => {});
    return;
  }
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, bodiless ? { ...headers } : { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(bodiless ? undefined : body);
}
