import { createHash } from "node:crypto";
import { z } from "zod";
import { DeliveryError } from "../../core/delivery-errors.ts";
import type { Secret } from "../../core/secret.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { redact } from "../../lib/http/request-text.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { ask, credential, jsonOf, openChannel, statusFailure } from "../shared/http-channel.ts";
import { routingKeyPair, type PagerDutyChangeConfig, type PagerDutyConfig } from "./config.ts";

/** What an accepted event brought. */
export interface Accepted {
  /** PagerDuty's words, on one line. */
  readonly answer: string;
  /** 16 hexadecimal digits that tell one routing key from another and do not lead back to it. */
  readonly keyHash: string;
}

/** PagerDuty's Events API v2 with the routing key of one destination. */
export interface EventsApi {
  /** Sends an event, to which the routing key is added. Throws `DeliveryError`. */
  send(path: "/v2/enqueue" | "/v2/change/enqueue", event: object, signal: AbortSignal): Promise<Accepted>;
  close(): Promise<void>;
}

/** Makes the client of a destination; opens no connection. Throws `DeliveryError`. */
export async function openEventsApi(config: PagerDutyConfig | PagerDutyChangeConfig): Promise<EventsApi> {
  const client = await openChannel(config);
  return {
    send: async (path, event, signal) => {
      const key = await credential(routingKeyPair.source(config));
      return send(client, { url: `${config.api_url}${path}`, key, event, signal });
    },
    close: () => client.close(),
  };
}

interface Sending {
  readonly url: string;
  readonly key: Secret;
  readonly event: object;
  readonly signal: AbortSignal;
}

async function send(client: HttpClient, { url, key, event, signal }: Sending): Promise<Accepted> {
  const response = await ask(client, { method: "POST", url, body: { routing_key: key, ...event }, signal });
  const said = saidIn(response, key, url);
  if (response.status !== 202) throw refusal(`POST ${url}`, response, said);
  if (!isSuccess(response, event))
    throw new DeliveryError("invalid_answer", `POST ${url}: status 202, but the answer is not PagerDuty's`);
  return { answer: `202 ${said.join("; ")}`.trim(), keyHash: hashOf(key) };
}

const success = z.object({ status: z.literal("success"), dedup_key: z.string().optional() });

/** Whether the answer says that this event was taken; of an incident it names the incident. */
function isSuccess(response: HttpResponse, event: object): boolean {
  const { data } = success.safeParse(jsonOf(response));
  if (data === undefined) return false;
  return data.dedup_key === undefined || !("dedup_key" in event) || data.dedup_key === event.dedup_key;
}

/**
 * Only 128 random bits of a key make its hash safe to keep; a part of the hash is enough to see that it was replaced.
 */
const hashOf = (key: Secret): string => createHash("sha256").update(key.reveal()).digest("hex").slice(0, 16);

const answerShape = z.object({
  message: z.string().catch(""),
  errors: z.union([z.array(z.string()), z.string().transform((text) => [text])]).catch([]),
});

/** PagerDuty's sentences, without the routing key; what is no JSON is none of PagerDuty's. */
function saidIn(response: HttpResponse, key: Secret, url: string): string[] {
  const parsed = answerShape.safeParse(jsonOf(response));
  const sentences = parsed.success ? [parsed.data.message, ...parsed.data.errors] : [];
  return sentences
    .map((sentence) => clip(oneLine(redact(sentence, [key], new URL(url))), 200))
    .filter((sentence) => sentence !== "");
}

/**
 * A key that PagerDuty does not know is a fault of the destination: the event itself is good and waits for the right
 * key. PagerDuty answers 400 to it, as to an event that it can not read.
 */
function refusal(where: string, response: HttpResponse, said: readonly string[]): DeliveryError {
  const isAboutKey = said.some((sentence) => /routing[_ ]key|invalid key/i.test(sentence));
  return statusFailure(where, response, said.join("; "), isAboutKey ? { 400: "unauthorized" } : {});
}
