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

const COMPARED: Readonly<Record<string, readonly [window: string, baseline: string]>> = {
  failed: ["of what failed", "of the rest"],
  slow: ["of what was slow", "of the rest"],
  window: ["in the window", "before"],
};

/** Whether neither logs nor traces nor metrics could be read: that nothing stands out then means nothing. */
export const isBlind = ({ reports }: Pick<Bundle, "reports">): boolean =>
  reports.every(
    ({ signal, verdict }) => signal === "changes" || verdict === "source_down" || verdict === "not_configured",
  );

/** The numbers of an item in words: how often, among how many, against what. Empty where nothing was counted. */
export function countsInWords({ numbers, detail }: EvidenceItem): string {
  const [inWindow, before] = COMPARED[detail.kind === "field_value" ? detail.comparison : "window"] ?? ["", ""];
  return [
    ...(numbers.window === undefined ? [] : [`${shareText(numbers.window)} ${inWindow}`]),
    ...(numbers.baseline === undefined ? [] : [`${shareText(numbers.baseline)} ${before}`]),
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
