import pLimit from "p-limit";
import type { Logger } from "pino";
import { milliseconds } from "../core/duration.ts";
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

/** Targets that are being polled. */
export interface RunningTargets {
  /** Settles when every part was polled once. */
  readonly polledOnce: Promise<void>;
  /** Ends the polls that are under way and lets go of the targets. */
  stop(): Promise<void>;
}

/** First polls are spread so that this many begin in a second. */
const FIRST_POLLS_PER_SECOND = 50;

/** Begins to poll every part of every target at its own pace. */
export function startTargets(ready: readonly ReadyTarget[], board: StatusBoard, log: Logger): RunningTargets {
  const parts = ready.flatMap(({ target, open }) => open.parts.map((part) => ({ target, part })));
  const limits = new Map(ready.map(({ target }) => [target, pLimit(target.concurrency)]));
  const spread = (parts.length / FIRST_POLLS_PER_SECOND) * 1000;
  const repetitions = parts.map(({ target, part }): Repetition => {
    const every = milliseconds(part.every * target.pace);
    const limit = limits.get(target) ?? pLimit(target.concurrency);
    return repeat({
      every,
      after: milliseconds(Math.random() * Math.min(every, spread)),
      run: (signal) => limit(() => pollAndPublish(target, part, signal, board, log)),
    });
  });
  return {
    polledOnce: Promise.all(repetitions.map(({ first }) => first)).then(() => undefined),
    async stop() {
      await Promise.all(repetitions.map((repetition) => repetition.stop()));
      await Promise.allSettled(ready.map(({ open }) => open.close()));
    },
  };
}

/** What could not be read is tried again soon: some parts are polled hourly, and a restart or a moment of trouble must not hide theirs for so long. */
async function pollAndPublish(
  target: Target,
  part: OpenPart,
  signal: AbortSignal,
  board: StatusBoard,
  log: Logger,
): Promise<"again" | undefined> {
  if (signal.aborted) return undefined;
  const key = { collector: target.collector, target: target.name, part: part.id };
  const result = await poll(part, signal);
  if (signal.aborted) return undefined;
  try {
    await board.report(key, result);
  } catch (thrown) {
    log.error({ ...key, err: thrown }, "the result of a poll could not be published");
  }
  return result.errors.length > 0 ? "again" : undefined;
}
