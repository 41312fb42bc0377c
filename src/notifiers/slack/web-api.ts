import { z } from "zod";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { Secret } from "../../core/secret.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { ask, credential, jsonOf, openChannel, retryAfterOf, statusFailure } from "../shared/http-channel.ts";
import type { SlackBody } from "../shared/slack/body.ts";
import { oneCall } from "../shared/two-calls.ts";
import { tokenPair, type SlackConfig } from "./config.ts";
import { adviceOn, reasonOf, SlackRefusal } from "./refusal.ts";

/** Where a message is. `channel` is the id, which alone `chat.update` takes. */
export interface MessagePlace {
  readonly channel: string;
  readonly ts: string;
}

/** What a call says beside the body. Source: https://docs.slack.dev/reference/methods/chat.postMessage#arguments */
export interface CallArguments extends Omit<SlackBody, "blocks"> {
  readonly channel: string;
  readonly blocks?: SlackBody["blocks"];
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly reply_broadcast?: boolean;
  readonly metadata?: { readonly event_type: string; readonly event_payload: Readonly<Record<string, string>> };
}

/**
 * The two calls of Slack's Web API that are used here. Slack's own client would hide from us what the delivery engine
 * must know: it takes no signal for a call, no authority or fingerprint for a proxy, turns a 429 without `Retry-After`
 * and every fault of the network into one error, and takes a login page for Slack's word.
 */
export interface SlackApi {
  /** Makes one call. Throws `DeliveryError`, and {@link SlackRefusal} when Slack itself refused. */
  call(
    method: "chat.postMessage" | "chat.update",
    what: CallArguments,
    how: { readonly plain: boolean; readonly signal: AbortSignal },
  ): Promise<MessagePlace>;
  close(): Promise<void>;
}

/** Makes the client of a destination; opens no connection. Throws `DeliveryError`. */
export async function openSlackApi(config: SlackConfig): Promise<SlackApi> {
  const client = await openChannel(config);
  return {
    call: async (method, what, { plain, signal }) => {
      const where = `POST ${config.api_url}/${method}`;
      const response = await send(client, `${config.api_url}/${method}`, {
        token: await credential(tokenPair.source(config)),
        body: { ...what, ...LITERAL, ...(method === "chat.postMessage" && NO_PREVIEW) },
        signal: oneCall(signal),
      });
      const place = placeIn(where, response, plain);
      // a proxy that mixed up answers would lead later edits to another message
      if (what.ts !== undefined && what.ts !== place.ts) throw notSlacks(where);
      return place;
    },
    close: () => client.close(),
  };
}

/** No text becomes a link or a mention; `chat.update` would look for them unless told not to. */
const LITERAL = { parse: "none", link_names: false } as const;
const NO_PREVIEW = { unfurl_links: false, unfurl_media: false } as const;

interface Sending {
  readonly token: Secret;
  readonly body: object;
  readonly signal: AbortSignal;
}

const send = (client: HttpClient, url: string, { token, body, signal }: Sending): Promise<HttpResponse> =>
  ask(client, {
    method: "POST",
    url,
    headers: {
      authorization: new Secret(`Bearer ${token.reveal()}`),
      "content-type": "application/json; charset=utf-8",
    },
    body,
    signal,
  });

const accepted = z.object({
  ok: z.literal(true),
  channel: z.string().regex(/^[A-Z0-9]{1,40}$/),
  ts: z.string().regex(/^\d{1,20}\.\d{1,20}$/),
});
const refused = z.object({
  ok: z.literal(false),
  error: z.string().regex(/^[a-z0-9_]{1,80}$/),
  // tells the place in the blocks that is at fault, such as
  // `must be less than 3001 characters [json-pointer:/blocks/0]`
  errors: z.array(z.string()).catch([]),
});

/** The place of the message that was posted or edited. Slack answers 200 to nearly everything; `ok` tells. */
function placeIn(where: string, response: HttpResponse, plain: boolean): MessagePlace {
  const body = jsonOf(response);
  const { data: place } = accepted.safeParse(body);
  if (place !== undefined) return { channel: place.channel, ts: place.ts };
  const { data: refusal } = refused.safeParse(body);
  if (response.status !== 429 && refusal !== undefined) throw refusalOf(where, response, refusal, plain);
  if (response.status !== 200) throw statusFailure(where, response, refusal?.error ?? "");
  throw notSlacks(where);
}

const notSlacks = (where: string): DeliveryError =>
  new DeliveryError("invalid_answer", `${where}: the answer is not one of Slack`);

function refusalOf(
  where: string,
  response: HttpResponse,
  { error: word, errors }: z.output<typeof refused>,
  plain: boolean,
): SlackRefusal {
  // a word that is not known may concern the blocks: the plain form is tried once, and then until the delivery is given
  // up
  const reason = reasonOf(word) ?? (plain ? "invalid_answer" : "message_rejected");
  const places = errors.flatMap((text) => /\[json-pointer:([\w/]{1,80})\]/.exec(text)?.[1] ?? []).slice(0, 3);
  const detail = places.length === 0 ? "" : ` at ${places.join(", ")}`;
  return new SlackRefusal(word, reason, `${where}: Slack says ${word}${detail}${adviceOn(word)}`, {
    retryAfterMs: retryAfterOf(response),
  });
}
