import type { EvidenceItem, EvidenceSignal, SignalReport, Verdict } from "../../core/evidence.ts";
import type { Outcome } from "../../core/telemetry.ts";
import { counted } from "../../lib/words.ts";

/** What was looked at in a signal. */
export interface LookedAt {
  /** How much there was to judge; with none of it there is no data. */
  readonly count: number;
  /** What is counted, such as `pattern`. */
  readonly one: string;
  readonly many?: string;
  /** What was asked, for the sentence that there is nothing: `no line of log was found`. */
  readonly nothing: string;
  /** A sentence's end about how it was looked at, such as `10,000 of 240,113 lines were read`. */
  readonly remark?: string;
  readonly sample?: SignalReport["sample"];
  /** Why nothing was asked: said in place of `nothing`. */
  readonly notAsked?: string | undefined;
  /** Why there is nothing to compare with, such as `no line of the time before was found`. */
  readonly noBaseline?: string | undefined;
  /** What failed without which nobody can say that nothing stands out. */
  readonly incomplete?: string | undefined;
}

const SOURCES: Readonly<Record<EvidenceSignal, string>> = {
  changes: "changes",
  logs: "logs",
  log_fields: "logs",
  traces: "traces",
  trace_attributes: "traces",
  metrics: "metrics",
};

/** Items that do not stand out are shown only to see what came nearest. */
const MOST_ITEMS = 20;
const MOST_OTHERS = 5;

/** The report of a signal whose source could not be asked, or did not answer. */
export function reportWithout(
  signal: EvidenceSignal,
  outcome: Exclude<Outcome<unknown>, { readonly state: "read" }>,
): SignalReport {
  const source = SOURCES[signal];
  return outcome.state === "down"
    ? {
        signal,
        verdict: "source_down",
        said: `the source of ${source} could not be read: ${outcome.message}`,
        items: [],
        notes: [],
      }
    : { signal, verdict: "not_configured", said: `no source of ${source} is configured`, items: [], notes: [] };
}

/** The report of a signal that was read. `items`: the best first. */
export function reportOf(
  signal: EvidenceSignal,
  items: readonly EvidenceItem[],
  lookedAt: LookedAt,
  notes: readonly string[],
): SignalReport {
  const standing = items.filter(({ isSignificant }) => isSignificant);
  const verdict = verdictOf(standing.length, lookedAt);
  const others = items.filter(({ isSignificant }) => !isSignificant).slice(0, MOST_OTHERS);
  return {
    signal,
    verdict,
    said: [
      sentence(verdict, standing.length, lookedAt),
      ...(lookedAt.remark === undefined ? [] : [lookedAt.remark]),
    ].join("; "),
    ...(lookedAt.sample !== undefined && { sample: lookedAt.sample }),
    items: [...standing, ...others].slice(0, MOST_ITEMS),
    notes,
  };
}

function verdictOf(standing: number, { count, incomplete, noBaseline }: LookedAt): Verdict {
  if (standing > 0) return "significant";
  if (incomplete !== undefined) return "source_down";
  if (noBaseline !== undefined) return "no_baseline";
  return count > 0 ? "nothing_significant" : "no_data";
}

function sentence(verdict: Verdict, standing: number, lookedAt: LookedAt): string {
  const { count, one, many, nothing, notAsked, incomplete, noBaseline } = lookedAt;
  if (verdict === "source_down") return `whether anything stands out can not be said: ${incomplete}`;
  if (verdict === "no_baseline") return `there is nothing to compare with: ${noBaseline}`;
  if (verdict === "no_data") return notAsked ?? nothing;
  if (verdict === "significant")
    return `${standing} of ${counted(count, one, many)} ${standing === 1 ? "stands" : "stand"} out`;
  return count === 1 ? `the only ${one} does not stand out` : `none of ${counted(count, one, many)} stands out`;
}
