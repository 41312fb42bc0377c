import type { BundleQuestion } from "../../core/evidence.ts";
import type { LogLine, LogReading } from "../../core/telemetry.ts";
import { mapInSteps, type Steps } from "../../lib/steps.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";
import { dispersion } from "../statistics/dispersion.ts";
import { rateG2 } from "../statistics/g2.ts";
import { holm } from "../statistics/holm.ts";
import { toItem, type Finding } from "./finding.ts";
import { exposuresOf, mostOf, type Exposures } from "./growth.ts";
import { cut, sliceLength, type Slices } from "./slices.ts";
import { number, times } from "../../lib/words.ts";

/** What has at most this share of what is usual fell silent; traffic halves by itself, and so does a log. */
export const MOST_LEFT = 0.1;
/** Of fewer lines or requests in such a time, none is no news. */
export const LEAST_USUAL = 20;
/** Traffic doubles by itself; what has so many times of what is usual is news. */
export const LEAST_FLOOD = 10;
const MOST_CHANCE = 0.001;
/** What fell silent can say nothing else, so that it stands among the first. */
const SCORE = 0.75;
const LINES_PER_STEP = 5_000;

/** What there is of one service, and how much would be usual in such a time. */
export interface Volume {
  readonly service: string;
  readonly now: number;
  readonly usual: number;
  /** The same where more was read of one time than of the other: at most so much is usual. */
  readonly most: number;
  /** G² of the rates, divided by how much they come in bursts. */
  readonly value: number;
}

/** A volume that fell or rose far beyond what happens by itself. */
export interface Upheaval extends Volume {
  readonly what: "fell_silent" | "grew";
  readonly pValue: number;
}

/** Which of these fell silent, and which grew far beyond their traffic. */
export function upheavalsOf(volumes: readonly Volume[]): Upheaval[] {
  const chances = holm(volumes.map(({ value }) => chiSquareSurvival(value)));
  return volumes.flatMap((volume, at): Upheaval[] => {
    const { now, usual, most } = volume;
    const pValue = chances[at] ?? 1;
    if (pValue >= MOST_CHANCE) return [];
    if (usual >= LEAST_USUAL && now <= MOST_LEFT * usual) return [{ ...volume, what: "fell_silent", pValue }];
    return now >= LEAST_FLOOD * most && now >= LEAST_USUAL ? [{ ...volume, what: "grew", pValue }] : [];
  });
}

/**
 * Looks whether the log of a service fell silent, or has many times as many lines, whatever they say: one piece of
 * each.
 */
export function* rankLogVolume(reading: LogReading, question: BundleQuestion): Steps<Finding[]> {
  const { window, baseline, incomplete } = reading;
  // of what could not be searched nobody knows whether it is silent, or was
  if (incomplete !== undefined || !window.isExact || !baseline.isExact) return [];
  const upheavals = upheavalsOf(yield* volumesOf(reading, question)).toSorted((a, b) => b.value - a.value);
  return [...Map.groupBy(upheavals, ({ what }) => what).values()].map((group) => toFinding(group));
}

function* volumesOf({ window, baseline }: LogReading, question: BundleQuestion): Steps<Volume[]> {
  const sliceMs = sliceLength(question.window);
  const exposures = exposuresOf({ window, baseline }, question);
  const now = yield* slicesOf(window.lines, cut(question.window, sliceMs));
  const before = yield* slicesOf(baseline.lines, cut(question.baseline, sliceMs));
  return [...before].map(([service, usual]) => volumeOf(service, now.get(service) ?? [], usual, exposures));
}

function volumeOf(
  service: string,
  now: readonly number[],
  before: readonly number[],
  { window, baseline }: Exposures,
): Volume {
  const [count, usual] = [sum(now), sum(before)];
  const ratio = (window.ms * window.weight) / baseline.ms;
  const first = now.findIndex((lines) => lines > 0);
  const bursts = dispersion([before, first < 0 ? [] : now.slice(first)]);
  return {
    service,
    now: count * window.weight,
    usual: usual * ratio,
    most: mostOf(usual) * ratio,
    value: rateG2({ count, over: window.ms }, { count: usual, over: baseline.ms }) / bursts,
  };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Lines of each service by slices of time; those without a service under the empty name. */
function* slicesOf(lines: readonly LogLine[], { sliceOf, count }: Slices): Steps<Map<string, number[]>> {
  const counts = new Map<string, number[]>();
  yield* mapInSteps(lines, LINES_PER_STEP, ({ service = "", at }) => {
    const slices = counts.get(service) ?? Array.from({ length: count }, () => 0);
    counts.set(service, slices);
    slices[sliceOf(at)] = (slices[sliceOf(at)] ?? 0) + 1;
  });
  return counts;
}

function toFinding(group: readonly Upheaval[]): Finding {
  const [first] = group;
  if (first === undefined) throw new RangeError("a group of no services");
  const { service, what, value, pValue } = first;
  const others = group.length === 1 ? "" : `, and so did ${logsOf(group.slice(1))}`;
  const item = toItem({
    signal: "logs",
    identity: [what, service],
    title: `${logsOf([first])} ${changeOf(first, "line")}${others}`,
    score: SCORE * (value / (value + 20)),
    isSignificant: true,
    numbers: { statistic: "g2", value, pValue },
    detail: { kind: "service", service, what },
  });
  return { item, role: "symptom" };
}

const logsOf = (volumes: readonly Volume[]): string => {
  const names = volumes.map(({ service }) => (service === "" ? "the log" : `${service}'s`));
  const [last = ""] = names.slice(-1);
  const all = names.length > 3 ? `${number(names.length)} others` : names.join(" and ");
  return volumes.length === 1 && last !== "the log" ? `${last} log` : all;
};

/** How a volume changed, such as `fell silent: 0 lines, usually 900 in such a time`. */
export function changeOf({ what, now, usual }: Upheaval, one: string): string {
  const [here, before] = [Math.round(now), Math.round(usual)];
  const told = `${number(here)} ${here === 1 ? one : `${one}s`}, usually ${number(before)} in such a time`;
  if (what === "grew") return `has ${times(now / usual)} the usual ${one}s (${told})`;
  return here === 0 ? `fell silent: ${told}` : `is nearly silent: ${told}`;
}
