import { createHmac, timingSafeEqual } from "node:crypto";
import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { Board } from "../board.ts";
import { jsonAnswer, jsonBody, startChannelServer, type Refuse } from "../channel-server.ts";
import type { ChannelStandIn } from "../stand-in.ts";
import { readDocument, shownBy, type Document } from "./document.ts";

/** What an emulated receiver is started with. */
export interface WebhookStandInOptions {
  readonly port?: number;
  /** Wants each request signed with it. */
  readonly secret?: string;
  /** How far a signature's timestamp may be off, in seconds; 300 unless given. */
  readonly toleranceSeconds?: number;
}

/** A receiver of webhooks as one should be: it checks the signature and takes each idempotency key once. */
export interface WebhookStandIn extends ChannelStandIn {
  /** Every body that was taken for the first time, in order. */
  readonly bodies: readonly Document[];
  /** How often each idempotency key arrived. */
  copies(): ReadonlyMap<string, number>;
}

/** Starts an emulated receiver on any path of its URL. */
export async function startWebhookStandIn(options: WebhookStandInOptions = {}): Promise<WebhookStandIn> {
  const board = new Board();
  const bodies: Document[] = [];
  const copies = new Map<string, number>();
  const take = (key: string, document: Document): boolean => {
    const arrived = (copies.get(key) ?? 0) + 1;
    copies.set(key, arrived);
    if (arrived > 1) return false;
    bodies.push(document);
    show(board, document);
    return true;
  };
  const server = await startChannelServer({
    port: options.port,
    tooMany: (seconds) => jsonAnswer(429, { error: "too many requests" }, { "retry-after": String(seconds) }),
    answer: (request, refuse) => receive(options, request, refuse, take),
  });
  return {
    type: "webhook",
    title: "Webhook",
    ...server,
    bodies,
    copies: () => new Map(copies),
    messages: () => board.messages(),
  };
}

function receive(
  options: WebhookStandInOptions,
  request: LabRequest,
  refuse: Refuse,
  take: (key: string, document: Document) => boolean,
): LabAnswer {
  const error = (status: number, what: string): LabAnswer =>
    refuse(`${status} ${what}`, jsonAnswer(status, { error: what }));
  if (request.method !== "POST") return error(405, "method not allowed");
  if (!isSigned(options, request)) return error(401, "bad signature");
  const document = readDocument(jsonBody(request));
  if (document === undefined) return error(422, "not a document of version 1");
  const key = headerOf(request, "idempotency-key");
  if (key === "" || key !== document.idempotencyKey) return error(400, "idempotency key missing");
  return take(key, document) ? jsonAnswer(202, { ok: true }) : jsonAnswer(200, { ok: true, duplicate: true });
}

function isSigned({ secret, toleranceSeconds = 300 }: WebhookStandInOptions, request: LabRequest): boolean {
  if (secret === undefined) return true;
  const timestamp = headerOf(request, "x-watchkeeper-timestamp");
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceSeconds)) return false;
  const expected = Buffer.from(
    `sha256=${createHmac("sha256", secret).update(`${timestamp}.${request.body}`).digest("hex")}`,
  );
  const given = Buffer.from(headerOf(request, "x-watchkeeper-signature"));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** One message for each episode, edited by each document that follows. */
function show(board: Board, document: Document): void {
  const shown = shownBy(document);
  if (board.has(document.thread)) board.edit(document.thread, shown);
  else board.post(document.thread, document.source, shown);
}

const headerOf = ({ headers }: LabRequest, name: string): string => [headers[name]].flat()[0] ?? "";
