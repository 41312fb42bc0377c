import { z } from "zod";
import { DeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";
import { Secret } from "../../core/secret.ts";
import type { HttpResponse } from "../../lib/http/client.ts";
import { describeRequest, redact } from "../../lib/http/request-text.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { jsonOf, retryAfterOf, statusFailure, waitOf } from "../shared/http-channel.ts";

/** A failure that Discord explains by one of its codes. */
export class DiscordRefusal extends DeliveryError {
  readonly code: number;

  constructor(
    code: number,
    reason: DeliveryReason,
    message: string,
    options: { retryAfterMs?: number | undefined } = {},
  ) {
    super(reason, message, options);
    this.code = code;
  }
}

/** Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json */
const MEANINGS: Readonly<Record<number, { readonly reason: DeliveryReason; readonly advice: string }>> = {
  10003: { reason: "destination_not_found", advice: "the channel or thread is gone: check `thread_id`" },
  10015: { reason: "destination_not_found", advice: "the webhook was deleted: make a new one" },
  50027: { reason: "unauthorized", advice: "the address is not that of a webhook (any more): copy it anew" },
  220001: { reason: "destination_not_found", advice: "a forum channel needs `thread_id`" },
};

/**
 * Unknown message; the author of the message is another; too many edits of messages older than an hour; archived
 * thread.
 */
const EDIT_REFUSED = new Set([10008, 50005, 30046, 50083]);

/**
 * Whether a new message must take the place of an edit that failed so. Of the plain form any refusal of the content
 * counts, because there is nothing plainer to try.
 */
export const needsNewMessage = (thrown: unknown, plain: boolean): boolean =>
  thrown instanceof DiscordRefusal && (EDIT_REFUSED.has(thrown.code) || (plain && thrown.class === "message"));

const refused = z.object({
  code: z.number().catch(0),
  message: z.string(),
  /** Seconds. */
  retry_after: z.number().optional().catch(undefined),
  errors: z.unknown().optional(),
});

/** The error of an answer that is no success. `url` is the webhook's address, which the message does not show. */
export function refusalOf(method: string, url: URL, response: HttpResponse): DeliveryError {
  const where = describeRequest(method, url, true);
  const { data } = refused.safeParse(jsonOf(response));
  if (data === undefined) return statusFailure(where, response, "");
  const meaning = MEANINGS[data.code];
  const overrides = meaning === undefined ? {} : { [response.status]: meaning.reason };
  const said = sentences(data, url) + (meaning === undefined ? "" : ` (${meaning.advice})`);
  const { reason, message } = statusFailure(where, response, said, overrides);
  // the body tells fractions of a second, the header whole ones
  const retryAfterMs = waitOf(data.retry_after) ?? retryAfterOf(response);
  return new DiscordRefusal(data.code, reason, message, { retryAfterMs });
}

function sentences({ code, message, errors }: z.output<typeof refused>, url: URL): string {
  const words = [message, ...faults(errors).slice(0, 3)].join("; ");
  return `${clip(oneLine(redact(words, secretsIn(url), url)), 250)} (code ${code})`;
}

/** The path, and the token in it. */
const secretsIn = ({ pathname }: URL): readonly Secret[] =>
  [pathname, ...pathname.split("/").filter((piece) => piece.length > 20)].map((text) => new Secret(text));

/**
 * The sentences of a nested list of faults, each with its place, such as `embeds.0.description: Must be 4096 or fewer`.
 */
function faults(errors: unknown, place = "", depth = 0): readonly string[] {
  if (typeof errors !== "object" || errors === null || depth > 8) return [];
  return Object.entries(errors).flatMap(([key, value]: [string, unknown]) =>
    key === "_errors" && Array.isArray(value)
      ? value.map((fault: unknown) => `${place}: ${String(Object(fault)["message"])}`)
      : faults(value, place === "" ? key : `${place}.${key}`, depth + 1),
  );
}
