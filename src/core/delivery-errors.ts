/**
 * How the delivery engine takes a failure. `retry`: again later, with backoff. `rate_limit`: the whole destination
 * waits. `destination`: nothing can be delivered there until somebody mends it; everything waits, no attempt counts
 * against a message, and one delivery probes now and then. `message`: this message will never be taken; it is tried
 * once more in its plain form, then it is a dead letter.
 */
export type DeliveryErrorClass = "retry" | "rate_limit" | "destination" | "message";

/**
 * Why a delivery failed: the closed list that is also the `reason` label of `watchkeeper_delivery_failures_total` and a
 * row of the reference page.
 */
export const DELIVERY_REASONS = {
  unreachable: {
    class: "retry",
    meaning: "No connection to the destination came about (name, route, port or TLS handshake), so nothing was sent.",
    action: "Check the address, the resolver and the firewall of the machine that runs Watchkeeper.",
  },
  timeout: {
    class: "retry",
    meaning: "The destination did not answer in time; it may have taken the message all the same.",
    action: "Look at the destination's status page or log.",
  },
  connection_lost: {
    class: "retry",
    meaning: "The connection ended before the answer; the destination may have taken the message all the same.",
    action: "Look at the destination's status page or log; a proxy in between is a common cause.",
  },
  server_error: {
    class: "retry",
    meaning: "The destination answered with a fault of its own (5xx, or SMTP 4xx).",
    action: "Look at the destination's status page or log.",
  },
  invalid_answer: {
    class: "retry",
    meaning: "The answer is not what this destination answers; a proxy or a login page may have given it.",
    action: "Check the address of the destination.",
  },
  rate_limited: {
    class: "rate_limit",
    meaning: "The destination refuses more messages for now (429).",
    action: "Nothing is lost. When it lasts, group alerts more, or lower `rate` of the destination.",
  },
  unauthorized: {
    class: "destination",
    meaning: "The destination does not accept the credential.",
    action: "Renew the credential; deliveries go on by themselves.",
  },
  forbidden: {
    class: "destination",
    meaning: "The credential is accepted but may not send there.",
    action: "Give it the right to send, such as inviting the Slack app to the channel.",
  },
  destination_not_found: {
    class: "destination",
    meaning: "The channel, chat, topic, key or mailbox does not exist.",
    action: "Check the destination in the configuration.",
  },
  tls_untrusted: {
    class: "destination",
    meaning: "The destination's certificate can not be verified, or it offers no TLS though that is required.",
    action: "Set `ca_file`, or mend the certificate.",
  },
  credential_unreadable: {
    class: "destination",
    meaning: "The file of the credential could not be read.",
    action: "Check the path and the permissions of the file.",
  },
  message_rejected: {
    class: "message",
    meaning: "The destination refuses this message for its content.",
    action: "Report it with the destination's words; `watchkeeper deliveries` shows them.",
  },
  internal: {
    class: "message",
    meaning: "A fault in Watchkeeper itself.",
    action: "Report it with the log line.",
  },
} as const satisfies Record<string, { class: DeliveryErrorClass; meaning: string; action: string }>;

/** One of the keys of {@link DELIVERY_REASONS}. */
export type DeliveryReason = keyof typeof DELIVERY_REASONS;

/** A delivery that failed for a known reason. The message never holds a credential, nor a URL that is one. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly reason: DeliveryReason;
  /** How long the destination asked to wait, in milliseconds; absent when it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: DeliveryReason,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }

  get class(): DeliveryErrorClass {
    return DELIVERY_REASONS[this.reason].class;
  }
}

/** Any thrown value as a {@link DeliveryError}; what is not one yet is a fault of ours. */
export function asDeliveryError(thrown: unknown): DeliveryError {
  if (thrown instanceof DeliveryError) return thrown;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new DeliveryError("internal", message, { cause: thrown });
}
