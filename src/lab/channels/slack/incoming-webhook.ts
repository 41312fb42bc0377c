import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { jsonBody, type Refuse } from "../channel-server.ts";
import { tooMany, type Workspace } from "./workspace.ts";

/** What a webhook answers from. */
export interface WebhookContext {
  readonly workspace: Workspace;
  /** The path of the one webhook there is. */
  readonly path: string;
  /** Name of the channel it posts to. */
  readonly channel: string;
  readonly refuse: Refuse;
}

/**
 * The statuses of the words with which a post is refused. Source:
 * https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
 */
const REFUSALS: Readonly<Record<string, readonly [status: number, word: string]>> = {
  channel_not_found: [404, "channel_not_found"],
  is_archived: [410, "channel_is_archived"],
};

/** Answers a post to the incoming webhook: plain words, with the status telling. */
export function answerWebhook(request: LabRequest, { workspace, path, channel, refuse }: WebhookContext): LabAnswer {
  const no = (status: number, word: string): LabAnswer => refuse(word, said(status, word));
  if (request.path !== path) return no(404, "no_service");
  const payload = jsonBody(request);
  if (request.method !== "POST" || payload === undefined) return no(400, "invalid_payload");
  const { text, blocks } = payload;
  if (text !== undefined && typeof text !== "string") return no(400, "invalid_payload");
  const outcome = workspace.post({ channel, text: text ?? "", blocks, thread: undefined });
  if ("wait" in outcome) return refuse("429", tooMany(outcome.wait));
  if (!("error" in outcome)) return said(200, "ok");
  return no(...(REFUSALS[outcome.error] ?? ([400, outcome.error] as const)));
}

const said = (status: number, word: string): LabAnswer => ({
  status,
  headers: { "content-type": "text/html" },
  body: word,
});
