import type { SoakEvent, SoakRecord } from "./record.ts";
import { FEWEST, readSchedules, type Schedule } from "./schedules.ts";
import type { LogLine } from "./soaked-service.ts";

/** What a soak found, by the names that last. Sizes are in bytes, of the last third beside the middle one. */
export interface SoakFigures {
  readonly hours: number;
  readonly real_seconds: number;
  readonly polls: number;
  readonly schedules: number;
  /** The most that a poll was from its beat, as a share of its interval. */
  readonly strayed: number;
  readonly notifications: number;
  readonly reloads: number;
  readonly rss: number;
  readonly rss_growth: number;
  readonly heap: number;
  readonly heap_growth: number;
  readonly descriptors: number;
  readonly descriptors_growth: number;
  readonly series: number;
  readonly store_bytes: number;
  /** Rows that were deleted for their age, by table. */
  readonly deleted: Readonly<Record<string, number>>;
  readonly stop_ms: number;
}

/** The figures, and a line for each thing that must not be. */
export interface SoakReport {
  readonly figures: SoakFigures;
  readonly complaints: readonly string[];
}

const MIB = 1_048_576;
const HOUR_MS = 3_600_000;
/** What may grow from the middle third to the last: a share of it, and so much besides. */
const SLACK = {
  rss: { share: 0.15, plus: 20 * MIB },
  heap: { share: 0.1, plus: 5 * MIB },
  descriptors: { share: 0, plus: 10 },
  timers: { share: 0.2, plus: 20 },
  series: { share: 0.02, plus: 50 },
} as const;
type Measured = keyof typeof SLACK;
/** A poll is moved by 5 % of its interval to either side, and what is due within seconds happens together. */
const MOST_STRAYED = 0.3;
/** Of so many beats one may have no poll. */
const BEATS_PER_MISS = 50;
/** Rows are deleted once an hour, when they are older than `alerting.retention` has it. */
const KEPT_MS = {
  inbound: 2 * HOUR_MS,
  attempts: 2 * HOUR_MS,
  alert_groups: 26 * HOUR_MS,
  bundles: 26 * HOUR_MS,
  changes: 26 * HOUR_MS,
};
/** Moments are a step apart. */
const STEP_MS = 600_000;
/** A signal ends the service within this. */
const STOP_WITHIN_MS = 15_000;

/** Judges what was seen of a soak. */
export function judge(record: SoakRecord): SoakReport {
  const { samples, log, events, over, begun, endedWithin } = record;
  const reloads = events.filter(({ kind }) => kind === "reload").map(({ at }) => at);
  const schedules = readSchedules(log, record.intervals, reloads);
  const [grown, last] = [
    (of: Measured): number => medianOf(record, of, 2) - medianOf(record, of, 1),
    (of: Measured): number => medianOf(record, of, 2),
  ];
  return {
    figures: {
      hours: round((over - begun) / HOUR_MS, 1),
      real_seconds: round(record.realSeconds, 0),
      polls: log.filter(({ msg }) => msg === "polled").length,
      schedules: schedules.length,
      strayed: round(Math.max(...schedules.map(({ strayed }) => strayed)), 3),
      notifications: events.filter(({ kind }) => kind === "webhook").length,
      reloads: reloads.length,
      rss: last("rss"),
      rss_growth: grown("rss"),
      heap: last("heap"),
      heap_growth: grown("heap"),
      descriptors: last("descriptors"),
      descriptors_growth: grown("descriptors"),
      series: last("series"),
      store_bytes: samples.at(-1)?.storeBytes ?? Number.NaN,
      deleted: Object.fromEntries(Object.keys(KEPT_MS).map((table) => [table, record.store.deleted[table] ?? 0])),
      stop_ms: round(endedWithin, 0),
    },
    complaints: [
      ...events.flatMap(({ kind, what, complaint }) =>
        complaint === undefined ? [] : [`${kind} ${what}: ${complaint}`],
      ),
      ...growthComplaints(record),
      ...scheduleComplaints(schedules, { record, reloads }),
      ...storeComplaints(record),
      ...deliveryComplaints(record),
      ...logComplaints(record),
      ...endComplaints(record),
    ],
  };
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The median of one third of the time. */
function medianOf({ samples, notes }: SoakRecord, of: Measured, third: 1 | 2): number {
  const all = of === "heap" || of === "timers" ? notes.map((note) => note[of]) : samples.map((sample) => sample[of]);
  const part = all.slice(Math.floor((third * all.length) / 3), Math.floor(((third + 1) * all.length) / 3));
  return part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)] ?? Number.NaN;
}

function growthComplaints(record: SoakRecord): readonly string[] {
  return (Object.keys(SLACK) as Measured[]).flatMap((of) => {
    const { share, plus } = SLACK[of];
    const [middle, last] = [medianOf(record, of, 1), medianOf(record, of, 2)];
    return last <= middle * (1 + share) + plus
      ? []
      : [`${of} grow: ${middle} in the middle, ${last} in the last third`];
  });
}

interface Course {
  readonly record: SoakRecord;
  readonly reloads: readonly number[];
}

function scheduleComplaints(schedules: readonly Schedule[], { record, reloads }: Course): readonly string[] {
  const { intervals, begun, over } = record;
  const moments = [begun, ...reloads, over];
  const longest = Math.max(...moments.map((moment, i) => moment - (moments[i - 1] ?? moment)));
  const seen = new Set(schedules.map(({ part }) => part));
  // a reload begins them anew, and an outage may fall between two
  const short = Object.entries(intervals).filter(([, every]) => 2 * FEWEST * every < longest);
  return [
    ...short.filter(([part]) => !seen.has(part) && !ALWAYS_FAILS.test(part)).map(([part]) => `${part} has no schedule`),
    ...schedules
      .filter(({ strayed }) => strayed > MOST_STRAYED)
      .map(({ part, strayed }) => `${part} strays from its beat by ${strayed.toFixed(2)} intervals`),
    ...schedules
      .filter(({ polls, beats }) => Math.abs(beats - polls) > Math.ceil(beats / BEATS_PER_MISS))
      .map(({ part, polls, beats }) => `${part} was polled ${polls} times in ${beats} beats`),
  ];
}

/**
 * It waits for events that the emulated system sends by the machine's clock. Other parts always miss a piece, by the
 * lab's design.
 */
const ALWAYS_FAILS = /^truenas \S+ realtime$|^certificates /;

function storeComplaints({ store, begun, over }: SoakRecord): readonly string[] {
  const old = Object.entries(KEPT_MS).flatMap(([table, kept]) => {
    const oldest = store.oldest[table];
    const age = over - (oldest ?? over);
    return age > kept + STEP_MS ? [`${table}: the oldest row is ${round(age / HOUR_MS, 1)} hours old`] : [];
  });
  const long = Object.entries(KEPT_MS).flatMap(([table, kept]) => (over - begun >= kept ? [table] : []));
  return [
    ...old,
    ...long
      .filter((table) => !((store.deleted[table] ?? 0) > 0))
      .map((table) => `${table}: no row was deleted, however old`),
    // deleting everything would be no retention
    ...long.filter((table) => !((store.rows[table] ?? 0) > 0)).map((table) => `${table}: no row is kept at all`),
  ];
}

/** All groups are over at the end. */
function deliveryComplaints({ groups, told }: SoakRecord): readonly string[] {
  return Object.entries(told).flatMap(([channel, messages]) => {
    const lost = groups.filter((name) => !messages.some(({ text }) => new RegExp(`\\b${name}\\b`).test(text)));
    const open = messages.filter(({ isClosed }) => isClosed === false);
    return [
      ...(lost.length === 0 ? [] : [`${channel} was never told of ${lost.length} groups, such as ${lost[0]}`]),
      ...(open.length === 0 ? [] : [`${channel} shows ${open.length} as open that are over`]),
    ];
  });
}

function logComplaints({ log, events }: SoakRecord): readonly string[] {
  const bad = events.filter(({ kind }) => kind === "bad reload").length;
  const errors = log.filter(({ level }) => level === "error" || level === "fatal");
  const expected = errors.filter(({ msg }) => msg.startsWith("the configuration was not reloaded"));
  const isExpected = (line: LogLine): boolean =>
    expected.includes(line) || events.some((event) => explains(event, line));
  return [
    ...(expected.length === bad
      ? []
      : [`${bad} faulty configurations, and ${expected.length} lines of the log about them`]),
    ...errors.filter((line) => !isExpected(line)).map((line) => `the log has an error: ${JSON.stringify(line)}`),
  ];
}

/** A channel that was stopped a moment ago is one where nothing can be delivered. */
function explains({ kind, what, at }: SoakEvent, { time, destination }: LogLine): boolean {
  const since = Date.parse(time) - at;
  return kind === "outage" && what === destination && since >= 0 && since <= 2 * STEP_MS;
}

function endComplaints({ end, endedWithin, exit }: SoakRecord): readonly string[] {
  return [
    ...(end.code === 0 ? [] : [`it ended with ${end.code ?? end.signal ?? "nothing"}`]),
    ...(endedWithin <= STOP_WITHIN_MS ? [] : [`it took ${Math.round(endedWithin)} ms to stop`]),
    ...(exit === undefined ? ["it said nothing at its end"] : leftComplaints(exit.left)),
  ];
}

const leftComplaints = (left: readonly string[]): readonly string[] =>
  [...Map.groupBy(left, (what) => what)].map(([what, { length }]) => `left at the end, ${length} times: ${what}`);
