import type { z } from "zod";
import type { Duration } from "./duration.ts";
import type { Message } from "./message.ts";

/**
 * What a delivery is to bring about. `open`: nobody was told yet, or the last episode is over: a message of its own.
 * `update`: the message there is edited, or a change is added to its thread. `remind`: nothing changed, but the sender
 * repeats it: it should be noticed again. `close`: the group is over, or was closed for another reason.
 */
export type DeliveryAction = "open" | "update" | "remind" | "close";

/**
 * What a notifier must remember of a conversation to edit, answer or close its message later; JSON, at most a few KB.
 */
export type RemoteRef = Readonly<Record<string, string | number | boolean>>;

/** One delivery: bring the destination to what the message says. */
export interface DeliveryRequest {
  readonly action: DeliveryAction;
  readonly message: Message;
  /** What the last delivery of this episode gave back; undefined for `open`, or when its answer never arrived. */
  readonly remote: RemoteRef | undefined;
  /** The same text for each attempt to tell the same revision, and for no other. */
  readonly idempotencyKey: string;
  /** The same text for everything that belongs to one episode of one conversation: the root of a thread. */
  readonly threadKey: string;
  /** Whether an earlier attempt of this very key may have been taken although no answer arrived. */
  readonly mayRepeat: boolean;
  /** Send the plainest form, because the destination refused the full one. */
  readonly plain: boolean;
  /** Aborted when the attempt's time is up or the service stops. */
  readonly signal: AbortSignal;
}

/** What came of a delivery. */
export interface DeliveryReceipt {
  /** Takes the place of what was remembered before. */
  readonly remote: RemoteRef;
  /** What the destination said, for `test-notify` and the list of deliveries; one line, no secret. */
  readonly answer: string;
}

/** An opened destination. */
export interface Notifier {
  /** Throws `DeliveryError`. Makes one attempt: it neither retries nor waits for a rate limit. */
  deliver(request: DeliveryRequest): Promise<DeliveryReceipt>;
  /** Lets go of connections. */
  close(): Promise<void>;
}

/** How fast and how long messages are tried at a destination of some kind; `rate` and `give_up_after` override it. */
export interface DeliveryPolicy {
  /** Messages in a second that the destination bears, and how many at once after a pause. */
  readonly rate: { readonly perSecond: number; readonly burst: number };
  /** How many conversations may be in flight at once. */
  readonly concurrency: number;
  /** One attempt is aborted after this long. */
  readonly timeout: Duration;
  /** A message that could not be delivered for so long is a dead letter. */
  readonly giveUpAfter: Duration;
  /**
   * Whether it tells what belongs together by the sender's own group key alone, so that parts of one group meet there.
   */
  readonly isKeyedByGroup?: true;
}

/** What every destination's configuration holds. */
export interface DestinationConfig {
  readonly name: string;
  readonly rate?: number | undefined;
  readonly give_up_after?: Duration | undefined;
}

/** One kind of destination. `Config` is the parsed entry of `alerting.destinations` with this `type`. */
export interface NotifierDefinition<Config extends DestinationConfig & { readonly type: string }> {
  /** Value of `type` in the configuration and folder name under `src/notifiers/`. */
  readonly type: Config["type"];
  readonly title: string;
  /** A strict object with `type: z.literal(...)` that spreads `destinationFields`. */
  readonly config: z.ZodType<Config>;
  readonly policy: DeliveryPolicy;
  /** Builds the notifier: opens no connection. Throws `DeliveryError`. `externalUrl` is Watchkeeper's own address. */
  open(config: Config, context: NotifierContext): Promise<Notifier>;
}

/** What a notifier is told of the service. */
export interface NotifierContext {
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
}

/** A kind of destination whose types are closed over by {@link defineNotifier}. */
export interface NotifierKind {
  readonly type: string;
  readonly title: string;
  /** Parses one entry of `alerting.destinations`. */
  readonly destination: z.ZodType<Destination>;
}

/** One configured destination. */
export interface Destination extends DestinationConfig {
  readonly type: string;
  /** The kind's policy with the configuration's overrides. */
  readonly policy: DeliveryPolicy;
  open(context: NotifierContext): Promise<Notifier>;
}

/** Closes a kind of destination over its configuration's type. */
export function defineNotifier<Config extends DestinationConfig & { readonly type: string }>(
  definition: NotifierDefinition<Config>,
): NotifierKind {
  const { type, title, policy } = definition;
  return {
    type,
    title,
    destination: definition.config.transform((config) => ({
      name: config.name,
      type,
      rate: config.rate,
      give_up_after: config.give_up_after,
      policy: {
        ...policy,
        ...(config.rate !== undefined && {
          rate: { perSecond: config.rate / 60, burst: Math.min(policy.rate.burst, Math.ceil(config.rate)) },
        }),
        ...(config.give_up_after !== undefined && { giveUpAfter: config.give_up_after }),
      },
      open: (context) => definition.open(config, context),
    })),
  };
}
