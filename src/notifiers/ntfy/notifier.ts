import { z } from "zod";
import { DeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";
import { hours, seconds } from "../../core/duration.ts";
import { defineNotifier, type DeliveryReceipt, type DeliveryRequest } from "../../core/notifier.ts";
import { Secret } from "../../core/secret.ts";
import type { HttpClient, HttpResponse } from "../../lib/http/client.ts";
import { redact } from "../../lib/http/request-text.ts";
import { ask, credential, jsonOf, openChannel, statusFailure } from "../shared/http-channel.ts";
import { isEvidenceAlone } from "../shared/news.ts";
import { ntfyConfig, passwordSecret, tokenSecret, type NtfyConfig } from "./config.ts";
import { ntfyMessage, type NtfyMessage } from "./message.ts";

/** A topic of an ntfy server; needs 2.16 or newer to update a message in place, older ones show each as a new one. */
export const ntfyNotifier = defineNotifier({
  type: "ntfy",
  title: "ntfy",
  config: ntfyConfig,
  policy: {
    // A visitor's bucket holds 60 requests and gets one back every 5 s, which a phone behind the same address draws
    // from too; a server of one's own has the same defaults. Source: https://docs.ntfy.sh/publish/#limitations
    rate: { perSecond: 1 / 5, burst: 40 },
    concurrency: 2,
    timeout: seconds(15),
    giveUpAfter: hours(24),
  },
  open: async (config) => {
    const client = await openChannel(config);
    return { deliver: (request) => publish(client, config, request), close: () => client.close() };
  },
});

const published = z.object({ id: z.string().regex(/^[-\w]{1,64}$/), sequence_id: z.string().optional() });
const refused = z.object({ code: z.number().optional(), error: z.string() });

/** Topic names that are refused concern the destination, and so does a server that shut out a wrong login. */
const REASON_OF_CODE: Readonly<Record<number, DeliveryReason>> = {
  40009: "destination_not_found",
  40010: "destination_not_found",
  42909: "unauthorized",
};

async function publish(client: HttpClient, config: NtfyConfig, request: DeliveryRequest): Promise<DeliveryReceipt> {
  if (isEvidenceAlone(request) && request.remote?.["canUpdate"] === false)
    return {
      remote: request.remote,
      answer: "not sent: this server can not update the message, and no alert came or went",
    };
  const login = await readLogin(config);
  const message = ntfyMessage(config.topic, request);
  const response = await ask(client, {
    method: "POST",
    url: `${config.url}/`,
    headers: login === undefined ? {} : { authorization: login.header },
    body: message,
    signal: request.signal,
  });
  if (response.status !== 200) throw failure(config, response, login);
  return receipt(config, response, message);
}

interface Login {
  readonly header: Secret;
  /** What the header is made of: a server may say that back. */
  readonly secret: Secret;
}

async function readLogin(config: NtfyConfig): Promise<Login | undefined> {
  const [token, password] = [tokenSecret.source(config), passwordSecret.source(config)];
  if (token !== undefined) {
    const secret = await credential(token);
    return { secret, header: new Secret(`Bearer ${secret.reveal()}`) };
  }
  if (password === undefined) return undefined;
  const secret = await credential(password);
  const pair = Buffer.from(`${config.username ?? ""}:${secret.reveal()}`).toString("base64");
  return { secret, header: new Secret(`Basic ${pair}`) };
}

function receipt({ url }: NtfyConfig, response: HttpResponse, sent: NtfyMessage): DeliveryReceipt {
  const { success, data } = published.safeParse(jsonOf(response));
  if (!success) throw new DeliveryError("invalid_answer", `ntfy ${url}: the answer is not that of an ntfy server`);
  const canUpdate = data.sequence_id === sent.sequence_id;
  return {
    remote: { sequence_id: sent.sequence_id, id: data.id, canUpdate },
    answer: `published${canUpdate ? "" : "; this server does not update messages in place, which ntfy 2.16 does"}`,
  };
}

function failure({ url }: NtfyConfig, response: HttpResponse, login: Login | undefined): DeliveryError {
  const { data } = refused.safeParse(jsonOf(response));
  const reason = REASON_OF_CODE[data?.code ?? 0];
  const said = redact(data?.error ?? "", login === undefined ? [] : [login.header, login.secret], new URL(url));
  return statusFailure(`ntfy ${url}`, response, said, reason === undefined ? {} : { [response.status]: reason });
}
