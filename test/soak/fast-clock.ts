import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import * as timers from "node:timers";
import timersOfModule from "node:timers";
import promisesOfModule from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { watchWork } from "./busy.ts";
import { CLOCK_FILE, openSharedClock } from "./shared-clock.ts";
import { tellTime } from "./skewed-date.ts";
import { originOf, TimerQueue, type QueuedTimer } from "./timer-queue.ts";

// `node --import` of the service under test. Time runs as it does while there is something to do; when there is
// nothing, it skips to the next timer. So a day passes as fast as its work can be done, in the same order, and no
// deadline is shorter than it is.

/**
 * Name of the variable that names the file for what the process says of itself: one line of JSON each hour, and one at
 * its end.
 */
const NOTES_FILE = "SOAK_NOTES_FILE";
/** Turns of the event loop in which nothing came in. */
const QUIET_TURNS = 2;
/**
 * What is not seen to be under way, such as work of other threads, takes a moment: so much may be skipped in a real
 * millisecond.
 */
const MOST_SKIPPED_MS = 3_000;
/**
 * What is due within so long happens together, as on a machine that was busy: a day has loops that turn each second.
 */
const GRAIN_MS = 60_000;
const HOUR_MS = 3_600_000;
/** How often it looks whether something happened, in real milliseconds. */
const LOOK_MS = 1;

const notes = process.env[NOTES_FILE] ?? "";
const clock = openSharedClock(process.env[CLOCK_FILE] ?? "");
const real = {
  now: Date.now,
  // a stopwatch: unlike the machine's clock it is never set
  elapsed: performance.now.bind(performance),
  setTimeout: timers.setTimeout,
  clearTimeout: timers.clearTimeout,
  clearInterval: timers.clearInterval,
  setImmediate: timers.setImmediate,
};
let ahead = clock.read("ahead");
const beginning = ahead;

const work = watchWork(real.elapsed);
const queue = new TimerQueue(elapsed, look);
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function elapsed(): number {
  return real.elapsed() + ahead - beginning;
}

tellTime(() => Math.floor(real.now() + ahead));
performance.now = elapsed;
replaceTimers();

let isLooking = false;
let quiet = 0;
let lastEvents = 0;
let lastSkip = real.elapsed();
let lastNote = 0;

/** Goes on as soon as the event loop has turned. */
function look(): void {
  if (isLooking) return;
  isLooking = true;
  real.setImmediate(() => {
    isLooking = false;
    turn();
  });
}

/** Looks again a little later; that alone keeps no process alive. */
function lookLater(): void {
  real.setTimeout(look, LOOK_MS).unref();
}

function turn(): void {
  const events = work.events();
  quiet = events === lastEvents ? quiet + 1 : 0;
  lastEvents = events;
  if (queue.next() !== undefined && (queue.next()?.due ?? 0) <= elapsed()) {
    quiet = 0;
    look();
    queue.runNext();
    return;
  }
  if (work.isUnderWay()) {
    quiet = 0;
    return lookLater();
  }
  if (quiet < QUIET_TURNS) return look();
  skip();
}

/** Nothing is under way: the next thing to happen is a timer, or somebody outside moves the horizon. */
function skip(): void {
  // read once: it may be moved at any moment
  const moment = clock.read("horizon");
  const horizon = moment - real.now() - ahead;
  const next = (queue.next()?.due ?? Number.POSITIVE_INFINITY) - elapsed();
  const passed = real.elapsed() - lastSkip;
  const step = Math.min(Math.max(next, GRAIN_MS), horizon, MOST_SKIPPED_MS * passed);
  if (horizon <= 0) {
    sayReached(moment);
    return lookLater();
  }
  lastSkip = real.elapsed();
  ahead += step;
  clock.write("ahead", ahead);
  look();
}

/** Once for each horizon; it is told of once an hour, since a collection takes its time. */
function sayReached(horizon: number): void {
  if (clock.read("reached") >= horizon) return;
  if (horizon - lastNote >= HOUR_MS) {
    note("reached");
    lastNote = horizon;
  }
  clock.write("reached", horizon);
}

function note(event: "reached" | "exit"): void {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  const left = event === "exit" ? [...queue.held().map(timerText), ...work.left()] : [];
  const line = { event, at: real.now() + ahead, heap: heapUsed + external, timers: queue.size, left };
  appendFileSync(notes, `${JSON.stringify(line)}\n`);
}

const timerText = (timer: QueuedTimer): string => `a timer of ${timer.delay} ms, made ${originOf(timer)}`;

process.on("exit", () => note("exit"));

function replaceTimers(): void {
  type Callback = (...args: unknown[]) => void;
  const set = (callback: Callback, delay?: unknown, ...args: unknown[]) => queue.set(callback, delay, args);
  const repeat = (callback: Callback, delay?: unknown, ...args: unknown[]) => queue.set(callback, delay, args, true);
  const clear = (handle: unknown): void => {
    if (!queue.clear(handle)) real.clearTimeout(handle as NodeJS.Timeout);
  };
  const replaced = { setTimeout: set, setInterval: repeat, clearTimeout: clear, clearInterval: clear };
  Object.assign(globalThis, replaced);
  Object.assign(timersOfModule, replaced);
  Object.assign(promisesOfModule, { setTimeout: pause });
  syncBuiltinESMExports();
  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    const late = (): void =>
      controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    queue.set(late, delay, []).unref();
    return controller.signal;
  };
}

interface PauseOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

/** `setTimeout` of `node:timers/promises`. */
function pause<T>(delay?: number, value?: T, { signal, ref = true }: PauseOptions = {}): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const refuse = (): void => {
      queue.clear(handle);
      const { reason } = signal ?? {};
      reject(Object.assign(new Error("The operation was aborted", { cause: reason }), ABORTED));
    };
    const handle = queue.set(
      () => {
        signal?.removeEventListener("abort", refuse);
        resolve(value);
      },
      delay,
      [],
    );
    if (!ref) handle.unref();
    if (signal?.aborted === true) refuse();
    else signal?.addEventListener("abort", refuse, { once: true });
  });
}

const ABORTED = { name: "AbortError", code: "ABORT_ERR" };
