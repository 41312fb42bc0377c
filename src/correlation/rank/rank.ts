import {
  EVIDENCE_SIGNALS,
  type BundleQuestion,
  type EvidenceSignal,
  type Readings,
  type SignalReport,
} from "../../core/evidence.ts";
import { computeAtOnce, type Steps } from "../../lib/steps.ts";
import { corroborated } from "./corroborate.ts";
import { saysNothingNew, withEchoesBehind } from "./echoes.ts";
import { byScore } from "./finding.ts";
import { lookAt, type Looked } from "./look-at.ts";
import { topOf } from "./merge.ts";
import { reportOf, reportWithout } from "./said.ts";

/** The source of each signal. */
const READ_IN: Readonly<Record<EvidenceSignal, keyof Readings>> = {
  changes: "changes",
  logs: "logs",
  log_fields: "logs",
  traces: "traces",
  trace_attributes: "traces",
  metrics: "metrics",
};

/** What is to be thought of all signals. */
export interface Ranked {
  readonly reports: readonly SignalReport[];
  /** Ids of what a person should look at first. */
  readonly top: readonly string[];
}

/** As {@link rankInSteps}, at once. */
export const rankReadings = (readings: Readings, question: BundleQuestion): Ranked =>
  computeAtOnce(rankInSteps(readings, question));

/**
 * Makes of what the sources answered what is to be thought of it: a report for each signal, in the order of
 * {@link EVIDENCE_SIGNALS}, and the ids of what a person should look at first. The same readings give the same answer.
 */
export function* rankInSteps(readings: Readings, question: BundleQuestion): Steps<Ranked> {
  const looked = new Map<EvidenceSignal, Looked>();
  for (const signal of EVIDENCE_SIGNALS) {
    const found = yield* lookAt(signal, readings, question);
    if (found !== undefined) looked.set(signal, found);
    yield;
  }
  const isBlind = [...looked].every(
    ([signal, { lookedAt }]) => signal === "changes" || lookedAt.count === 0 || lookedAt.noBaseline !== undefined,
  );
  const items = corroborated(
    withEchoesBehind([...looked.values()].flatMap(({ findings }) => findings)),
    isBlind,
  ).toSorted(byScore);
  const reports = EVIDENCE_SIGNALS.map((signal) => {
    const found = looked.get(signal);
    const outcome = readings[READ_IN[signal]];
    if (outcome.state !== "read" || found === undefined)
      return reportWithout(signal, outcome.state === "read" ? { state: "not_configured" } : outcome);
    return reportOf(
      signal,
      items.filter((item) => item.signal === signal),
      found.lookedAt,
      found.notes,
    );
  });
  const shown = reports.flatMap((report) => report.items);
  const isOld = saysNothingNew(shown, question);
  return { reports, top: topOf(shown.filter((item) => !isOld(item))) };
}
