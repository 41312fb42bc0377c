import { readFile } from "node:fs/promises";
import { DeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";
import { seconds } from "../../core/duration.ts";
import { CollectError, type CollectReason } from "../../core/errors.ts";
import type { Secret } from "../../core/secret.ts";
import { createHttpClient, type HttpClient, type HttpRequest, type HttpResponse } from "../../lib/http/client.ts";
import { readSecret, type SecretSource } from "../../lib/secret-source.ts";
import { clip, oneLine } from "../../lib/text.ts";

/** The reason of a delivery for each reason of the HTTP client. */
const REASONS: Partial<Record<CollectReason, DeliveryReason>> = {
  dns_failure: "unreachable",
  connection_refused: "unreachable",
  connection_failed: "unreachable",
  tls_handshake: "unreachable",
  connection_reset: "connection_lost",
  timeout: "timeout",
  tls_untrusted: "tls_untrusted",
  tls_expired: "tls_untrusted",
  tls_wrong_host: "tls_untrusted",
  tls_pin_mismatch: "tls_untrusted",
  body_too_large: "invalid_answer",
  invalid_response: "invalid_answer",
  credential_unreadable: "credential_unreadable",
};

/** Any failure of the HTTP client or of a credential's file as a {@link DeliveryError}. */
export function asChannelError(thrown: unknown): DeliveryError {
  if (thrown instanceof DeliveryError) return thrown;
  if (!(thrown instanceof CollectError)) {
    if (thrown instanceof Error && thrown.name === "TimeoutError")
      return new DeliveryError("timeout", "no answer before the attempt's time was up", { cause: thrown });
    return new DeliveryError("internal", String(thrown), { cause: thrown });
  }
  return new DeliveryError(REASONS[thrown.reason] ?? "internal", thrown.message, { cause: thrown });
}

/** How a destination with an address of its own is reached. */
export interface ChannelTls {
  readonly ca_file?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly server_name?: string | undefined;
}

/** Makes the HTTP client of a destination: no redirect is followed, nothing is sent twice. Throws `DeliveryError`. */
export async function openChannel({ ca_file, fingerprint, server_name }: ChannelTls = {}): Promise<HttpClient> {
  try {
    const ca = ca_file === undefined ? undefined : await readFile(ca_file, "utf8");
    // the engine's own deadline ends an attempt; this one is behind it
    const timeouts = { connect: seconds(10), headers: seconds(60), total: seconds(60) };
    return createHttpClient({
      ca,
      fingerprint,
      serverName: server_name,
      timeouts,
      maxBodyBytes: 1024 * 1024,
      retries: 0,
    });
  } catch (thrown) {
    throw asChannelError(thrown);
  }
}

/** Sends a request; every status is an answer. Throws `DeliveryError` when there is none. */
export async function ask(client: HttpClient, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await client.request({ ...request, accept: () => true });
  } catch (thrown) {
    throw asChannelError(thrown);
  }
}

/** Reads a destination's secret anew, so that a rotated one counts at once. Throws `DeliveryError`. */
export async function credential(source: SecretSource): Promise<Secret> {
  try {
    return await readSecret(source);
  } catch (thrown) {
    throw asChannelError(thrown);
  }
}

/** The parsed JSON of an answer; undefined when it is none. */
export function jsonOf({ text }: HttpResponse): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The delivery error of an answer that is no success, by its status alone: 429 and 5xx are for later, 401, 403 and 404
 * concern the destination, every other one the message. `said` is the destination's own sentence, if it gave one;
 * `overrides` names the statuses that mean something else there.
 */
export function statusFailure(
  where: string,
  response: HttpResponse,
  said: string,
  overrides: Readonly<Record<number, DeliveryReason>> = {},
): DeliveryError {
  const { status } = response;
  const reason =
    overrides[status] ??
    STATUS_REASONS[status] ??
    (status >= 500 ? "server_error" : status < 400 ? "invalid_answer" : "message_rejected");
  const words = clip(oneLine(said), 300);
  return new DeliveryError(reason, `${where}: status ${status}${words && `: ${words}`}`, {
    retryAfterMs: retryAfterOf(response),
  });
}

const STATUS_REASONS: Readonly<Record<number, DeliveryReason>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "destination_not_found",
  408: "timeout",
  410: "destination_not_found",
  425: "server_error",
  429: "rate_limited",
};

/** A date of HTTP begins with its day. `Date.parse` takes nearly any text with a number in it for a date. */
const HTTP_DATE = /^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[, ]/i;

/**
 * The header `retry-after`, seconds or a date, in milliseconds. One that asks for no wait, or can not be read, says
 * nothing.
 * Source: RFC 9110, section 10.2.3
 */
export function retryAfterOf({
  headers,
  receivedAt,
}: Pick<HttpResponse, "headers" | "receivedAt">): number | undefined {
  const text = [headers["retry-after"]].flat()[0]?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return waitOf(Number(text));
  return HTTP_DATE.test(text) ? waitOf((Date.parse(text) - receivedAt.getTime()) / 1000) : undefined;
}

/** Seconds that a destination asked to wait, in milliseconds; undefined when they are none. */
export const waitOf = (seconds: number | undefined): number | undefined =>
  seconds !== undefined && seconds > 0 ? Math.ceil(seconds * 1000) : undefined;
