import pLimit from "p-limit";
import type { Duration } from "../../core/duration.ts";
import type { Points, TimeWindow } from "../../core/telemetry.ts";
import type { Matrix } from "../../lib/prometheus/query-range.ts";
import type { Ledger } from "./ledger.ts";
import { keyOf, type Request, type Unit } from "./plan.ts";
import { gridOf } from "./steps.ts";

type Labels = Readonly<Record<string, string>>;

/** The times of which a course has points: window and baseline are `main`. */
export type Span = "main" | "yesterday" | "lastWeek";

/** One series over the times that it is judged by. */
export interface Course extends Readonly<Record<Span, Points>> {
  readonly unit: Unit;
  readonly labels: Labels;
  /** Seconds. */
  readonly step: number;
  /** It has native histograms in place of numbers. */
  readonly isHistogram: boolean;
}

/** What requests are made with. */
export interface CourseContext {
  readonly ledger: Ledger;
  /** What was read until it ends is kept. */
  readonly patience: AbortSignal;
  /** Time for what can be done without. */
  readonly aside: Duration;
  /** Unix milliseconds. */
  readonly now: number;
}

/** What is read of a request: its points are moved by `shift` (milliseconds) to the time of the window. */
export interface CourseTime {
  readonly span: Span;
  readonly windows: readonly TimeWindow[];
  readonly shift: number;
}

const CONCURRENCY = 6;
const PURPOSE: Readonly<Record<Span, string>> = {
  main: "metrics of the window and before",
  yesterday: "metrics of the same time yesterday",
  lastWeek: "metrics of the same time last week",
};

/** Series that are being read, by unit and labels. */
export class Courses {
  readonly #courses = new Map<string, Course>();
  readonly #context: CourseContext;

  constructor(context: CourseContext) {
    this.#context = context;
  }

  get all(): readonly Course[] {
    return [...this.#courses.values()];
  }

  /** Reads requests over a time; gives those that could not be read. */
  async read(requests: readonly Request[], time: CourseTime): Promise<readonly Request[]> {
    const limit = pLimit(CONCURRENCY);
    const read = await Promise.all(
      requests.map((request) => limit(async () => ((await this.#readOne(request, time)) ? [] : [request]))),
    );
    return read.flat();
  }

  /** Forgets the series of units, which are read otherwise. */
  forget(units: ReadonlySet<Unit>): void {
    for (const [key, { unit }] of this.#courses) if (units.has(unit)) this.#courses.delete(key);
  }

  async #readOne(request: Request, time: CourseTime): Promise<boolean> {
    const { ledger, patience, now } = this.#context;
    for (const window of time.windows) {
      if (patience.aborted || ledger.isLost) return false;
      const grid = gridOf(window, request.step, now);
      if (grid === undefined) continue;
      const options = { step: request.step, signal: patience };
      const matrix = await ledger.attempt(() => ledger.range(PURPOSE[time.span], request.query, grid, options));
      if (matrix === undefined) return false;
      this.#keep(request, matrix, time);
    }
    return true;
  }

  #keep(request: Request, matrix: Matrix, { span, shift }: CourseTime): void {
    const units = new Map(request.units.map((unit) => [unit.metric, unit]));
    const [only] = request.units;
    const kept = new Map<Unit, number>();
    const rows = matrix.series.map((row) => [keyOf(row.labels), row] as const);
    for (const [, { labels, values, isHistogram }] of rows.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const { __name__: name, ...rest } = labels;
      const unit = request.units.length === 1 ? only : units.get(name ?? "");
      const count = unit === undefined ? 0 : (kept.get(unit) ?? 0);
      if (unit === undefined || count >= unit.most || unit.elsewhere.has(keyOf(rest))) continue;
      kept.set(unit, count + 1);
      const points = values.flatMap(([at, value]) =>
        Number.isFinite(value) ? [[at * 1_000 + shift, value] as const] : [],
      );
      this.#add({ unit, labels: rest, step: request.step, isHistogram }, span, points);
    }
  }

  #add(of: Pick<Course, "unit" | "labels" | "step" | "isHistogram">, span: Span, points: Points): void {
    const key = JSON.stringify([of.unit.metric, of.unit.computed, keyOf(of.labels)]);
    const known = this.#courses.get(key);
    // what was there a week ago only is no series of the window
    if (known === undefined && span !== "main") return;
    const course = known ?? { ...of, main: [], yesterday: [], lastWeek: [] };
    this.#courses.set(key, { ...course, [span]: [...course[span], ...points] });
  }
}
