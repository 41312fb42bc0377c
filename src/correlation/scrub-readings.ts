import type { Readings } from "../core/evidence.ts";
import type { FieldCounts, LogReading, LogSample, MetricReading, TraceReading } from "../core/telemetry.ts";
import { REDACTED } from "../lib/scrub/looks.ts";
import { mapInSteps, type Steps } from "../lib/steps.ts";
import { clip, oneLine } from "../lib/text.ts";
import { scrubbed, scrubbedValue } from "./scrubbed.ts";

type Scrub = (text: string) => string;

const NOTE_LENGTH = 300;
const LINES_PER_STEP = 50;
const SERIES_PER_STEP = 50;
const VALUES_PER_STEP = 20;
const SPANS_PER_STEP = 20;

/**
 * Takes secrets out of what the sources answered, before anything is made of it: a pattern or a title that was clipped
 * may hold a part of a secret, which is not known for one any more. Fields whose values are secrets are left out with a
 * note.
 */
export function* scrubReadings({ logs, traces, metrics, changes }: Readings, scrub: Scrub): Steps<Readings> {
  return {
    logs: logs.state === "read" ? { ...logs, reading: yield* scrubLogs(logs.reading, scrub) } : scrubbed(logs, scrub),
    traces:
      traces.state === "read"
        ? { ...traces, reading: yield* scrubTraces(traces.reading, scrub) }
        : scrubbed(traces, scrub),
    metrics:
      metrics.state === "read"
        ? { ...metrics, reading: yield* scrubMetrics(metrics.reading, scrub) }
        : scrubbed(metrics, scrub),
    changes: scrubbed(changes, scrub),
  };
}

/** What lines are read by, their messages, is most of what is read; the other texts of a line are no prose. */
function* scrubLogs(reading: LogReading, scrub: Scrub): Steps<LogReading> {
  const ofSample = function* (sample: LogSample): Steps<LogSample> {
    const lines = yield* mapInSteps(sample.lines, LINES_PER_STEP, (line) => ({
      ...line,
      message: scrub(line.message),
    }));
    return { ...sample, lines };
  };
  const { fields, secret } = yield* scrubFields(reading.fields, scrub);
  return {
    ...reading,
    window: yield* ofSample(reading.window),
    baseline: yield* ofSample(reading.baseline),
    fields,
    notes: [...reading.notes, ...secret],
  };
}

function* scrubMetrics({ series, ...rest }: MetricReading, scrub: Scrub): Steps<MetricReading> {
  return {
    ...scrubbed(rest, scrub),
    series: yield* mapInSteps(series, SERIES_PER_STEP, (one) => scrubbed(one, scrub)),
  };
}

function* scrubTraces(
  { attributes: all, failed, slow, services, ...rest }: TraceReading,
  scrub: Scrub,
): Steps<TraceReading> {
  const { fields: attributes, secret } = yield* scrubFields(all, scrub);
  const inSteps = <T>(some: readonly T[]): Steps<readonly T[]> =>
    mapInSteps(some, SPANS_PER_STEP, (one) => scrubbed(one, scrub));
  const others = scrubbed(rest, scrub);
  return {
    ...others,
    failed: yield* inSteps(failed),
    slow: yield* inSteps(slow),
    services: yield* inSteps(services),
    attributes,
    notes: [...others.notes, ...secret],
  };
}

/** The fields without secrets, and what is said of those that hold nothing else. */
function* scrubFields(
  all: readonly FieldCounts[],
  scrub: Scrub,
): Steps<{ readonly fields: readonly FieldCounts[]; readonly secret: readonly string[] }> {
  const scrubbedOnes: FieldCounts[] = [];
  for (const one of all) {
    scrubbedOnes.push({ ...one, values: yield* scrubValues(one, scrub) });
    yield;
  }
  const isSecret = ({ values }: FieldCounts, at: number): boolean =>
    values.length === 0 && all[at]?.values.length !== 0;
  const names = scrubbedOnes.filter(isSecret).map(({ field }) => field);
  const note = clip(oneLine(`not compared, since their values are secrets: ${names.join(", ")}`), NOTE_LENGTH);
  return {
    fields: scrubbedOnes.filter((one, at) => !isSecret(one, at)),
    secret: names.length === 0 ? [] : [note],
  };
}

/** Values that differ in a secret only are one; what is nothing but a secret says nothing. */
function* scrubValues({ field, values }: FieldCounts, scrub: Scrub): Steps<FieldCounts["values"]> {
  const shown = yield* mapInSteps(values, VALUES_PER_STEP, (one) => ({
    ...one,
    value: scrubbedValue(field, one.value, scrub),
  }));
  const alike = Map.groupBy(
    shown.filter(({ value }) => value !== REDACTED),
    ({ value }) => value,
  );
  return [...alike].map(([value, some]) => ({
    value,
    selection: some.reduce((sum, { selection }) => sum + selection, 0),
    background: some.reduce((sum, { background }) => sum + background, 0),
  }));
}
