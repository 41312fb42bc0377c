/** Whose webhooks there are addresses for. */
export type WebhookKind = "alertmanager" | "grafana";

/** Why a webhook is not taken: the closed list that is also the `reason` label of the metric of rejected notifications. */
export const WEBHOOK_REFUSALS = [
  "unknown_source",
  "unauthorized",
  "bad_notification",
  "too_large",
  "media_type",
  "unavailable",
] as const;

/** One of {@link WEBHOOK_REFUSALS}. */
export type WebhookRefusalReason = (typeof WEBHOOK_REFUSALS)[number];

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
