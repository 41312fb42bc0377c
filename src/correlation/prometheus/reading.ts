import { CollectError } from "../../core/errors.ts";
import type { MetricQuestion, MetricReading, MetricSeries, TimeWindow } from "../../core/telemetry.ts";
import { allOf } from "../../lib/prometheus/selector.ts";
import { Courses, type Course, type CourseContext } from "./courses.ts";
import { readExemplars } from "./exemplars.ts";
import { findSeries, hasSeries, readIntervals, readTypes } from "./find-series.ts";
import { isMoment, isSteady } from "./kinds.ts";
import { planReading, queryOf, requestsOf, shownName, type FoundSeries, type Request, type Unit } from "./plan.ts";
import { stepFor } from "./steps.ts";
import { groupSubjects } from "./subjects.ts";

const DAY_MS = 86_400_000;
const PAST = [
  { span: "yesterday", shift: DAY_MS, words: "the same time yesterday" },
  { span: "lastWeek", shift: 7 * DAY_MS, words: "the same time last week" },
] as const;

/** Reads the metrics of a question. Throws `CollectError` when nothing at all could be read. */
export async function readMetrics(question: MetricQuestion, context: CourseContext): Promise<MetricReading> {
  const { ledger, patience } = context;
  const [found, types] = await Promise.all([
    findSeries(ledger, question, patience),
    readTypes(ledger, briefly(context)),
  ]);
  if (found.length === 0 && ledger.failure !== undefined) throw ledger.failure;
  const groups = groupSubjects(question.subjects).length;
  const plan = planReading(found, types, question.series);
  const [{ courses, missing }, exemplars] = await Promise.all([
    readCourses(plan.units, found, question, context),
    readExemplars(ledger, found, question.window, patience),
  ]);
  if (courses.length === 0 && missing > 0) throw ledger.failure ?? late(missing);
  if (plan.unread > 0) ledger.note(unreadText(plan.unread, plan.leftOut));
  const lost = missing > 0 ? `${missing} series could not be read${patience.aborted ? " in time" : ""}` : undefined;
  if (lost !== undefined) ledger.note(lost);
  const incomplete = found.length < groups ? "some of the series could not be looked for" : lost;
  ledger.tellFailures();
  const series = courses.flatMap((course) => seriesOf(course, question, context.now));
  return {
    series: series.toSorted(byName),
    of: series.length + plan.unread + missing,
    exemplars,
    notes: ledger.notes,
    queries: ledger.queries,
    ...(incomplete !== undefined && { incomplete }),
  };
}

const late = (series: number): CollectError =>
  new CollectError(
    "timeout",
    `none of ${series} series was read in the time there is for it (see \`evidence.deadline\`)`,
  );

/** For what a reading can do without: its own time is short, so that most is left for the values. */
const briefly = ({ patience, aside }: CourseContext): AbortSignal =>
  AbortSignal.any([patience, AbortSignal.timeout(aside)]);

function unreadText(unread: number, of: readonly string[]): string {
  const more = of.length > 3 ? ` and ${of.length - 3} more` : "";
  return `${unread} series were not read, since there are more than are asked for: of ${of.slice(0, 3).join(", ")}${more}`;
}

const byName = (a: MetricSeries, b: MetricSeries): number =>
  a.metric < b.metric ? -1 : a.metric > b.metric ? 1 : a.expr < b.expr ? -1 : 1;

interface ReadCourses {
  readonly courses: readonly Course[];
  /** How many series could not be read. */
  readonly missing: number;
}

async function readCourses(
  units: readonly Unit[],
  found: readonly FoundSeries[],
  question: MetricQuestion,
  context: CourseContext,
): Promise<ReadCourses> {
  const { ledger, now } = context;
  const { window, baseline } = question;
  const usual = stepFor(window.to - window.from + baseline.to - baseline.from);
  const intervals = await readIntervals(ledger, found, { at: window.from, now }, briefly(context));
  const stepOf = ({ jobs }: Unit): number => Math.max(usual, ...jobs.map((job) => intervals.get(job) ?? usual));
  const courses = new Courses(context);
  const main = { span: "main", windows: spansOf(question), shift: 0 } as const;
  const first = requestsOf(units, stepOf);
  const missing = [...(await courses.read(first, main))];
  const otherwise = readOtherwise(courses.all);
  courses.forget(new Set(otherwise.keys()));
  const second = requestsOf([...otherwise.values()].flat(), stepOf);
  missing.push(...(await courses.read(second, main)));
  const given = new Set(missing);
  const left = first.flatMap(({ units: of }) => of.filter((unit) => !otherwise.has(unit)));
  const past = [...requestsOf(left, stepOf), ...second].filter((request) => !given.has(request));
  await readPast(courses, past, { found, window, context });
  return {
    courses: courses.all,
    missing: missing.flatMap((request) => request.units).reduce((sum, { most }) => sum + most, 0),
  };
}

/** Window and baseline in one span, unless much lies between them that nobody asked for. */
function spansOf({ window, baseline }: MetricQuestion): readonly TimeWindow[] {
  const between = window.from - baseline.to;
  const asked = window.to - window.from + baseline.to - baseline.from;
  return between > asked ? [baseline, window] : [{ from: baseline.from, to: window.to }];
}

/**
 * What turned out to be native histograms, or to do nothing but rise or fall, and how it is read in place of its
 * values.
 */
function readOtherwise(courses: readonly Course[]): ReadonlyMap<Unit, readonly Unit[]> {
  const values = courses.filter(({ unit }) => unit.computed === "value");
  const otherwise = new Map<Unit, readonly Unit[]>();
  for (const [unit, of] of Map.groupBy(values, (course) => course.unit)) {
    if (of.some(({ isHistogram }) => isHistogram))
      otherwise.set(unit, [
        { ...unit, computed: "native_p95" },
        { ...unit, computed: "native_count" },
      ]);
    else if (of.every(({ main }) => isSteady(main.map(([, value]) => value))))
      otherwise.set(unit, [{ ...unit, computed: "pace" }]);
  }
  return otherwise;
}

async function readPast(
  courses: Courses,
  requests: readonly Request[],
  {
    found,
    window,
    context,
  }: { readonly found: readonly FoundSeries[]; readonly window: TimeWindow; readonly context: CourseContext },
): Promise<void> {
  const { ledger, patience } = context;
  for (const { span, shift, words } of PAST) {
    const then = { from: window.from - shift, to: window.to - shift };
    if (patience.aborted) return ledger.note(`${words} could not be read in time`);
    if (!(await hasSeries(ledger, found, then, patience))) continue;
    const missing = await courses.read(requests, { span, windows: [then], shift });
    if (missing.length > 0)
      ledger.note(`${words} could not be read of all series${patience.aborted ? " in time" : ""}`);
  }
}

/** A course as it is judged; none of what holds moments, is always 1 or has no point. */
function seriesOf(course: Course, { window }: MetricQuestion, now: number): readonly MetricSeries[] {
  const { unit, labels, step, main, yesterday, lastWeek } = course;
  const values = main.map(([, value]) => value);
  if (values.length === 0 || isMoment(unit.metric, values, now)) return [];
  const past = [...yesterday, ...lastWeek];
  if (unit.computed === "value" && [...values, ...past.map(([, value]) => value)].every((value) => value === 1))
    return [];
  return [
    {
      metric: shownName(unit),
      expr: queryOf(unit, allOf(labels), step),
      labels,
      stepMs: step * 1_000,
      window: main.filter(([at]) => at >= window.from),
      before: main.filter(([at]) => at < window.from),
      yesterday,
      lastWeek,
    },
  ];
}
