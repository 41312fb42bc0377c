import pLimit from "p-limit";
import type { Logger } from "pino";
import { milliseconds, type Duration } from "../core/duration.ts";
import { asCollectError, ConfigError } from "../core/errors.ts";
import type { OpenPart, OpenTarget, Target } from "../core/pack.ts";
import { repeat, type Repetition } from "../lib/repeat.ts";
import { poll } from "./poll.ts";
import type { StatusBoard } from "./status-board.ts";

/** A target that is ready to be polled, with its configuration. */
export interface ReadyTarget {
  readonly target: Target;
  readonly open: OpenTarget;
}

/** Opens every target. Throws `ConfigError` with a fault for each one that can not be, after closing the others. */
export async function openTargets(targets: readonly Target[], file: string): Promise<readonly ReadyTarget[]> {
  const opened = await Promise.allSettled(targets.map(async (target) => ({ target, open: await target.open() })));
  const ready = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const faults = opened.flatMap((result, i) => {
    if (result.status === "fulfilled") return [];
    const { collector = "", name = "" } = targets[i] ?? {};
    return [{ file, path: `targets.${collector}.${name}`, message: asCollectError(result.reason).message }];
  });
  if (faults.length === 0) return ready;
  await Promise.allSettled(ready.map(({ open }) => open.close()));
  throw new ConfigError(faults);
}

/** Targets of one configuration, of which all or some are polled. */
export interface RunningTargets {
  /**
   * Polls these and no others from now on. The others' values are hidden before this returns; their polls have ended
   * and they are let go of when it resolves.
   */
  poll(isPolled: (target: Target) => boolean): Promise<void>;
  /** Settles when every part of what is polled now was polled once. */
  polledOnce(): Promise<void>;
  /** Ends the polls that are under way and lets go of the targets. */
  stop(): Promise<void>;
}

/** What targets are polled with. */
export interface PollingOptions {
  readonly board: StatusBoard;
  readonly log: Logger;
  /** Asked before each poll, and before its result is shown; always unless given. */
  readonly mayPoll?: () => boolean;
  /** First polls begin within this time, however many they are. */
  readonly firstWithin?: Duration;
}

/** First polls are spread so that this many begin in a second. */
const FIRST_POLLS_PER_SECOND = 50;

/** Makes the targets ready to be polled, each part at its own pace; none is polled yet. */
export function startTargets(ready: readonly ReadyTarget[], options: PollingOptions): RunningTargets {
  const { board, firstWithin } = options;
  const pollers = ready.map((one) => ({ target: one.target, ...createPoller(one, options) }));
  let isStopped = false;
  const poll = async (isPolled: (target: Target) => boolean): Promise<void> => {
    const polled = pollers.filter(({ target }) => isPolled(target));
    const beginning = isStopped ? [] : polled.filter((one) => !one.isPolled());
    const parts = beginning.reduce((sum, { target }) => sum + target.parts.length, 0);
    const spread = Math.min((parts / FIRST_POLLS_PER_SECOND) * 1000, firstWithin ?? Number.POSITIVE_INFINITY);
    board.show(new Set(polled.map(({ target }) => target)));
    for (const one of beginning) one.begin(spread);
    await Promise.all(pollers.filter((one) => !polled.includes(one)).map((one) => one.end()));
  };
  return {
    poll,
    polledOnce: async () => void (await Promise.all(pollers.map((one) => one.polledOnce()))),
    async stop() {
      isStopped = true;
      await Promise.all(pollers.map((one) => one.close()));
    },
  };
}

interface Poller {
  isPolled(): boolean;
  /** Begins to poll each part within `spread` milliseconds, after what goes on of former polls has ended. */
  begin(spread: number): void;
  /** Ends the polls, if there are any, and lets go of the target until it is polled again. */
  end(): Promise<void>;
  close(): Promise<void>;
  polledOnce(): Promise<void>;
}

function createPoller({ target, open: first }: ReadyTarget, options: PollingOptions): Poller {
  const opened = reopened(target, first);
  const limit = pLimit(target.concurrency);
  let repetitions: Repetition[] = [];
  let ended: Promise<unknown> = Promise.resolve();
  let isPolled = false;
  const repeatPart = (part: OpenPart, spread: number, before: Promise<unknown>): Repetition => {
    const every = milliseconds(part.every * target.pace);
    return repeat({
      every,
      after: milliseconds(Math.random() * Math.min(every, spread)),
      run: async (signal) => {
        await before;
        return limit(() => pollAndPublish(target, part, signal, options));
      },
    });
  };
  const end = async (): Promise<void> => {
    const going = repetitions.splice(0);
    if (isPolled) ended = Promise.all([ended, ...going.map((one) => one.stop())]).then(() => opened.close());
    isPolled = false;
    await ended;
  };
  return {
    isPolled: () => isPolled,
    begin(spread) {
      isPolled = true;
      const before = ended;
      repetitions = opened.parts.map((part) => repeatPart(part, spread, before));
    },
    end,
    async close() {
      await end();
      await opened.close();
    },
    polledOnce: async () => void (await Promise.all(repetitions.map((one) => one.first))),
  };
}

/** A target that is opened again, by its next poll, after it was closed. */
function reopened(target: Target, first: OpenTarget): Pick<OpenTarget, "parts" | "close"> {
  let open: Promise<OpenTarget> | undefined = Promise.resolve(first);
  const opened = async (): Promise<OpenTarget> => {
    const opening = (open ??= target.open());
    try {
      return await opening;
    } catch (thrown) {
      if (open === opening) open = undefined;
      throw thrown;
    }
  };
  return {
    parts: first.parts.map((part, i) => ({
      ...part,
      collect: async (context) => (await opened()).parts[i]?.collect(context),
    })),
    async close() {
      const closing = open;
      open = undefined;
      await (await closing?.catch(() => undefined))?.close().catch(() => undefined);
    },
  };
}

/**
 * What could not be read is tried again soon: some parts are polled hourly, and a restart or a moment of trouble must
 * not hide theirs for so long.
 */
async function pollAndPublish(
  target: Target,
  part: OpenPart,
  signal: AbortSignal,
  { board, log, mayPoll = () => true }: PollingOptions,
): Promise<"again" | undefined> {
  if (signal.aborted || !mayPoll()) return undefined;
  const key = { collector: target.collector, target: target.name, part: part.id };
  const result = await poll(part, signal);
  if (signal.aborted || !mayPoll()) return undefined;
  try {
    await board.report(key, result);
  } catch (thrown) {
    log.error({ ...key, err: thrown }, "the result of a poll could not be published");
  }
  return result.errors.length > 0 ? "again" : undefined;
}
