import type { AlertSource } from "../../core/alerting-config.ts";
import { StoreUnavailable, type GroupWorkResult } from "../../core/delivery-store.ts";
import { CollectError } from "../../core/errors.ts";
import type {
  WebhookHead,
  WebhookReceiver,
  WebhookRefusal,
  WebhookRefusalReason,
} from "../../core/webhook-receiver.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { currentTraceparent, inSpan } from "../../lib/tracing.ts";
import { BadNotification } from "./bad-notification.ts";
import { CredentialCheck, type ShownCredentials } from "./credentials.ts";
import type { Intake } from "./intake.ts";
import { readWebhook } from "./read-webhook.ts";

/** Is told what becomes of the sources' webhooks, for metrics. */
export interface IntakeObserver {
  /** `seconds` from the last byte of the body until it was on disk. */
  accepted(source: string, outcome: { readonly isCopy: boolean; readonly seconds: number }): void;
  rejected(source: string, reason: WebhookRefusalReason): void;
}

/** What the receiver works with. */
export interface WebhookReceiverOptions {
  /** The sources of the configuration in use. */
  sources(): readonly AlertSource[];
  readonly intake: Pick<Intake, "accept">;
  readonly observer: IntakeObserver;
  readonly log: { warn(fields: object, text: string): void };
  /** Unix milliseconds; the system's clock unless given. */
  readonly now?: () => number;
}

type Webhook = WebhookHead & { readonly body: Buffer };

/** The same for whatever is wrong with a credential. */
const UNAUTHORIZED: WebhookRefusal = {
  reason: "unauthorized",
  message: "This source wants a credential: see alerting.sources in Watchkeeper's configuration.",
};

/** Makes the receiver of webhooks: who sends it, what it says, and whether it is on disk. */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  return new Receiver(options);
}

/** One line of the log for each source and reason in this time: senders try again and again. */
const LOG_EVERY_MS = 60_000;

class Receiver implements WebhookReceiver {
  readonly #options: WebhookReceiverOptions;
  readonly #credentials = new CredentialCheck();
  readonly #loggedAt = new Map<string, number>();

  constructor(options: WebhookReceiverOptions) {
    this.#options = options;
  }

  hasCredentials(name: string): boolean {
    return (this.#source(name)?.credentials.length ?? 0) > 0;
  }

  async admit({ source: name, headers }: WebhookHead): Promise<WebhookRefusal | undefined> {
    const source = this.#source(name);
    return source === undefined ? unknownSource(name) : this.#check(source, { headers, now: this.#now() });
  }

  async receive(webhook: Webhook): Promise<{ readonly changed: number } | WebhookRefusal> {
    const source = this.#source(webhook.source);
    if (source === undefined) return unknownSource(webhook.source);
    const begun = performance.now();
    const shown = { headers: webhook.headers, body: webhook.body, now: this.#now() };
    const refusal = await this.#check(source, shown);
    if (refusal !== undefined) return refusal;
    try {
      const { changed, isCopy } = await this.#take(webhook, shown.now);
      this.#credentials.remember(source, shown);
      this.#options.observer.accepted(source.name, { isCopy, seconds: (performance.now() - begun) / 1_000 });
      return { changed };
    } catch (thrown) {
      return this.#refuse(source.name, refusalOf(thrown));
    }
  }

  refused(name: string, reason: WebhookRefusalReason): void {
    // any name may stand in an address, and each would be a series of its own
    if (this.#source(name) !== undefined) this.#options.observer.rejected(name, reason);
  }

  #source(name: string): AlertSource | undefined {
    return this.#options.sources().find((source) => source.name === name);
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #take({ kind, source, headers, body }: Webhook, receivedAt: number): Promise<GroupWorkResult> {
    const caller = readTraceparent(headers);
    const attributes = { "watchkeeper.source": source, "watchkeeper.kind": kind };
    // the server's span of the request is its child already
    const traceparent = currentTraceparent() ?? caller;
    return inSpan("receive", { attributes, traceparent }, async (span) => {
      const arrival = { source, receivedAt, traceparent: currentTraceparent() ?? caller };
      const { notification, oddVersion } = readWebhook(kind, body, arrival);
      if (oddVersion !== undefined) this.#log(source, "version", oddVersionText(oddVersion));
      const result = await this.#options.intake.accept(notification, body);
      span.setAttributes({ "watchkeeper.changed": result.changed, "watchkeeper.copy": result.isCopy });
      return result;
    });
  }

  async #check(source: AlertSource, shown: ShownCredentials): Promise<WebhookRefusal | undefined> {
    try {
      const verdict = await this.#credentials.check(source, shown);
      return verdict === "missing" || verdict === "wrong" ? this.#refuse(source.name, UNAUTHORIZED) : undefined;
    } catch (thrown) {
      if (!(thrown instanceof CollectError)) throw thrown;
      this.#log(source.name, "credential_unreadable", thrown.message);
      // the sender is right perhaps: it is to try again, not to give up
      return this.#refuse(source.name, {
        reason: "unavailable",
        message: "A credential of this source can not be read.",
      });
    }
  }

  #refuse(name: string, refusal: WebhookRefusal): WebhookRefusal {
    this.refused(name, refusal.reason);
    this.#log(name, refusal.reason, `a notification was not taken: ${refusal.message}`);
    return refusal;
  }

  #log(source: string, reason: string, text: string): void {
    const key = `${source} ${reason}`;
    const at = performance.now();
    if (at - (this.#loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return;
    this.#loggedAt.set(key, at);
    this.#options.log.warn({ source, reason }, text);
  }
}

function refusalOf(thrown: unknown): WebhookRefusal {
  if (thrown instanceof BadNotification) return { reason: "bad_notification", message: thrown.message };
  if (!(thrown instanceof StoreUnavailable)) throw thrown;
  return { reason: "unavailable", message: `It could not be written: ${thrown.message}.` };
}

const unknownSource = (name: string): WebhookRefusal => ({
  reason: "unknown_source",
  message: `There is no source named ${JSON.stringify(clip(name, 64))} in alerting.sources of Watchkeeper's configuration.`,
});

const oddVersionText = (version: string): string =>
  `notifications of a version that is not known arrive (${oneLine(clip(version, 20))}); they are read as far as they are understood`;

/** W3C trace context. Source: https://www.w3.org/TR/trace-context/#traceparent-header */
function readTraceparent(headers: WebhookHead["headers"]): string | undefined {
  const value = headers["traceparent"];
  return typeof value === "string" && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(value) ? value : undefined;
}
