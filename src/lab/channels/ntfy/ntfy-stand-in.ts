import { randomBytes } from "node:crypto";
import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { Board } from "../board.ts";
import { jsonAnswer, jsonBody, startChannelServer, type Refuse } from "../channel-server.ts";
import type { ChannelStandIn } from "../stand-in.ts";
import { TokenBucket, type Limit } from "../token-bucket.ts";
import { NTFY_ERRORS, ntfyError, type NtfyErrorName } from "./errors.ts";
import { readPublished, type Published } from "./published.ts";

/** What an emulated ntfy server is started with. */
export interface NtfyStandInOptions {
  readonly port?: number;
  /** Who may write, by `Authorization` header; everybody when there is none. A user's topics are those named. */
  readonly users?: readonly { readonly authorization: string; readonly topics: readonly string[] }[];
  /** Requests of a visitor; 60 at once and one more every 5 s unless given, as ntfy.sh has it. */
  readonly limit?: Limit | undefined;
  /** Whether it updates messages in place, as 2.16 and newer do; true unless given. */
  readonly hasSequences?: boolean;
  /** Milliseconds for the limit. */
  readonly now?: () => number;
}

const NTFY_LIMIT: Limit = { burst: 60, everyMs: 5_000 };

/** Starts an emulated ntfy server. Sources: https://docs.ntfy.sh/publish/ and server/errors.go of ntfy */
export async function startNtfyStandIn(options: NtfyStandInOptions = {}): Promise<ChannelStandIn> {
  const board = new Board();
  const bucket = new TokenBucket(options.limit ?? NTFY_LIMIT, options.now);
  const refused = (refuse: Refuse, name: NtfyErrorName): LabAnswer =>
    refuse(`${NTFY_ERRORS[name][1]} ${name}`, ntfyError(name));
  const server = await startChannelServer({
    port: options.port,
    tooMany: (retryAfter) => {
      const answer = ntfyError("too_many_requests");
      return { ...answer, headers: { ...answer.headers, "retry-after": String(retryAfter) } };
    },
    answer: (request, refuse) => {
      if (request.path === "/v1/health") return jsonAnswer(200, { healthy: true });
      if (request.path !== "/" || !["POST", "PUT"].includes(request.method)) return refused(refuse, "not_found");
      if (bucket.take() > 0) return refuse("429", ntfyError("too_many_requests"));
      const published = readPublished(jsonBody(request), request.body);
      if (typeof published === "string") return refused(refuse, published);
      const denied = deniedTo(options, request, published.topic);
      return denied === undefined ? publish(board, published, options.hasSequences ?? true) : refused(refuse, denied);
    },
  });
  return { type: "ntfy", title: "ntfy", ...server, messages: () => board.messages() };
}

function deniedTo({ users }: NtfyStandInOptions, request: LabRequest, topic: string): NtfyErrorName | undefined {
  const { authorization } = request.headers;
  if (users === undefined) return undefined;
  const user = users.find((one) => one.authorization === authorization);
  if (user === undefined) return authorization === undefined ? "forbidden" : "unauthorized";
  return user.topics.includes(topic) ? undefined : "forbidden";
}

function publish(board: Board, published: Published, hasSequences: boolean): LabAnswer {
  const id = randomBytes(9).toString("base64url").replaceAll(/[-_]/g, "0");
  const sequence = hasSequences ? published.sequenceId : undefined;
  const key = sequence === undefined ? id : `${published.topic}/${sequence}`;
  const shown = { title: published.title, text: published.text };
  if (board.has(key)) board.edit(key, shown);
  else board.post(key, published.topic, shown);
  const { topic, title, message, priority } = published;
  const time = Math.floor(Date.now() / 1000);
  return jsonAnswer(200, {
    id,
    ...(sequence !== undefined && { sequence_id: sequence }),
    time,
    expires: time + 43_200,
    event: "message",
    topic,
    title,
    message,
    priority,
  });
}
