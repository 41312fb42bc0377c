import { numberText } from "../../../core/evidence-words.ts";
import { inWords } from "../../../lib/times.ts";

/** Milliseconds in words. */
export const lengthText = (ms: number): string => (ms < 1_000 ? `${numberText(ms)} ms` : inWords(ms));
