import type { BundleQuestion, Scope } from "../../core/evidence.ts";
import type { LogReading } from "../../core/telemetry.ts";
import { mapInSteps, type Steps } from "../../lib/steps.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";
import { holm } from "../statistics/holm.ts";
import { WILDCARD } from "../statistics/mask.ts";
import { MOST_CHANCE, toItem, type Finding } from "./finding.ts";
import { exposuresOf, growthOf, isAll, type Exposure, type Exposures, type Growth } from "./growth.ts";
import { joinPatterns } from "./join.ts";
import { minePatterns, type Mined, type Pattern } from "./mine.ts";
import { onlyPlace } from "./place.ts";
import { FAILURE_SEVERITY, severityOf } from "./severity.ts";
import { counted, number, times } from "../../lib/words.ts";

/** A pattern matters when it comes so many times as often as before, and so often at all. */
export const LEAST_GROWTH = 2;
export const LEAST_LINES = 5;
const LONGEST_TEMPLATE = 400;
const LONGEST_SAMPLE = 1_000;
const PATTERNS_PER_STEP = 100;

/** What the patterns of the logs say, and how many there are. */
export interface PatternFindings {
  readonly findings: readonly Finding[];
  readonly patterns: number;
}

/** Looks for patterns that grew from baseline to window, in their share of the lines as well as in lines a minute. */
export function* rankLogPatterns(reading: LogReading, question: BundleQuestion): Steps<PatternFindings> {
  const exposures = exposuresOf(reading, question);
  const mined = yield* minePatterns(reading, question);
  const patterns = joinPatterns(mined.patterns);
  const compared = yield* mapInSteps(patterns, PATTERNS_PER_STEP, (pattern) => ({
    pattern,
    ...growthOf(pattern, exposures, isOfFailure(pattern)),
  }));
  const grown = compared.filter(({ pattern, growth }) => pattern.window > 0 && growth > 1 && saysSomething(pattern));
  const chances = holm(grown.map(({ value }) => chiSquareSurvival(value)));
  const judged = grown.map((one, at) => ({ ...one, ...judge(one, chances[at] ?? 1, exposures) }));
  const groups = judged.flatMap(({ pattern, isSignificant }, at) =>
    isSignificant ? pattern.ids.map((id) => [id, at] as const) : [],
  );
  const leads = yield* mined.leads.among(new Map(groups));
  const findings = yield* mapInSteps(judged, PATTERNS_PER_STEP, (one, at) => {
    const distance = distanceOf(one.pattern.services, question.scope);
    return toFinding(one, { lead: leads.get(at), place: placeOf(one, mined), distance }, exposures);
  });
  return { patterns: patterns.length, findings };
}

/** Of what does not stand out it is not asked. */
function placeOf({ pattern, isSignificant }: Judged, { places }: Mined): string | undefined {
  if (!isSignificant) return undefined;
  const services = pattern.services.length === 0 ? [""] : pattern.services;
  return onlyPlace(
    pattern.places,
    services.flatMap((service) => places.get(service) ?? []),
  );
}

/** What is to be thought of a pattern, before it is known which others it leads. */
interface Judged extends Growth {
  readonly pattern: Pattern;
  readonly pValue: number;
  /** In the window, those that were not read included. */
  readonly lines: number;
  readonly isSignificant: boolean;
}

function judge(
  { pattern, growth }: Pick<Judged, "pattern" | "growth">,
  pValue: number,
  { window, baseline }: Exposures,
): Pick<Judged, "pValue" | "lines" | "isSignificant"> {
  const lines = pattern.window * window.weight;
  const isKnown = baseline.lines > 0;
  return {
    pValue,
    lines,
    isSignificant: isKnown && pValue < MOST_CHANCE && growth >= LEAST_GROWTH && lines >= LEAST_LINES,
  };
}

/** Steps to the nearest service that the pattern is of, as far as it is known. */
function distanceOf(services: readonly string[], { entities }: Scope): number {
  const distances = entities.filter(({ name }) => services.includes(name)).map(({ distance }) => distance);
  return distances.length === 0 ? 1 : Math.min(...distances);
}

interface Whereabouts {
  /** Steps from what the alert names. */
  readonly distance: number;
  /** See {@link Mined}. */
  readonly lead: number | undefined;
  /** The only pod or host that its lines come from. */
  readonly place: string | undefined;
}

function toFinding(judged: Judged, { lead, place, distance }: Whereabouts, { window, baseline }: Exposures): Finding {
  const { pattern, value, pValue, isSignificant } = judged;
  const severity = severityOf(pattern.level, pattern.template);
  const template = clip(oneLine(pattern.template), LONGEST_TEMPLATE);
  const isNew = pattern.baseline === 0 && baseline.lines > 0 && isAll(baseline);
  const item = toItem({
    signal: "logs",
    identity: [pattern.level ?? "", pattern.template],
    title: `${whereOf(pattern, isNew)}${whatOf(judged, isNew, { window, baseline })}${place === undefined ? "" : `, only on ${place}`}: ${template}`,
    score: severity * strengthOf(judged) * pointsAt({ lead, place, distance }),
    isSignificant,
    numbers: {
      statistic: "g2",
      value,
      pValue,
      selection: { count: pattern.window, of: window.lines },
      background: { count: pattern.baseline, of: baseline.lines },
    },
    detail: {
      kind: "log_pattern",
      template,
      sample: clip(pattern.sample?.message ?? "", LONGEST_SAMPLE),
      ...(pattern.level !== undefined && { level: pattern.level }),
      firstSeenAt: pattern.sample?.at ?? 0,
      isNew,
      services: pattern.services.slice(0, 10),
      ...(pattern.traceId !== undefined && { traceId: pattern.traceId }),
    },
  });
  return { item, role: severity >= FAILURE_SEVERITY ? "symptom" : "context" };
}

/** How much it points at the cause: it leads, it names a place, it is near to what the alert names. */
const pointsAt = ({ lead, place, distance }: Whereabouts): number =>
  (lead === undefined ? 0.8 : 0.5 + 0.5 * lead) * (place === undefined ? 1 : 1.1) * (1 - 0.1 * Math.min(3, distance));

/** Sure, much more than before, and not only a few lines: each from 0 to 1. */
function strengthOf({ value, growth, lines }: Judged): number {
  const sure = value / (value + 20);
  const more = Math.min(1, Math.log2(Math.max(1, growth)) / 6);
  const many = Math.min(1, Math.log10(1 + lines) / 3);
  return sure * (0.3 + 0.45 * more + 0.25 * many);
}

function whereOf({ services }: Pattern, isNew: boolean): string {
  const [first] = services;
  const log =
    first === undefined ? "the log" : services.length === 1 ? `${first}'s log` : `${services.length} services' logs`;
  return isNew ? `new in ${log}, ` : `${log}, `;
}

function whatOf({ lines, growth, least, pattern }: Judged, isNew: boolean, { window, baseline }: Exposures): string {
  const about = window.weight > 1 ? "about " : "";
  const often = `${about}${counted(Math.round(lines), "line")}`;
  if (isNew || baseline.lines === 0) return often;
  if (pattern.baseline === 0) return `${often}, none among the ${readOf(baseline)} lines read before`;
  if (least === growth) return `${often}, ${times(growth)} the usual`;
  return `${often}, ${least >= LEAST_GROWTH ? `at least ${times(least)} the usual` : "much more than before"}`;
}

const readOf = ({ lines, of, isExact }: Exposure): string =>
  lines >= of && isExact ? number(lines) : `${number(lines)} of ${isExact ? "" : "at least "}${number(of)}`;

/** Of nothing but parameters nobody learns anything. */
const saysSomething = ({ template }: Pattern): boolean => /[\p{L}]/u.test(template.replaceAll(WILDCARD, ""));

const isOfFailure = ({ level, template }: Pattern): boolean => severityOf(level, template) >= FAILURE_SEVERITY;
