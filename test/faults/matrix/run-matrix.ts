import { setTimeout as pause } from "node:timers/promises";
import pLimit from "p-limit";
import type { ProxyFault } from "../../../src/lab/fault-proxy/proxy.ts";
import { allowanceOf, judgeCell, type Measured } from "./judge-cell.ts";
import { MATRIX_KINDS, type MatrixKind } from "./kinds.ts";
import { watchMemory } from "./memory.ts";
import type { MatrixSubject, Observation, OpenSubject } from "./subject.ts";

/** What is run. */
export interface MatrixOptions {
  readonly subjects: readonly MatrixSubject[];
  /** All of {@link MATRIX_KINDS} unless given. */
  readonly kinds?: readonly MatrixKind[];
  /** Told of each cell that is done. */
  readonly onCell?: (cell: JudgedCell) => void;
}

/** One cell that was run. */
export interface JudgedCell {
  readonly subject: string;
  readonly kind: string;
  /** What was expected and what came, one sentence each; empty when the cell is right. */
  readonly wrongs: readonly string[];
  readonly ms: number;
  /** Where memory is measured: how many bytes the process grew by under the fault, at its most. */
  readonly grownBytes?: number | undefined;
}

/** So many subjects are under their faults at once: most of a cell is waiting. */
const AT_ONCE = 8;
const LONG_MS = 30_000;
const SHORT_MS = 1_000;
/** Uses before the first fault, so that facts that move by themselves are seen to. */
const USES_BEFORE = 3;

/**
 * Puts every subject under every kind of fault that its protocol can have, one after the other, and judges each cell.
 * Subjects run beside each other, but for the kinds whose cost in memory is measured: they run alone, last.
 */
export async function runMatrix({
  subjects,
  kinds = MATRIX_KINDS,
  onCell,
}: MatrixOptions): Promise<readonly JudgedCell[]> {
  const limit = pLimit(AT_ONCE);
  const cells: JudgedCell[] = [];
  const note = (cell: JudgedCell): void => {
    cells.push(cell);
    onCell?.(cell);
  };
  const starting = subjects.map((subject) => limit(() => start(subject, note)));
  const runners = (await Promise.all(starting)).filter((runner) => runner !== undefined);
  try {
    const light = kinds.filter(({ runsAlone }) => runsAlone !== true);
    const alone = kinds.filter(({ runsAlone }) => runsAlone === true);
    await Promise.all(runners.map((runner) => limit(() => runner.run(light, note))));
    for (const runner of runners) await runner.run(alone, note);
  } finally {
    await Promise.all(runners.map((runner) => runner.close()));
  }
  return cells;
}

/** Undefined when it does not work without a fault, which is a wrong cell of its own. */
async function start(subject: MatrixSubject, note: (cell: JudgedCell) => void): Promise<SubjectRunner | undefined> {
  const begun = performance.now();
  try {
    return await SubjectRunner.start(subject);
  } catch (thrown) {
    note({ subject: subject.name, kind: "no_fault", wrongs: [String(thrown)], ms: performance.now() - begun });
    return undefined;
  }
}

/** One subject, and what is known of it while all is well. */
class SubjectRunner {
  readonly #subject: MatrixSubject;
  readonly #open: OpenSubject;
  readonly #known = new Knowledge();
  readonly #knownToOther = new Knowledge();

  private constructor(subject: MatrixSubject, open: OpenSubject) {
    this.#subject = subject;
    this.#open = open;
  }

  static async start(subject: MatrixSubject): Promise<SubjectRunner> {
    const open = await subject.open();
    const runner = new SubjectRunner(subject, open);
    try {
      await runner.#learn();
    } catch (thrown) {
      // or the process would not end
      await open.close();
      throw thrown;
    }
    return runner;
  }

  /** Looks at what is told while all is well. */
  async #learn(): Promise<void> {
    const [subject, open] = [this.#subject, this.#open];
    for (let use = 0; use < USES_BEFORE; use += 1) {
      const options = { kind: undefined, deadlineMs: LONG_MS };
      const [own, other] = await Promise.all([open.use(options), open.useOther(options)]);
      for (const seen of [own, other]) assertWell(subject, seen);
      this.#known.learn(own);
      this.#knownToOther.learn(other);
    }
  }

  async run(kinds: readonly MatrixKind[], note: (cell: JudgedCell) => void): Promise<void> {
    for (const kind of kinds) {
      if (allowanceOf(this.#subject, kind) === undefined) continue;
      const begun = performance.now();
      const done = await this.#runCell(kind).catch((thrown: unknown) => ({
        wrongs: [`the cell came to no end: ${String(thrown)}`],
      }));
      note({ subject: this.#subject.name, kind: kind.name, ...done, ms: performance.now() - begun });
    }
  }

  async close(): Promise<void> {
    await this.#open.close();
  }

  async #runCell(kind: MatrixKind): Promise<Pick<JudgedCell, "wrongs" | "grownBytes">> {
    const { proxy, use, useOther, settle, isOwnFact } = this.#open;
    const deadlineMs =
      kind.hangs?.includes(this.#subject.protocol) === true ? (this.#subject.patienceMs ?? SHORT_MS) : LONG_MS;
    const memory = kind.runsAlone === true ? watchMemory() : undefined;
    const newest = proxy.requests.at(-1);
    const path = this.#subject.onlyAt?.[kind.name];
    await proxy.setFault(path === undefined ? kind.fault : ({ ...kind.fault, path } as ProxyFault));
    const lateness = new Lateness(deadlineMs);
    const [faulted, other] = await Promise.all([
      use.call(this.#open, { kind, deadlineMs }).finally(() => lateness.end()),
      useOther.call(this.#open, { kind: undefined, deadlineMs: LONG_MS }),
    ]);
    const requests =
      newest === undefined ? proxy.requests : proxy.requests.slice(proxy.requests.lastIndexOf(newest) + 1);
    const grownBytes = memory?.grown();
    const seen = { mostSent: proxy.mostSent(), connections: proxy.connections(), requests: [...requests], grownBytes };
    await proxy.setFault(undefined);
    await settle?.call(this.#open);
    const after = await use.call(this.#open, { kind: undefined, deadlineMs: LONG_MS });
    const measured: Measured = {
      ...seen,
      deadlineMs,
      isLate: lateness.isLate,
      keptBytes: kind.isHeavy === true ? await memory?.kept() : undefined,
    };
    const wrongs = judgeCell({
      subject: this.#subject,
      kind,
      known: this.#known.facts,
      knownToOther: this.#knownToOther.facts,
      faulted,
      other,
      after,
      measured,
      isOwnFact: (name) => isOwnFact?.call(this.#open, name) ?? false,
    });
    if (wrongs.length === 0) this.#known.learn(after);
    return { wrongs, grownBytes };
  }
}

function assertWell({ name }: MatrixSubject, { reasons, facts, messages = [], wrongs = [] }: Observation): void {
  if (reasons.length > 0 || wrongs.length > 0 || facts.size === 0)
    throw new Error(`expected ${name} to work without a fault: ${[...reasons, ...messages, ...wrongs].join("; ")}`);
}

/** What is known of the facts of one target. */
class Knowledge {
  readonly facts = new Map<string, { readonly values: Set<number | string>; isConstant: boolean }>();
  #uses = 0;

  learn({ facts }: Observation): void {
    for (const [name, known] of this.facts) if (!facts.has(name)) known.isConstant = false;
    for (const [name, value] of facts) {
      const known = this.facts.get(name) ?? { values: new Set(), isConstant: this.#uses === 0 };
      known.values.add(value);
      this.facts.set(name, known);
    }
    this.#uses += 1;
  }
}

const GRACE_TURNS = 100;
const TURN_MS = 20;

/**
 * Whether a use goes on for longer than it may: by turns of this process and not by the clock, which a busy machine
 * outruns.
 */
class Lateness {
  isLate = false;
  readonly #over = new AbortController();

  constructor(deadlineMs: number) {
    void this.#watch(deadlineMs).catch(() => {});
  }

  /** The use is over. */
  end(): void {
    this.#over.abort();
  }

  async #watch(deadlineMs: number): Promise<void> {
    const { signal } = this.#over;
    await pause(deadlineMs, undefined, { signal });
    for (let turn = 0; turn < GRACE_TURNS; turn += 1) await pause(TURN_MS, undefined, { signal });
    this.isLate = true;
  }
}
