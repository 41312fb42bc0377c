import type { Change } from "./telemetry.ts";
import type { Bundle, EvidenceItem, EvidenceNumbers, EvidenceSignal, Verdict } from "./evidence.ts";

/** Names of the signals for people. */
export const SIGNAL_NAMES: Readonly<Record<EvidenceSignal, string>> = {
  changes: "Changes",
  logs: "Log patterns",
  log_fields: "Fields of log lines",
  traces: "Traces",
  trace_attributes: "Attributes of spans",
  metrics: "Metrics",
};

/** Verdicts for people. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  significant: "stands out",
  nothing_significant: "nothing stands out",
  no_baseline: "nothing to compare with",
  no_data: "no data",
  source_down: "could not be read",
  not_configured: "not configured",
};

const BEFORE = ["in the window", "before"] as const;
const COMPARED: Readonly<Record<string, readonly [selection: string, background: string]>> = {
  failed: ["of what failed", "of the others"],
  slow: ["of what was slow", "of the others"],
};

/** How one learned of a change, by its source. */
const TOLD: Readonly<Record<string, string>> = {
  api: "reported to the API",
  prometheus: "seen in metrics",
  alerts: "another alert",
};

/** How one learned of a change: `seen in metrics`. */
export const toldText = ({ source }: Pick<Change, "source">): string => TOLD[source] ?? `told by ${source}`;

/** Whether neither logs nor traces nor metrics could be read: that nothing stands out then means nothing. */
export const isBlind = ({ reports }: Pick<Bundle, "reports">): boolean =>
  reports.every(
    ({ signal, verdict }) => signal === "changes" || verdict === "source_down" || verdict === "not_configured",
  );

/**
 * Whether nothing of what was asked about was found anywhere: what has no data at all may be misspelled, and is not
 * well.
 */
const isUnheardOf = ({ reports }: Pick<Bundle, "reports">): boolean =>
  reports.every(
    ({ signal, verdict }) =>
      signal === "changes" || !["significant", "nothing_significant", "no_baseline"].includes(verdict),
  );

/** What is said where nothing stands out: that nothing does, or why that says nothing. */
export function nothingText(bundle: Pick<Bundle, "reports">): string {
  if (isBlind(bundle)) return "nothing could be read";
  return isUnheardOf(bundle)
    ? "nothing is known: no line, span or series of it was found in this time, so look whether its name is right"
    : "nothing, in what could be read";
}

/** The numbers of an item in words: how often, among how many, against what. Empty where nothing was counted. */
export function countsInWords({ numbers, detail }: EvidenceItem): string {
  const [inWindow, before] = (detail.kind === "field_value" && COMPARED[detail.comparison]) || BEFORE;
  return [
    ...(numbers.selection === undefined ? [] : [`${shareText(numbers.selection)} ${inWindow}`]),
    ...(numbers.background === undefined ? [] : [`${shareText(numbers.background)} ${before}`]),
  ].join(", ");
}

/** How strong it is, for those who want to know; empty of an example. */
export function statisticText({ statistic, value, pValue }: EvidenceNumbers): string {
  const number = numberText(value);
  const text = {
    g2: `G² ${number}`,
    exceedance_ks: `exceedance × KS ${number}`,
    proximity: `proximity ${number}`,
    duration: `${number} times the p95 before`,
    none: "",
  }[statistic];
  if (pValue === undefined) return text;
  return `${text}, p ${pValue < 0.001 ? "< 0.001" : `= ${numberText(pValue)}`}`;
}

/** A number to three digits, thousands apart. */
export const numberText = (value: number): string =>
  Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));

function shareText({ count, of }: { readonly count: number; readonly of: number }): string {
  if (of === 0) return `${numberText(count)} of 0`;
  return `${numberText(count)} of ${numberText(of)} (${Number(((count / of) * 100).toPrecision(2))} %)`;
}
