import type { Notifier, RemoteRef } from "../../../src/core/notifier.ts";
import type { ChannelStandIn } from "../../../src/lab/channels/stand-in.ts";
import { aMessage, anAlert, aRequest } from "../../../src/notifiers/shared/__fixtures__/messages.ts";
import { attempt, type Attempted, type Delivery, type Judging } from "./notifiers-attempt.ts";
import type { Observation, UseOptions } from "./subject.ts";

/** What one destination is used with. */
export interface ConversationOptions extends Judging {
  readonly standIn: Pick<ChannelStandIn, "messages">;
  /** Whether a message that was told can be told again differently. */
  readonly hasUpdates: boolean;
}

/** Counts over all destinations, so that each message has a word of its own. */
let count = 0;

/**
 * The conversations of one destination. A use opens one and tells news of another; what failed under a fault is told
 * once more by the next use without one, and a conversation that was opened under a fault is told news, so that nothing
 * is lost.
 */
export class Conversations {
  readonly #notifier: Notifier;
  readonly #options: ConversationOptions;
  #standing: RemoteRef | undefined;
  #owed: Delivery[] = [];

  constructor(notifier: Notifier, options: ConversationOptions) {
    this.#notifier = notifier;
    this.#options = options;
  }

  /** One use; see `OpenSubject.use`. */
  async use({ kind, deadlineMs }: UseOptions): Promise<Observation> {
    const signal = AbortSignal.timeout(deadlineMs);
    const owed = kind === undefined ? this.#owed.splice(0) : [];
    const tell = (delivery: Delivery) => attempt(this.#notifier, delivery, signal, this.#options);
    // the first one is what the others tell news of
    const opening = this.#opening();
    const first = this.#standing === undefined ? await tell(opening) : undefined;
    this.#standing ??= first?.receipt?.remote;
    const update = this.#options.hasUpdates ? this.#update(this.#standing) : undefined;
    const [opened, updated, ...again] = await Promise.all([
      first ?? tell(opening),
      update && tell(update),
      ...owed.map(tell),
    ]);
    this.#standing = updated?.receipt?.remote ?? this.#standing;
    const made = [opened, ...(updated === undefined ? [] : [updated])];
    if (kind !== undefined) this.#owe(made, opened);
    return observed({ opening: opened, ...(updated !== undefined && { update: updated }) }, again);
  }

  #owe(made: readonly Attempted[], opened: Attempted): void {
    this.#owed.push(...made.flatMap(({ again }) => again ?? []));
    if (opened.receipt !== undefined && this.#options.hasUpdates) this.#owed.push(this.#update(opened.receipt.remote));
  }

  #opening(): Delivery {
    return this.#delivery((word) => ({
      action: "open",
      message: aMessage({ title: `DiskFull ${word}`, alerts: [anAlert({ summary: `Disk ${word} is full` })] }),
    }));
  }

  #update(remote: RemoteRef | undefined): Delivery {
    return this.#delivery((word) => {
      const alert = anAlert({ summary: `Disk ${word} is full` });
      const changes = { firing: [alert], moreFiring: 0, closed: [], moreClosed: 0 };
      return { action: "update", remote, message: aMessage({ title: `DiskFull ${word}`, alerts: [alert], changes }) };
    });
  }

  #delivery(about: (word: string) => Parameters<typeof aRequest>[0]): Delivery {
    count += 1;
    const word = `word${count}x`;
    const threadKey = `conversation-${count}`;
    const { signal: _, ...request } = aRequest({ threadKey, idempotencyKey: `${threadKey}-1`, ...about(word) });
    return { request, hasArrived: () => JSON.stringify(this.#options.standIn.messages()).includes(word) };
  }
}

function observed(made: Readonly<Record<string, Attempted>>, again: readonly Attempted[]): Observation {
  const all = Object.entries(made);
  return {
    reasons: all.flatMap(([, { error }]) => error?.reason ?? []),
    facts: new Map(all.flatMap(([what, { receipt }]) => (receipt === undefined ? [] : [[what, "delivered"]]))),
    wrongs: [
      ...[...Object.values(made), ...again].flatMap(({ wrongs }) => wrongs),
      ...again.flatMap(({ error }) =>
        error === undefined ? [] : [`what failed under the fault fails after it, by ${error.reason}: ${error.message}`],
      ),
    ],
    messages: all.flatMap(([what, { error, receipt }]) => `${what}: ${error?.message ?? receipt?.answer ?? ""}`),
  };
}
