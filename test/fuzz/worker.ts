import { writeFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { packageRoot } from "../../src/lib/package.ts";
import { fuzzTargets } from "./index.ts";
import { must, type OpenTarget } from "./target.ts";

/** What a process is told. */
export interface Assignment {
  readonly target: string;
  readonly seed: number;
  /** Of a find that is to be repeated; undefined for new inputs. */
  readonly path: string | undefined;
  /** How long new inputs are made, from the beginning on. */
  readonly milliseconds: number;
  /** Where each input is kept while it is checked, for who finds this process dead. */
  readonly inputFile: string;
}

/** An input of which the property does not hold. */
export interface Find {
  /** Repeats it; undefined for a fixture, and for what ended its process. */
  readonly seed?: string;
  readonly input: Uint8Array;
  readonly extension: string;
  readonly error: string;
  /** Name of the fixture, for one that is a fixture already. */
  readonly fixture?: string;
}

/** What came of one target. */
export interface TargetReport {
  readonly target: string;
  readonly runs: number;
  readonly fixtures: number;
  /** Inputs that a real program was asked about; undefined for a target that asks none, or when it is missing. */
  readonly judged?: number;
  readonly finds: readonly Find[];
}

/**
 * So much processor time of all threads is far more than any input of these sizes takes, on the slowest machine too.
 */
const MOST_CPU_SECONDS = 10;
/** By so much no input of these sizes may raise the highest memory that the process ever had. */
const MOST_RSS_BYTES = 512 * 1024 * 1024;
const RUNS_PER_ROUND = 25;
/** A program is asked about so many inputs at once. */
const BATCH = 50;
const JUDGE_EVERY_MS = 2_500;
const SHRINK_MS = 60_000;

/** Inputs of one target, one after the other. */
class Campaign {
  readonly #assignment: Assignment;
  readonly #target: OpenTarget<unknown>;
  /** Set by what is thrown where nobody waits for it: it would end the service. */
  #crash = Promise.withResolvers<never>();
  /** Since the real program was asked last. */
  #passed: { readonly input: unknown; readonly seed: string }[] = [];
  #judgedAt = performance.now();
  runs = 0;
  judged = 0;

  constructor(assignment: Assignment, target: OpenTarget<unknown>) {
    this.#assignment = assignment;
    this.#target = target;
    this.#crash.promise.catch(() => {});
    for (const event of ["uncaughtException", "unhandledRejection"])
      process.on(event, (thrown: unknown) => this.#crash.reject(new Error(`${event}: ${describe(thrown)}`)));
  }

  /** Every fixture; an input that was a find once must be none. */
  async replay(fixtures: readonly Fixture[]): Promise<Find[]> {
    const finds: Find[] = [];
    for (const { name, bytes } of fixtures) {
      const input = this.#target.form.read(bytes);
      const error = await this.#errorOf(input);
      if (error !== undefined) finds.push({ ...this.#written(input), error, fixture: name });
    }
    return finds;
  }

  /** New inputs until the time is over, or the first find. */
  async hunt(begun: number): Promise<Find | undefined> {
    const { seed, path, milliseconds } = this.#assignment;
    const isLate = (): boolean => path === undefined && performance.now() - begun > milliseconds;
    for (let round = 0; ; round++) {
      const find = await this.#round((seed + round) | 0, path, isLate);
      if (find !== undefined) return find;
      const isOver = path !== undefined || isLate();
      if (isOver || performance.now() - this.#judgedAt > JUDGE_EVERY_MS) {
        const refused = await this.#judge();
        if (refused !== undefined) return refused;
      }
      if (isOver) return undefined;
    }
  }

  async #round(seed: number, path: string | undefined, isLate: () => boolean): Promise<Find | undefined> {
    let nth = 0;
    let hasFailed = false;
    const property = fc.asyncProperty(this.#target.inputs, async (input) => {
      // what failed is made smaller all the same, and there is one input at least
      if (!hasFailed && this.runs > 0 && isLate()) return;
      this.runs++;
      const repeat = `${seed}/${path ?? nth++}`;
      try {
        await this.#check(input);
      } catch (thrown) {
        hasFailed = true;
        throw thrown;
      }
      if (this.#passed.length < BATCH) this.#passed.push({ input, seed: repeat });
    });
    const limits = { numRuns: path === undefined ? RUNS_PER_ROUND : 1, interruptAfterTimeLimit: SHRINK_MS };
    const details = await fc.check(property, { ...limits, seed, ...(path !== undefined && { path }) });
    const [input] = details.counterexample ?? [];
    if (!details.failed || details.counterexample === null) return undefined;
    const repeat = `${seed}/${details.counterexamplePath}`;
    return { ...this.#written(input), seed: repeat, error: describe(details.errorInstance) };
  }

  /** Asks the real program about what passed since it was asked last. */
  async #judge(): Promise<Find | undefined> {
    const passed = this.#passed.splice(0);
    const [first] = passed;
    if (this.#target.judge === undefined || first === undefined) return undefined;
    const inputs = passed.map(({ input }) => input);
    const error = await this.#refusalOf(inputs);
    this.judged += inputs.length;
    this.#judgedAt = performance.now();
    if (error === undefined) return undefined;
    for (const { input, seed } of passed) {
      const own = await this.#refusalOf([input]);
      if (own !== undefined) return { ...this.#written(input), seed, error: own };
    }
    return { ...this.#written(first.input), seed: first.seed, error: `of ${inputs.length} inputs together: ${error}` };
  }

  async #errorOf(input: unknown): Promise<string | undefined> {
    try {
      await this.#check(input);
    } catch (thrown) {
      return describe(thrown);
    }
    return this.#refusalOf([input]);
  }

  async #refusalOf(inputs: readonly unknown[]): Promise<string | undefined> {
    try {
      await this.#target.judge?.(inputs);
      return undefined;
    } catch (thrown) {
      return describe(thrown);
    }
  }

  async #check(made: unknown): Promise<void> {
    const { form } = this.#target;
    const bytes = form.write(made);
    // what is checked is what its file would hold
    const input = form.read(bytes);
    const [cpu, rss] = [process.cpuUsage(), process.resourceUsage().maxRSS];
    writeFileSync(this.#assignment.inputFile, bytes);
    try {
      await Promise.race([this.#target.check(input), this.#crash.promise]);
    } finally {
      this.#crash = Promise.withResolvers<never>();
      this.#crash.promise.catch(() => {});
    }
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (user + system) / 1e6;
    must(seconds < MOST_CPU_SECONDS, `it took ${seconds.toFixed(1)} s of processor time`);
    const grown = (process.resourceUsage().maxRSS - rss) * 1024;
    must(grown < MOST_RSS_BYTES, `it took ${Math.round(grown / 2 ** 20)} MiB of memory`);
  }

  readonly #written = (input: unknown): Pick<Find, "input" | "extension"> => ({
    input: this.#target.form.write(input),
    extension: this.#target.form.extension,
  });
}

interface Fixture {
  readonly name: string;
  readonly bytes: Uint8Array;
}

async function fixturesOf(target: string): Promise<Fixture[]> {
  const folder = join(packageRoot, "test/fuzz/__fixtures__", target);
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.toSorted().map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })));
}

const describe = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) + causeOf(thrown) : String(thrown);

const causeOf = ({ cause }: Error): string => (cause === undefined ? "" : `\ncaused by ${describe(cause)}`);

async function work(assignment: Assignment): Promise<TargetReport> {
  const begun = performance.now();
  const target = fuzzTargets.find(({ name }) => name === assignment.target);
  must(target !== undefined, `there is no target ${assignment.target}`);
  const opened = await target.open();
  try {
    const campaign = new Campaign(assignment, opened);
    const fixtures = assignment.path === undefined ? await fixturesOf(target.name) : [];
    const finds = await campaign.replay(fixtures);
    const find = finds.length > 0 ? undefined : await campaign.hunt(begun);
    return {
      target: target.name,
      runs: campaign.runs,
      fixtures: fixtures.length,
      ...(opened.judge !== undefined && { judged: campaign.judged }),
      finds: find === undefined ? finds : [find],
    };
  } finally {
    await opened.close();
  }
}

// nobody waits for it any more
process.once("disconnect", () => process.exit());
try {
  process.send?.(await work(JSON.parse(process.argv[2] ?? "") as Assignment), () => process.disconnect());
} catch (thrown) {
  process.stderr.write(`${describe(thrown)}\n`);
  process.exit(1);
}
