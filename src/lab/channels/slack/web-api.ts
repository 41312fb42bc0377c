import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { jsonAnswer, type Refuse } from "../channel-server.ts";
import { readArguments, type Fields } from "./fields.ts";
import { tooMany, type Outcome, type Workspace } from "./workspace.ts";

/** What the Web API answers from. */
export interface WebApiContext {
  readonly workspace: Workspace;
  readonly token: string;
  readonly refuse: Refuse;
}

const METHODS: Readonly<Record<string, (workspace: Workspace, given: Fields) => Outcome>> = {
  "chat.postMessage": (workspace, { channel, text, blocks, thread_ts: thread }) =>
    workspace.post({ channel: textOf(channel) ?? "", text: textOf(text) ?? "", blocks, thread: textOf(thread) }),
  "chat.update": (workspace, { channel, ts, text, blocks }) =>
    workspace.edit(textOf(channel) ?? "", textOf(ts) ?? "", { text: textOf(text), blocks }),
};

/**
 * Answers a call of the Web API: 200 to nearly everything, with `ok` telling. Source:
 * https://docs.slack.dev/apis/web-api
 */
export function answerCall(
  method: string,
  request: LabRequest,
  { workspace, token, refuse }: WebApiContext,
): LabAnswer {
  const no = (error: string, more: object = {}): LabAnswer =>
    refuse(error, jsonAnswer(200, { ok: false, error, ...more }));
  const run = METHODS[method];
  if (run === undefined) return no("unknown_method");
  if (request.headers["content-type"] === undefined) return no("missing_post_type");
  const given = readArguments(request);
  if (given === undefined) return no("invalid_arguments");
  const credential = request.headers.authorization?.replace(/^Bearer /, "") ?? textOf(given["token"]);
  if (credential === undefined || credential === "") return no("not_authed");
  if (credential !== token) return no("invalid_auth");
  const outcome = run(workspace, given);
  if ("wait" in outcome) return refuse("429", tooMany(outcome.wait));
  if (!("error" in outcome)) return jsonAnswer(200, { ok: true, ...outcome, message: { type: "message", ...outcome } });
  const { error, errors } = outcome;
  const messages = errors?.map((text) => `[ERROR] ${text}`);
  return no(error, errors && { errors, response_metadata: { messages } });
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
