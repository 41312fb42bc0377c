import { createHash } from "node:crypto";
import type { EvidenceDetail, EvidenceItem, EvidenceNumbers, EvidenceSignal } from "../../core/evidence.ts";
import { clip, oneLine } from "../../lib/text.ts";

/**
 * Holm's limit of one signal: with five signals that have chances, one quiet window in twenty gives anything at most.
 */
export const MOST_CHANCE = 0.01;

/** A piece of evidence that is not yet weighed against the others. */
export interface Finding {
  readonly item: EvidenceItem;
  /**
   * A symptom says by itself that something is wrong. What is context (a deploy, a new routine line) explains one, and
   * does not stand out where nothing is wrong.
   */
  readonly role: "symptom" | "context";
}

/** What a piece of evidence is made of. */
export interface Draft {
  readonly signal: EvidenceSignal;
  /** What makes it this one and no other, the same in every run. */
  readonly identity: readonly string[];
  readonly title: string;
  /** Any number; it is kept between 0 and 1. */
  readonly score: number;
  readonly isSignificant: boolean;
  readonly numbers: EvidenceNumbers;
  readonly detail: EvidenceDetail;
}

/** Makes the piece of evidence with its lasting id, and a title that a phone can show. */
export const toItem = ({ signal, identity, title, score, ...rest }: Draft): EvidenceItem => ({
  id: `${signal}-${createHash("sha256")
    .update(JSON.stringify([signal, ...identity]))
    .digest("hex")
    .slice(0, 10)}`,
  signal,
  title: clip(oneLine(title), 200),
  score: Number(Math.min(1, Math.max(0, score)).toFixed(4)),
  ...rest,
});

/** The best first; those of one score in the order of their ids, so that two runs agree. */
export const byScore = (a: EvidenceItem, b: EvidenceItem): number =>
  Number(b.isSignificant) - Number(a.isSignificant) || b.score - a.score || (a.id < b.id ? -1 : 1);
