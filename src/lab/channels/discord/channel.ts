import { z } from "zod";
import type { LabAnswer, LabRequest } from "../../exchange.ts";
import { Board } from "../board.ts";
import { jsonAnswer, jsonBody, type Refuse } from "../channel-server.ts";
import { TokenBucket } from "../token-bucket.ts";
import * as answers from "./answers.ts";
import { faultsOf, type DiscordPost } from "./limits.ts";
import { shownOf } from "./shown.ts";

const WEBHOOK_ID = "1100000000000000001";
const TOKEN = `lab-webhook-token-${"x".repeat(40)}`;
const CHANNEL_ID = "1100000000000000002";
/** The path of the channel's webhook. */
export const WEBHOOK_PATH = `/api/webhooks/${WEBHOOK_ID}/${TOKEN}`;
const ROUTE = /^\/api(?:\/v10)?\/webhooks\/(?<webhook>\d+)\/(?<token>[\w-]+)(?:\/messages\/(?<message>\d+))?$/;

const posted = z.object({
  content: z.string().nullish(),
  embeds: z
    .array(
      z.object({
        title: z.string().optional(),
        description: z.string().optional(),
        fields: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
        footer: z.object({ text: z.string() }).optional(),
        author: z.object({ name: z.string() }).optional(),
      }),
    )
    .nullish(),
});

/** The channel: what was posted there by its webhook, and how it answers. */
export class Channel {
  readonly board = new Board();
  hasWebhook = true;
  refusesOldEdits = false;
  readonly #posts = new Map<string, { post: DiscordPost; readonly thread: string | null }>();
  readonly #threads: readonly string[];
  readonly #rate: TokenBucket | undefined;
  #last = BigInt(CHANNEL_ID);

  constructor(threads: readonly string[], enforceRates: boolean) {
    this.#threads = threads;
    this.#rate = enforceRates ? new TokenBucket({ burst: 5, everyMs: 400 }) : undefined;
  }

  answer(request: LabRequest, refuse: Refuse): LabAnswer {
    const outcome = this.#handle(request);
    if ("code" in outcome) return refuse(String(outcome.code), answers.failed(outcome));
    return outcome.status === 429 ? refuse("429", outcome) : outcome;
  }

  remove(id: string): void {
    this.#posts.delete(id);
    this.board.remove(id);
  }

  #handle(request: LabRequest): LabAnswer | answers.DiscordFailure {
    const { webhook, token, message } = ROUTE.exec(request.path)?.groups ?? {};
    if (webhook !== WEBHOOK_ID || !this.hasWebhook) return answers.UNKNOWN_WEBHOOK;
    if (token !== TOKEN) return answers.INVALID_TOKEN;
    const thread = request.query.get("thread_id");
    if (thread !== null && !this.#threads.includes(thread)) return answers.UNKNOWN_CHANNEL;
    const wait = this.#rate?.take() ?? 0;
    if (wait > 0) return answers.tooMany(wait);
    const body = jsonBody(request);
    if (body === undefined) return answers.INVALID_JSON;
    const { data: given } = posted.safeParse(body);
    if (given === undefined) return answers.FORM_BODY;
    if (request.method === "POST" && message === undefined) return this.#post(given, thread, request);
    if (request.method === "PATCH" && message !== undefined) return this.#edit(given, message, thread);
    return { status: 405, code: 0, message: "405: Method Not Allowed" };
  }

  #post(given: z.output<typeof posted>, thread: string | null, { query }: LabRequest) {
    const post = toPost(given, { content: "", embeds: [] });
    const failure = failureOf(post);
    if (failure !== undefined) return failure;
    this.#last += 1n;
    const id = String(this.#last);
    this.#posts.set(id, { post, thread });
    this.board.post(id, placeOf(thread), shownOf(post));
    return query.get("wait") === "true" ? messageAnswer(id, thread) : { status: 204 };
  }

  #edit(given: z.output<typeof posted>, id: string, thread: string | null) {
    const before = this.#posts.get(id);
    if (before?.thread !== thread) return answers.UNKNOWN_MESSAGE;
    if (this.refusesOldEdits) return answers.OLD_EDITS;
    const post = toPost(given, before.post);
    const failure = failureOf(post);
    if (failure !== undefined) return failure;
    before.post = post;
    this.board.edit(id, shownOf(post));
    return messageAnswer(id, thread);
  }
}

/** What is left out stays as it was. */
const toPost = ({ content, embeds }: z.output<typeof posted>, before: DiscordPost): DiscordPost => ({
  content: content === undefined ? before.content : (content ?? ""),
  embeds: embeds === undefined ? before.embeds : ((embeds ?? []) as DiscordPost["embeds"]),
});

function failureOf(post: DiscordPost): answers.DiscordFailure | undefined {
  if (post.content.trim() === "" && post.embeds.length === 0) return answers.EMPTY_MESSAGE;
  const errors = faultsOf(post);
  return errors === undefined ? undefined : { ...answers.FORM_BODY, errors };
}

const placeOf = (thread: string | null): string => (thread === null ? "#alerts" : `#alerts, thread ${thread}`);

const messageAnswer = (id: string, thread: string | null): LabAnswer =>
  jsonAnswer(200, { id, type: 0, channel_id: thread ?? CHANNEL_ID, webhook_id: WEBHOOK_ID });
