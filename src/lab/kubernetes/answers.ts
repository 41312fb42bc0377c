import type { ServerResponse } from "node:http";

/** An answer that is no success, as the API server words it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** The object of kind Status that goes with a failure. */
export const statusObject = ({ status, reason, message }: Refusal): object => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  reason,
  code: status,
});

/** Sends JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Refuses; a path that no API has is answered in plain text. */
export function sendRefusal(response: ServerResponse, refusal: Refusal, headers: Record<string, string> = {}): void {
  if (refusal.reason !== "") return sendJson(response, refusal.status, statusObject(refusal), headers);
  response.writeHead(refusal.status, { "content-type": "text/plain; charset=utf-8", ...headers });
  response.end(`${refusal.message}\n`);
}
