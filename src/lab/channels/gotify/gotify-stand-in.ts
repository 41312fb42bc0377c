import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { Board } from "../board.ts";
import { jsonAnswer, jsonBody, startChannelServer } from "../channel-server.ts";
import type { ChannelStandIn } from "../stand-in.ts";

/** What an emulated Gotify server is started with. */
export interface GotifyStandInOptions {
  readonly port?: number;
  /** Token of its one application. */
  readonly token?: string;
}

/** An emulated Gotify server. */
export interface GotifyStandIn extends ChannelStandIn {
  readonly token: string;
}

/** Starts an emulated Gotify server. Source: https://gotify.net/api-docs, api/message.go of gotify/server */
export async function startGotifyStandIn(options: GotifyStandInOptions = {}): Promise<GotifyStandIn> {
  const { port, token = LAB_TOKEN } = options;
  const board = new Board();
  let last = 0;
  const server = await startChannelServer({
    port,
    // Gotify itself never says so; a proxy before it may.
    tooMany: (seconds) => ({ status: 429, headers: { "retry-after": String(seconds) } }),
    answer: (request, refuse) => {
      const message = read(request, token);
      if ("error" in message) return refuse(`${message.status} ${message.error}`, refusal(message));
      last += 1;
      board.post(String(last), "Lab", { title: message.title, text: shownText(message) });
      return jsonAnswer(200, { id: last, appid: 1, ...message, date: new Date().toISOString() });
    },
  });
  return { type: "gotify", title: "Gotify", ...server, token, messages: () => board.messages() };
}

const LAB_TOKEN = "AmV1nLab.Token7";

interface Sent {
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  readonly extras: unknown;
}

interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

function read(request: LabRequest, token: string): Sent | Refusal {
  const bad = (description: string): Refusal => ({ status: 400, error: "Bad Request", description });
  if (request.path !== "/message" || request.method !== "POST")
    return { status: 404, error: "Not Found", description: "page not found" };
  if (keyOf(request) !== token) return { status: 401, error: "Unauthorized", description: NO_TOKEN };
  const { message, title = "Lab", priority = 0, extras } = jsonBody(request) ?? {};
  if (typeof message !== "string" || message === "") return bad("Field 'message' is required");
  if (typeof title !== "string" || typeof priority !== "number") return bad("json: cannot unmarshal the message");
  return { message, title, priority, extras };
}

const NO_TOKEN = "you need to provide a valid access token or user credentials to access this api";

const refusal = ({ status, error, description }: Refusal): LabAnswer =>
  jsonAnswer(status, { error, errorCode: status, errorDescription: description });

const shownText = ({ message, priority, extras }: Sent): string =>
  `${isMarkdown(extras) ? withoutMarkup(message) : message}\npriority ${priority}`;

const keyOf = ({ headers, query }: LabRequest): string | undefined =>
  [headers["x-gotify-key"]].flat()[0] ??
  headers.authorization?.replace(/^Bearer /, "") ??
  query.get("token") ??
  undefined;

function isMarkdown(extras: unknown): boolean {
  const display = fieldOf(extras, "client::display");
  return fieldOf(display, "contentType") === "text/markdown";
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;

/** What is left of Markdown as Watchkeeper writes it: links become their names, escaped characters themselves. */
const withoutMarkup = (markdown: string): string =>
  markdown
    .replaceAll(/(?<!\\)\[([^\]]*)\]\(<([^>]*)>\)/g, "$1")
    .replaceAll(/\\([!-/:-@[-`{-~])/g, "$1")
    .replaceAll(/ +$/gm, "");
