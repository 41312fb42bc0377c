import { z } from "zod";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { hours, seconds } from "../../core/duration.ts";
import { defineNotifier, type DeliveryReceipt, type DeliveryRequest } from "../../core/notifier.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import { redact } from "../../lib/http/request-text.ts";
import { ask, credential, jsonOf, openChannel, statusFailure } from "../shared/http-channel.ts";
import { gotifyConfig, tokenPair, type GotifyConfig } from "./config.ts";
import { gotifyMessage, isWorthTelling } from "./message.ts";

/** An application of a Gotify server; it has no edits, so that each change is a message of its own. */
export const gotifyNotifier = defineNotifier({
  type: "gotify",
  title: "Gotify",
  config: gotifyConfig,
  policy: {
    // Gotify has no limit; more than one message a second helps nobody who carries the phone.
    rate: { perSecond: 1, burst: 20 },
    concurrency: 2,
    timeout: seconds(15),
    giveUpAfter: hours(24),
  },
  open: async (config) => {
    const client = await openChannel(config);
    return { deliver: (request) => send(client, config, request), close: () => client.close() };
  },
});

const created = z.object({ id: z.int().positive() });
const refused = z.object({ errorDescription: z.string() });

async function send(client: HttpClient, config: GotifyConfig, request: DeliveryRequest): Promise<DeliveryReceipt> {
  if (request.remote !== undefined && !isWorthTelling(request)) {
    return { remote: request.remote, answer: "not sent: no alert came or went" };
  }
  const token = await credential(tokenPair.source(config));
  const where = `Gotify ${config.url}`;
  const response = await ask(client, {
    method: "POST",
    url: `${config.url}/message`,
    headers: { "x-gotify-key": token },
    body: gotifyMessage(request),
    signal: request.signal,
  });
  if (response.status !== 200) {
    const said = refused.safeParse(jsonOf(response)).data?.errorDescription ?? "";
    throw statusFailure(where, response, redact(said, [token], new URL(config.url)));
  }
  const { data } = created.safeParse(jsonOf(response));
  if (data === undefined)
    throw new DeliveryError("invalid_answer", `${where}: the answer is not that of a Gotify server`);
  return { remote: { id: data.id }, answer: `sent as message ${data.id}` };
}
