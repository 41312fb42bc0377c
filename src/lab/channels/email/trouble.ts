/** The moments at which a mail server may refuse. */
export type MailMoment = "connect" | "login" | "sender" | "recipient" | "message";

/** Ways in which a mail server fails that those of HTTP do not cover. */
export type MailTrouble =
  /**
   * Answers at that moment with that reply, such as `451 4.3.0 try again later`; to one recipient only, when it is
   * given.
   */
  | { readonly kind: "answer"; readonly at: MailMoment; readonly reply: string; readonly recipient?: string }
  /** Begins a greeting and goes on with it for ever, one byte each 1000 ms unless told otherwise. */
  | { readonly kind: "drip_greeting"; readonly intervalMs?: number }
  /** Takes the mail and answers no more. */
  | { readonly kind: "hang_after_data" }
  /** Ends the connection after the mail without an answer, whether it keeps the mail or not. */
  | { readonly kind: "drop_after_data"; readonly isKept: boolean };

/** An error that the server of smtp-server answers with the reply. */
export function replyError(reply: string): Error & { responseCode: number } {
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}
