import { createHmac } from "node:crypto";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { hours, seconds } from "../../core/duration.ts";
import { defineNotifier, type DeliveryReceipt, type DeliveryRequest } from "../../core/notifier.ts";
import { Secret } from "../../core/secret.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { redact } from "../../lib/http/request-text.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { ask, credential, openChannel, statusFailure } from "../shared/http-channel.ts";
import { hmacSecret, readUrl, urlPair, valuePair, webhookConfig, type WebhookConfig } from "./config.ts";
import { webhookText } from "./message.ts";

/** Somebody's own receiver: a documented JSON document, signed if wished, with a key that tells a repeat. */
export const webhookNotifier = defineNotifier({
  type: "webhook",
  title: "Webhook",
  config: webhookConfig,
  policy: {
    // A receiver of one's own has no known limit; this is what a small service bears.
    rate: { perSecond: 5, burst: 50 },
    concurrency: 4,
    timeout: seconds(15),
    giveUpAfter: hours(24),
  },
  open: async (config) => {
    const client = await openChannel(config);
    return { deliver: (request) => post(client, config, request), close: () => client.close() };
  },
});

/** Everything about a request that nobody may read in an error. */
interface Secrets {
  readonly url: URL;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly key: Secret | undefined;
}

async function post(client: HttpClient, config: WebhookConfig, request: DeliveryRequest): Promise<DeliveryReceipt> {
  const secrets = await readSecrets(config);
  const text = webhookText(request);
  const response = await ask(client, {
    method: "POST",
    url: new Secret(secrets.url.href),
    headers: {
      ...secrets.headers,
      "idempotency-key": request.idempotencyKey,
      ...(secrets.key && signature(secrets.key, text)),
    },
    text,
    signal: request.signal,
  });
  return receipt(response, secrets, request);
}

async function readSecrets(config: WebhookConfig): Promise<Secrets> {
  const url = readUrl(await credential(urlPair.source(config)));
  if (url === undefined)
    throw new DeliveryError("credential_unreadable", `webhook ${config.name}: what \`url_file\` holds is not a URL`);
  const headers: Record<string, Secret> = {};
  for (const header of config.headers) headers[header.name] = await credential(valuePair.source(header));
  const key = hmacSecret.source(config);
  return { url, headers, key: key && (await credential(key)) };
}

/** The signature over `<timestamp>.<body>`, and that timestamp in Unix seconds. */
function signature(key: Secret, text: string): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const digest = createHmac("sha256", key.reveal()).update(`${timestamp}.${text}`).digest("hex");
  return { "x-watchkeeper-timestamp": timestamp, "x-watchkeeper-signature": `sha256=${digest}` };
}

function receipt(response: HttpResponse, secrets: Secrets, request: DeliveryRequest): DeliveryReceipt {
  const { status } = response;
  const said = clip(oneLine(withoutSecrets(response.text.slice(0, READ_CHARACTERS), secrets)), SAID_CHARACTERS);
  // a receiver can not know a key that was never sent before
  const isKnown = status === 409 && request.mayRepeat;
  if (!isKnown && (status < 200 || status > 299)) {
    const what = status >= 300 && status <= 399 ? "a redirect, which is not followed" : said;
    throw statusFailure(`webhook ${secrets.url.origin}`, response, what, { 405: "destination_not_found" });
  }
  const answer = [
    `status ${status}`,
    ...(isKnown ? ["it has this message already"] : []),
    ...(said === "" ? [] : [said]),
  ];
  return { remote: { revision: request.message.revision }, answer: answer.join(": ") };
}

/** Of an answer this much is looked at, and this much is told. */
const READ_CHARACTERS = 4096;
const SAID_CHARACTERS = 200;

function withoutSecrets(text: string, { url, headers, key }: Secrets): string {
  const { href, pathname, search } = url;
  // a lone slash is in every text
  const path = pathname.length > 1 ? [pathname, `${pathname}${search}`, ...longPieces(pathname)] : [];
  const hidden = [href, ...path].map((one) => new Secret(one));
  return redact(text, [...hidden, ...Object.values(headers), ...(key === undefined ? [] : [key])], url);
}

/** The parts of a path that may be a token. */
const longPieces = (path: string): readonly string[] => path.split("/").filter((piece) => piece.length >= 8);
