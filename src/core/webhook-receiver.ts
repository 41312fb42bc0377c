/** Whose webhooks there are addresses for. */
export type WebhookKind = "alertmanager" | "grafana";

/**
 * Why a webhook is not taken, with the HTTP status of the answer: the closed list that is also the `reason` label of
 * the metric of rejected notifications. Alertmanager tries again soon after a 5xx only.
 */
export const WEBHOOK_STATUS = {
  bad_notification: 400,
  unauthorized: 401,
  unknown_source: 404,
  too_large: 413,
  media_type: 415,
  unavailable: 503,
} as const;

/** One of the keys of {@link WEBHOOK_STATUS}. */
export type WebhookRefusalReason = keyof typeof WEBHOOK_STATUS;

/** What is known of a webhook before its body is read. */
export interface WebhookHead {
  readonly kind: WebhookKind;
  /** Name of the source, as the address has it. */
  readonly source: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** A webhook that is not taken, with a line for the person who set its sender up. */
export interface WebhookRefusal {
  readonly reason: WebhookRefusalReason;
  readonly message: string;
}

/** Takes the webhooks of the configured sources. */
export interface WebhookReceiver {
  /** Whether the source shows credentials of its own; false when there is no such source. */
  hasCredentials(source: string): boolean;
  /** Whether to read the body at all: undefined when it may be taken, which is decided when it is there. */
  admit(head: WebhookHead): Promise<WebhookRefusal | undefined>;
  /** Takes a webhook; `changed` counts groups. It is on disk when the promise resolves without a refusal. */
  receive(webhook: WebhookHead & { readonly body: Buffer }): Promise<{ readonly changed: number } | WebhookRefusal>;
  /** Is told of what was refused before it came to the receiver. */
  refused(source: string, reason: WebhookRefusalReason): void;
}
