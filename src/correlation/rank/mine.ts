import type { BundleQuestion } from "../../core/evidence.ts";
import type { LogLevel, LogLine, LogReading } from "../../core/telemetry.ts";
import { mapInSteps, type Steps } from "../../lib/steps.ts";
import { createDrain, type Drain } from "../statistics/drain.ts";
import { createLeads, type Leads } from "./leads.ts";
import { addPlace, noPlaces, type Places } from "./place.ts";
import { cut, sliceLength, type Slices } from "./slices.ts";

/** A line takes some ten microseconds. */
const LINES_PER_STEP = 100;
const PATTERNS_PER_STEP = 200;

/** What is known of the lines of one pattern. */
export interface Pattern {
  /** By which {@link Leads} know it; several of what was joined. */
  readonly ids: readonly number[];
  readonly template: string;
  readonly level: LogLevel | undefined;
  /** Lines among those that were read. */
  readonly window: number;
  readonly baseline: number;
  /** The same by slices of time. */
  readonly windowSlices: readonly number[];
  readonly baselineSlices: readonly number[];
  /** The first line of the window. */
  readonly sample: LogLine | undefined;
  readonly traceId: string | undefined;
  /** Where its lines of the window come from. */
  readonly places: Places;
  /** Those with the most lines of the window first. */
  readonly services: readonly string[];
}

interface Tally {
  readonly level: LogLevel | undefined;
  readonly windowSlices: number[];
  readonly baselineSlices: number[];
  sample: LogLine | undefined;
  traceId: string | undefined;
  readonly places: Places;
  readonly services: Map<string, number>;
}

/** What is in the lines. */
export interface Mined {
  readonly patterns: readonly Pattern[];
  readonly leads: Leads;
  /** Where all lines of the window come from, by service; those without one under the empty name. */
  readonly places: ReadonlyMap<string, Places>;
}

/** Groups the lines of window and baseline by one tree, so that a pattern is the same in both. */
export function* minePatterns(reading: LogReading, { window, baseline }: BundleQuestion): Steps<Mined> {
  const drain = createDrain();
  const leads = createLeads();
  const places = new Map<string, Places>();
  const tallies: Tally[] = [];
  const sliceMs = sliceLength(window);
  const [ofBaseline, ofWindow] = [cut(baseline, sliceMs), cut(window, sliceMs)];
  yield* mapInSteps(reading.baseline.lines, LINES_PER_STEP, (line) =>
    count(tallyOf(tallies, patternOf(drain, line), line).baselineSlices, ofBaseline, line.at),
  );
  yield* mapInSteps(reading.window.lines, LINES_PER_STEP, (line) => {
    const pattern = patternOf(drain, line);
    addToWindow(tallyOf(tallies, pattern, line), ofWindow, line);
    if (line.traceId !== undefined) leads.see(line.traceId, pattern, line.at);
    const ofService = places.get(line.service ?? "") ?? noPlaces();
    places.set(line.service ?? "", ofService);
    addPlace(ofService, line);
  });
  const patterns = yield* mapInSteps(tallies, PATTERNS_PER_STEP, (tally, id) =>
    toPattern(tally, { id, template: drain.template(id), ofWindow, ofBaseline }),
  );
  return { patterns, leads, places };
}

const patternOf = (drain: Drain, { message, level }: LogLine): number => drain.add(message, level ?? "");

function tallyOf(tallies: Tally[], pattern: number, { level }: LogLine): Tally {
  return (tallies[pattern] ??= {
    level,
    windowSlices: [],
    baselineSlices: [],
    sample: undefined,
    traceId: undefined,
    places: noPlaces(),
    services: new Map(),
  });
}

function addToWindow(tally: Tally, ofWindow: Slices, line: LogLine): void {
  count(tally.windowSlices, ofWindow, line.at);
  tally.sample ??= line;
  tally.traceId ??= line.traceId;
  addPlace(tally.places, line);
  if (line.service !== undefined) tally.services.set(line.service, (tally.services.get(line.service) ?? 0) + 1);
}

function count(slices: number[], { sliceOf }: Slices, at: number): void {
  const slice = sliceOf(at);
  slices[slice] = (slices[slice] ?? 0) + 1;
}

interface Place {
  readonly id: number;
  readonly template: string;
  readonly ofWindow: Slices;
  readonly ofBaseline: Slices;
}

function toPattern(tally: Tally, { id, template, ofWindow, ofBaseline }: Place): Pattern {
  const windowSlices = filled(tally.windowSlices, ofWindow.count);
  const baselineSlices = filled(tally.baselineSlices, ofBaseline.count);
  return {
    ids: [id],
    template,
    level: tally.level,
    window: sum(windowSlices),
    baseline: sum(baselineSlices),
    windowSlices,
    baselineSlices,
    sample: tally.sample,
    traceId: tally.traceId,
    places: tally.places,
    services: [...tally.services].toSorted((a, b) => b[1] - a[1]).map(([service]) => service),
  };
}

const filled = (slices: readonly number[], length: number): number[] =>
  Array.from({ length }, (_, at) => slices[at] ?? 0);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
