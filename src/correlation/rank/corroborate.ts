import type { EvidenceItem } from "../../core/evidence.ts";
import type { Finding } from "./finding.ts";

/** Of what its score lacks to 1 a change gains so much when what stands out names what it changed. */
const GAIN = 0.5;
/** Shorter values stand in titles by chance. */
const LEAST_LENGTH = 3;

/**
 * Context stands out only beside a symptom, or where no symptom could be seen (`isBlind`): a deploy on a quiet day is
 * no evidence. A change whose title holds a value that stands out, such as the version of what fails, is the likelier
 * one.
 */
export function corroborated(findings: readonly Finding[], isBlind: boolean): EvidenceItem[] {
  const symptoms = findings.filter(({ item, role }) => role === "symptom" && item.isSignificant);
  const values = findings.flatMap(({ item: { detail, isSignificant } }) =>
    isSignificant && detail.kind === "field_value" && detail.value.length >= LEAST_LENGTH ? [detail.value] : [],
  );
  return findings.map(({ item, role }) => {
    if (role === "symptom") return item;
    if (symptoms.length === 0 && !isBlind) return { ...item, isSignificant: false };
    return item.detail.kind === "change" && names(item.detail.change.title, values) ? gained(item) : item;
  });
}

/** Whether it stands in the title as a word of its own: `1.2` is not in `11.2.0`. */
const names = (title: string, values: readonly string[]): boolean =>
  values.some((value) => ` ${title} `.split(/[\s,:;()"']+/).includes(value));

const gained = (item: EvidenceItem): EvidenceItem => ({
  ...item,
  score: Number((item.score + GAIN * (1 - item.score)).toFixed(4)),
});
