import { AsyncLocalStorage } from "node:async_hooks";

/** One timer as `setTimeout` and `setInterval` give it. */
export interface QueuedTimer {
  due: number;
  readonly delay: number;
  readonly repeats: boolean;
  readonly run: () => void;
  /** Made where the timer was: its stack is only put into words when somebody asks. */
  readonly origin: Error;
  isHeld: boolean;
  /** Taken back, maybe while it runs: it is not to run again. */
  isOver: boolean;
}

/** What `setTimeout` promises of what it gives, without the base class that Node keeps to itself. */
class Handle {
  readonly #queue: TimerQueue;
  readonly timer: QueuedTimer;

  constructor(queue: TimerQueue, timer: QueuedTimer) {
    this.#queue = queue;
    this.timer = timer;
  }

  ref(): this {
    this.timer.isHeld = true;
    return this;
  }

  unref(): this {
    this.timer.isHeld = false;
    return this;
  }

  hasRef(): boolean {
    return this.timer.isHeld;
  }

  refresh(): this {
    this.#queue.renew(this.timer);
    return this;
  }

  close(): this {
    this.#queue.clear(this);
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Timers by a clock that is not the machine's; whoever moves the clock runs what is due. */
export class TimerQueue {
  readonly #now: () => number;
  readonly #changed: () => void;
  readonly #waiting = new Set<QueuedTimer>();
  #soonest: QueuedTimer | undefined;

  /** `changed` hears of every timer that is set. */
  constructor(now: () => number, changed: () => void) {
    this.#now = now;
    this.#changed = changed;
  }

  /** What still waits and would keep the process alive. */
  held(): readonly QueuedTimer[] {
    return [...this.#waiting].filter(({ isHeld }) => isHeld);
  }

  get size(): number {
    return this.#waiting.size;
  }

  set(callback: (...args: unknown[]) => void, delay: unknown, args: readonly unknown[], repeats = false): Handle {
    const wait = Number(delay);
    const timer: QueuedTimer = {
      due: 0,
      delay: wait >= 1 && wait <= 2 ** 31 - 1 ? Math.trunc(wait) : 1,
      repeats,
      run: AsyncLocalStorage.bind(() => callback(...args)),
      origin: new Error("made here"),
      isHeld: true,
      isOver: false,
    };
    this.renew(timer);
    return new Handle(this, timer);
  }

  /** Lets it wait anew. */
  renew(timer: QueuedTimer): void {
    this.#delete(timer);
    timer.due = this.#now() + timer.delay;
    this.#waiting.add(timer);
    if (this.#soonest !== undefined && timer.due < this.#soonest.due) this.#soonest = timer;
    this.#changed();
  }

  /** Takes a timer back; false when the handle is none of this queue's. */
  clear(handle: unknown): boolean {
    if (!(handle instanceof Handle)) return false;
    handle.timer.isOver = true;
    this.#delete(handle.timer);
    return true;
  }

  #delete(timer: QueuedTimer): void {
    this.#waiting.delete(timer);
    if (this.#soonest === timer) this.#soonest = undefined;
  }

  /** The one that is due first. */
  next(): QueuedTimer | undefined {
    if (this.#soonest === undefined)
      for (const timer of this.#waiting)
        if (this.#soonest === undefined || timer.due < this.#soonest.due) this.#soonest = timer;
    return this.#soonest;
  }

  /** Runs the one that has been due for longest; false when none is due. */
  runNext(): boolean {
    const timer = this.next();
    if (timer === undefined || timer.due > this.#now()) return false;
    this.#delete(timer);
    try {
      timer.run();
    } finally {
      if (timer.repeats && !timer.isOver) this.renew(timer);
    }
    return true;
  }
}

/** The line that made a timer. */
export const originOf = ({ origin }: QueuedTimer): string =>
  (origin.stack ?? "")
    .split("\n")
    .slice(1)
    .find((line) => !line.includes("/test/soak/"))
    ?.trim() ?? "unknown";
