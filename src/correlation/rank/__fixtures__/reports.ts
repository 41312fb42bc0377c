import type { EvidenceItem, EvidenceSignal, Readings, SignalReport } from "../../../core/evidence.ts";
import { rankReadings } from "../rank.ts";
import { lines, logsOf, question } from "./readings.ts";

/** Ranks readings about {@link question}. */
export const rank = (given: Readings): ReturnType<typeof rankReadings> => rankReadings(given, question);

/** The report of one signal. */
export function reportOf(given: Readings, signal: EvidenceSignal): SignalReport {
  const report = rank(given).reports.find((one) => one.signal === signal);
  if (report === undefined) throw new Error(`no report of ${signal}`);
  return report;
}

/** What stands out in one signal. */
export const standing = (given: Readings, signal: EvidenceSignal): readonly EvidenceItem[] =>
  reportOf(given, signal).items.filter(({ isSignificant }) => isSignificant);

const served = (index: number): string => `GET /cart/${index} served in ${index % 40}ms`;

/** Requests as usual, `times` as many in the window as before. */
export const servedLines = (times: number): ReturnType<typeof lines> => lines("window", 900 * times, served);

/** As many a minute in window and baseline. */
export const usual = { window: servedLines(1), baseline: lines("baseline", 3_600, served) };

/** Failures of the last part of the window. */
export const refused = lines("window", 300, (index) => `payment of order ${index} refused by gateway`, {
  level: "error",
  share: 0.6,
});

/** What is usual, and the failures. */
export const failing = logsOf([...usual.window, ...refused], usual.baseline);
