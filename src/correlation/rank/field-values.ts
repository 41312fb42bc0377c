import type { EvidenceSignal } from "../../core/evidence.ts";
import type { FieldComparison, FieldCounts } from "../../core/telemetry.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { chiSquareSurvival } from "../statistics/chi-square.ts";
import { g2, type Share } from "../statistics/g2.ts";
import { holm } from "../statistics/holm.ts";
import { isIdLike } from "../statistics/id-like.ts";
import { wilsonGap } from "../statistics/wilson.ts";
import { MOST_CHANCE, toItem, type Finding } from "./finding.ts";
import { meaningOf } from "./meaning.ts";
import { percent } from "../../lib/words.ts";

/** A value matters when it stands in so much more of what is looked at, and so often. */
export const LEAST_GAP = 0.05;
export const LEAST_COUNT = 5;
/** A field with many values, such as a customer's: by chance one of them always stands in several of a few lines. */
export const MANY_VALUES = 200;
export const LEAST_GAP_OF_MANY = 0.3;

/** Fields that only say again that a thing failed or was slow. */
const SAID_AGAIN: Readonly<Record<FieldComparison, RegExp>> = {
  failed:
    /(?:^|[._])(?:level|severity(?:_text|_number)?|status|status[._]?code|status_?message|error|outcome|otel[._]status\w*|response[._]status\w*)$/i,
  slow: /(?:^|[._])duration\w*$|latency/i,
  window: /(?!)/,
};

/** Fields whose values come and go with rollouts and restarts: new ones of the window are no symptom. */
const COMES_AND_GOES =
  /pod|instance|container|version|image|host|node|ip$|address|replica|process|thread|revision|commit|hash/i;

/**
 * What a value of such a field can say about the cause, from 0 to 1. Where something runs, and what runs there, is what
 * a person can act on. What went wrong is told by none but what failed, so that it always differs.
 */
const WORTH: readonly (readonly [RegExp, number])[] = [
  [/version|image|revision|commit|hash|release/i, 1],
  [/pod|instance|container|host|node|ip$|address|zone|region|cluster|rack|shard/i, 1],
  [/peer|destination|server[._]|upstream|db[._]|rpc[._]service/i, 0.8],
  [/service|tenant|customer|user|feature|flag/i, 0.85],
  [/error|exception|status_?message/i, 0.6],
];
const WORTH_OF_OTHERS = 0.55;

const worthOf = (field: string): number => WORTH.find(([fields]) => fields.test(field))?.[1] ?? WORTH_OF_OTHERS;

/** What is looked at, in words. */
export const SELECTED: Readonly<Record<FieldComparison, Readonly<Record<FieldsQuestion["signal"], string>>>> = {
  failed: { log_fields: "error lines", trace_attributes: "failed spans" },
  slow: { log_fields: "slow lines", trace_attributes: "slow spans" },
  window: { log_fields: "lines", trace_attributes: "spans" },
};

/** What fields are compared. */
export interface FieldsQuestion {
  readonly signal: Extract<EvidenceSignal, "log_fields" | "trace_attributes">;
  readonly comparison: FieldComparison;
  readonly fields: readonly FieldCounts[];
  /** Whether what is looked at became more; nothing stands out when it did not. */
  readonly isNews: boolean;
}

/** What the fields say, and how many values of how many fields were compared. */
export interface FieldFindings {
  readonly findings: readonly Finding[];
  readonly fields: number;
  readonly values: number;
}

interface Candidate {
  readonly field: string;
  readonly value: string;
  readonly selection: Share;
  readonly background: Share;
  readonly strength: number;
  readonly gap: number;
  readonly leastGap: number;
}

/** Looks for values that stand in more of what is looked at than of what it is compared with. */
export function rankFieldValues(question: FieldsQuestion): FieldFindings {
  const fields = question.fields.filter(
    (counts) => !SAID_AGAIN[question.comparison].test(counts.field) && !isIdLike(counts),
  );
  const all = fields.flatMap(candidatesOf);
  const more = all.filter(
    ({ selection, background }) => selection.count * background.of > background.count * selection.of,
  );
  const chances = holm(more.map(({ strength }) => chiSquareSurvival(strength)));
  const tested = more.map((candidate, at) => ({ ...candidate, pValue: chances[at] ?? 1 }));
  const findings = alike(tested).map((group) => toFinding(group, question));
  return { findings, fields: fields.length, values: all.length };
}

interface Tested extends Candidate {
  readonly pValue: number;
}

/**
 * Values that are one thing, such as a pod and its address: they occur as often on both sides. The worthiest is first;
 * but a version that is wherever its service is says no more than the service.
 */
function alike(candidates: readonly Tested[]): Tested[][] {
  const groups: Tested[][] = [];
  for (const one of candidates.toSorted((a, b) => worthOf(b.field) - worthOf(a.field))) {
    const group = groups.find(([first]) => first !== undefined && isAlike(first, one));
    if (group === undefined) groups.push([one]);
    else group.push(one);
  }
  return groups.map((group) => {
    const service = group.find(({ field }) => meaningOf(field) === "service");
    return service === undefined ? group : [service, ...group.filter((one) => one !== service)];
  });
}

/** Not two values of one field: those exclude each other. */
const isAlike = (a: Candidate, b: Candidate): boolean =>
  a.field !== b.field && isClose(a.selection, b.selection) && isClose(a.background, b.background);

const isClose = (a: Share, b: Share): boolean => Math.abs(a.count - b.count) <= 0.02 * Math.max(a.count, b.count);

const candidatesOf = ({ field, values, distinct, selectionTotal, backgroundTotal }: FieldCounts): Candidate[] =>
  values.map(({ value, selection, background }) => {
    const [seen, others] = [
      { count: selection, of: selectionTotal },
      { count: background, of: backgroundTotal },
    ];
    return {
      field,
      value,
      selection: seen,
      background: others,
      strength: g2(seen, others),
      gap: wilsonGap(seen, others),
      leastGap: (distinct ?? values.length) >= MANY_VALUES ? LEAST_GAP_OF_MANY : LEAST_GAP,
    };
  });

function toFinding(group: readonly Tested[], question: FieldsQuestion): Finding {
  const [candidate, ...others] = group;
  if (candidate === undefined) throw new RangeError("a group of no values");
  const { field, value, selection, background, strength, gap, pValue } = candidate;
  const isLarge = gap >= candidate.leastGap && selection.count >= LEAST_COUNT;
  const item = toItem({
    signal: question.signal,
    identity: [field, value, question.comparison],
    title: titleOf(candidate, others, question),
    score: worthOf(field) * scoreOf(candidate),
    isSignificant: question.isNews && isLarge && pValue < MOST_CHANCE,
    numbers: { statistic: "g2", value: strength, pValue, selection, background },
    detail: { kind: "field_value", field, value: clip(value, 1_000), comparison: question.comparison },
  });
  return { item, role: question.comparison === "window" && COMES_AND_GOES.test(field) ? "context" : "symptom" };
}

/** How much of the selection has it, how seldom the others have it, and how sure that is: each from 0 to 1. */
function scoreOf({ selection, background, strength, gap }: Candidate): number {
  const sure = strength / (strength + 20);
  const [inside, outside] = [selection.count / selection.of, background.count / Math.max(1, background.of)];
  const rare = 1 - Math.min(1, outside / Math.max(inside, 1e-9));
  return sure * Math.sqrt(gap) * rare;
}

function titleOf(
  { field, value, selection, background }: Candidate,
  others: readonly Candidate[],
  { comparison, signal }: FieldsQuestion,
): string {
  const shares = [selection, background].map(({ count, of }) => percent(count / Math.max(1, of)));
  const of =
    comparison === "window"
      ? [`of the ${SELECTED.window[signal]}`, "before"]
      : [`of the ${SELECTED[comparison][signal]}`, "of the others"];
  const same =
    others.length === 0
      ? ""
      : ` (also ${named(others[0])}${others.length > 1 ? ` and ${others.length - 1} more` : ""})`;
  return `${named({ field, value })}${same}: ${shares[0] ?? ""} ${of[0] ?? ""}, ${shares[1] ?? ""} ${of[1] ?? ""}`;
}

const named = (one: Pick<Candidate, "field" | "value"> | undefined): string =>
  one === undefined ? "" : `${one.field} ${clip(oneLine(one.value), 60)}`;
