import { DeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";
import { milliseconds } from "../../core/duration.ts";
import { createNetworkError } from "../../lib/http/network-error.ts";
import { clip, oneLine } from "../../lib/text.ts";
import type { NodemailerError } from "nodemailer";
import { asChannelError } from "../shared/http-channel.ts";

/** How far a delivery came: after `handed_over` the server may have taken the mail although it did not say so. */
export type SmtpStage = "connecting" | "connected" | "handed_over";

/** Where and when a delivery failed. */
export interface SmtpPlace {
  /** Such as `SMTP mail.example.org:587`. */
  readonly where: string;
  readonly stage: SmtpStage;
  /** Takes the password out of what the server said. */
  readonly hide: (text: string) => string;
}

/**
 * Any failure of a delivery by SMTP as a {@link DeliveryError}; of the original goes along only what the server said.
 */
export function smtpFailure(thrown: unknown, place: SmtpPlace): DeliveryError {
  if (thrown instanceof DeliveryError) return thrown;
  const error = thrown as NodemailerError;
  if (error.responseCode !== undefined) return answered(error, error.responseCode, place);
  const unanswered = UNANSWERED[error.timeoutType ?? error.code ?? ""];
  if (unanswered !== undefined) return new DeliveryError(unanswered[0], `${place.where}: ${unanswered[1]}`);
  if (error.code === "ECONNECTION" || error.code === "ETLS") return lost(place);
  return network(error, place);
}

/** Failures without an answer of the server, by nodemailer's code or kind of timeout. */
const UNANSWERED: Readonly<Record<string, readonly [DeliveryReason, string]>> = {
  GREETING_TIMEOUT: ["timeout", "the connection is there, but no greeting came in time"],
  UPGRADE_TIMEOUT: ["timeout", "the TLS handshake was not over in time"],
  SOCKET_TIMEOUT: ["timeout", "the server answered no more"],
  EPROTOCOL: ["invalid_answer", "what answers there does not speak SMTP"],
  EMESSAGE: ["message_rejected", "the mail is larger than the server takes"],
  EENVELOPE: ["destination_not_found", "an address of `from` or `to` can not be sent to the server"],
  EAUTH: ["unauthorized", "the server offers no way to log in that is known here"],
};

function lost({ where, stage }: SmtpPlace): DeliveryError {
  if (stage === "handed_over")
    return new DeliveryError(
      "connection_lost",
      `${where}: the connection was closed after the mail was handed over and before the answer`,
    );
  return stage === "connecting"
    ? new DeliveryError("unreachable", `${where}: the connection was closed before the session began`)
    : new DeliveryError("connection_lost", `${where}: the connection was closed before the mail was handed over`);
}

function network(error: NodemailerError, { where, stage }: SmtpPlace): DeliveryError {
  // Nodemailer puts its own code in the place of the system's.
  const original = Object.assign(new Error(error.message), error, { code: error.originalCode ?? error.code });
  const bound = milliseconds(0);
  const { reason, message } = asChannelError(createNetworkError(original, where, { connect: bound, headers: bound }));
  const isNothingSent = stage === "connecting" && (reason === "connection_lost" || reason === "timeout");
  return new DeliveryError(isNothingSent ? "unreachable" : reason, message);
}

function answered(error: NodemailerError, code: number, { where, hide }: SmtpPlace): DeliveryError {
  const said = clip(oneLine(hide(error.response ?? "")), 300);
  const reason = code < 400 ? "invalid_answer" : code < 500 ? passing(error, said) : final(error, code, said);
  const why = reason === "tls_untrusted" ? `${NO_TLS} ` : "";
  return new DeliveryError(reason, `${where}: ${why}${error.command ?? "the greeting"} was answered: ${said}`);
}

const NO_TLS = "the server offers no STARTTLS, and mail is not sent unencrypted (port 465 needs `tls: implicit`).";

/**
 * Busy, greylisting, mailbox full. Too many logins fail with 4.7.0 as well, which says nothing about the number of
 * mails.
 */
function passing({ code }: NodemailerError, said: string): DeliveryReason {
  const isThrottled = /^\d{3} 4\.7\.\d|\brate\b|throttl|slow down|too many (messages|mails|e-mails|connections)/i;
  return code !== "EAUTH" && isThrottled.test(said) ? "rate_limited" : "server_error";
}

/**
 * 503 is about the session, which will be another one. Source: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.2,
 * and RFC 3463 for the second code.
 */
function final({ code: kind, command = "", rejectedErrors }: NodemailerError, code: number, said: string) {
  if (code === 503) return "server_error";
  if (kind === "ETLS") return "tls_untrusted";
  if (kind === "EAUTH" || code === 530 || code === 535) return "unauthorized";
  if (code === 552 || kind === "EMESSAGE" || command === "DATA") return "message_rejected";
  if (command === "RCPT TO") return isRelayDenied(said, rejectedErrors) ? "forbidden" : "destination_not_found";
  // The greeting, EHLO and MAIL FROM: this client, or this sender, is not wanted.
  return "forbidden";
}

/** 5.7.x: the recipient may well exist, but not for this sender. */
const isRelayDenied = (said: string, errors: readonly NodemailerError[] = []): boolean =>
  [said, ...errors.map(({ response }) => response ?? "")].every((one) => /^\d{3}[ -](5\.7\.\d|.*relay)/i.test(one));
