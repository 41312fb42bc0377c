import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { formatDuration, milliseconds, type Duration } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { startDeadline } from "../http/deadline.ts";
import type { Connection } from "./connection.ts";
import type { RpcPace } from "./contract.ts";
import type { Subscriptions } from "./subscriptions.ts";

/** What requests for events are made with. */
export interface EventRequestsOptions {
  readonly subscriptions: Subscriptions;
  readonly pace: Pick<RpcPace, "open" | "lastWait">;
  readonly maxInFlight: number;
  /** Ends with the client. */
  readonly closing: AbortSignal;
  /** The connection, or the one that is being opened. */
  underWay(): Promise<Connection> | undefined;
  /** Does the work when a call may be sent. */
  inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Of the time that a connection has to open: a subscription that hangs may not keep the calls from their answers. */
const SHARE_OF_OPENING = 3;

/**
 * Asks the server for events until it agrees. Without them a listener has what it reads by itself, so that a refusal is
 * a gap and no failure; it may pass, so that the server is asked again as long as the events are wanted.
 */
export class EventRequests {
  readonly #options: EventRequestsOptions;
  /** Names that the server will be asked for again. */
  readonly #postponed = new Set<string>();

  constructor(options: EventRequestsOptions) {
    this.#options = options;
  }

  /** Calls wait until this is done, so that nothing changes unseen between their answer and the first event. */
  async prepare(connection: Connection, opening: AbortSignal): Promise<void> {
    const { pace, maxInFlight, subscriptions } = this.#options;
    const { signal, stop } = limit(milliseconds(pace.open / SHARE_OF_OPENING), opening);
    try {
      await pLimit(maxInFlight).map(subscriptions.names, async (name) => {
        const hasAgreed = await agrees(connection.subscribe(name, signal));
        if (!hasAgreed) void this.postpone(name);
      });
    } finally {
      stop();
    }
  }

  /** Asks on the connection that there is; the next one is prepared with it anyway. */
  async begin(name: string): Promise<void> {
    if (!(await this.#ask(name))) await this.postpone(name);
  }

  /** The server refused, or ended what it had agreed to: it is asked again after a while. */
  async postpone(name: string): Promise<void> {
    const { subscriptions, pace, closing } = this.#options;
    subscriptions.gap(name);
    if (this.#postponed.has(name)) return;
    this.#postponed.add(name);
    try {
      do await sleep(pace.lastWait, undefined, { ref: false, signal: closing });
      while (!(await this.#ask(name)));
    } catch {
      // the client was closed
    } finally {
      this.#postponed.delete(name);
    }
  }

  /** Whether there is nothing more to ask. What happened before the server agreed was missed. */
  async #ask(name: string): Promise<boolean> {
    const { subscriptions, pace, closing, inTurn } = this.#options;
    const connection = await this.#options.underWay()?.catch(() => undefined);
    if (connection === undefined || !subscriptions.has(name)) return true;
    const { signal, stop } = limit(pace.open, closing);
    try {
      const hasAgreed = await agrees(inTurn(async () => connection.subscribe(name, signal), signal));
      if (hasAgreed) subscriptions.gap(name);
      return hasAgreed || connection.loss !== undefined;
    } finally {
      stop();
    }
  }
}

const limit = (after: Duration, caller: AbortSignal): ReturnType<typeof startDeadline> =>
  startDeadline(after, caller, () => new CollectError("timeout", `no answer within ${formatDuration(after)}`));

const agrees = (asked: Promise<void>): Promise<boolean> =>
  asked.then(
    () => true,
    () => false,
  );
