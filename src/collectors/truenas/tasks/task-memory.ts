import type { MemoryKey } from "../client.ts";

/** What is known of a task's runs; times in Unix seconds. */
export interface KnownRuns {
  /** When the last finished run ended, and whether it ended well. */
  readonly lastRun: number | undefined;
  readonly success: boolean | undefined;
  readonly lastSuccess: number | undefined;
}

/** A run that has ended; its time may not be told. */
export interface FinishedRun {
  readonly success: boolean;
  readonly endedAt: number | undefined;
}

interface Known extends KnownRuns {
  readonly newestSent?: number | undefined;
  readonly texts: ReadonlyMap<string, string>;
}

/** Seconds. */
const MOST_FORGOTTEN = 7_200;

const NOTHING: Known = { lastRun: undefined, success: undefined, lastSuccess: undefined, texts: new Map() };

/**
 * Labels that say what a task copies: when one is another, so is the task, whether it was edited or one that was
 * deleted left its number to it; what ran before says nothing of it.
 */
const OF_RUNS: ReadonlySet<string> = new Set(["source", "destination"]);

/**
 * What was last known of tasks. The server tells of a task's newest run only, so that one under way hides the last that
 * finished, and it forgets all of them when its middleware is restarted without warning.
 */
export class TaskMemory {
  readonly #kinds = new Map<string, Map<string, Known>>();

  /** Takes in what the server tells of the task's last run, if anything, and gives what is known of all of them. */
  recall(kind: string, id: string, run: FinishedRun | undefined): KnownRuns {
    const known = this.#known(kind, id);
    if (run === undefined) return known;
    const next: Known = {
      lastRun: run.endedAt ?? (run.success === known.success ? known.lastRun : undefined),
      success: run.success,
      lastSuccess: run.success ? latest(run.endedAt, known.lastSuccess) : known.lastSuccess,
      newestSent: known.newestSent,
      texts: known.texts,
    };
    this.#tasks(kind).set(id, next);
    return next;
  }

  /**
   * The newest snapshot that a task has sent: of several datasets the one that was sent last may be older. Unix
   * seconds.
   */
  sent(kind: string, id: string, madeAt: number | undefined): number | undefined {
    const known = this.#known(kind, id);
    if (madeAt === undefined || madeAt <= (known.newestSent ?? 0)) return known.newestSent;
    this.#tasks(kind).set(id, { ...known, newestSent: madeAt });
    return madeAt;
  }

  /**
   * A label's text, or the last one that was known: a series must not become another one for a text that is left out.
   * Forgets the runs of a task that copies something else now.
   */
  text(kind: string, id: string, label: string, text: string | undefined): string {
    const known = this.#known(kind, id);
    if (text === undefined) return known.texts.get(label) ?? "";
    const before = known.texts.get(label);
    if (before === text) return text;
    const runs = before !== undefined && OF_RUNS.has(label) ? NOTHING : known;
    this.#tasks(kind).set(id, { ...runs, texts: new Map([...known.texts, [label, text]]) });
    return text;
  }

  /** Forgets the tasks of a kind that are gone: their number may come back as another task. */
  keep(kind: string, ids: ReadonlySet<string>): void {
    const tasks = this.#tasks(kind);
    for (const id of tasks.keys()) if (!ids.has(id)) tasks.delete(id);
  }

  #known(kind: string, id: string): Known {
    return this.#tasks(kind).get(id) ?? NOTHING;
  }

  #tasks(kind: string): Map<string, Known> {
    const tasks = this.#kinds.get(kind) ?? new Map<string, Known>();
    this.#kinds.set(kind, tasks);
    return tasks;
  }
}

/** The server's tasks, from poll to poll. */
export const TASK_MEMORY: MemoryKey<TaskMemory> = { create: () => new TaskMemory() };

/**
 * A middleware that crashed may tell of a run before the last one. What is older still comes from a clock that was put
 * right, or from a system that was set back to an older state: then it is what the server knows.
 */
function latest(told: number | undefined, known: number | undefined): number | undefined {
  if (told === undefined || known === undefined) return told ?? known;
  return known - told > MOST_FORGOTTEN ? told : Math.max(told, known);
}
