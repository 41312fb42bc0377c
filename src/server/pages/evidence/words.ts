import type { Verdict } from "../../../core/evidence.ts";
import { numberText } from "../../../core/evidence-words.ts";
import { inWords } from "../../../lib/times.ts";

/** The colour of a verdict. */
export const VERDICT_MOODS: Readonly<Record<Verdict, string>> = {
  significant: "bad",
  nothing_significant: "ok",
  no_baseline: "wait",
  no_data: "soft",
  source_down: "wait",
  not_configured: "soft",
};

/** Milliseconds in words. */
export const lengthText = (ms: number): string => (ms < 1_000 ? `${numberText(ms)} ms` : inWords(ms));
