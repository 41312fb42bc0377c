import { isOpen, newsOf, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { GroupChange } from "../../core/delivery-store.ts";
import type { GroupEvidence } from "../../core/evidence.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { priorityOf } from "../groups/priority-of.ts";

const MOST_LINES = 8;
const LINE_LENGTH = 200;

/**
 * Puts evidence on a group, so that those who know of the group are told of it. `asked` is the group as it was when it
 * was asked about: nothing is done when none of what fired then fires any more, when the evidence is older than what is
 * there or worth less, and when it says the same but for its numbers.
 */
export function attachEvidence(asked: AlertGroup, evidence: GroupEvidence): GroupChange {
  const lines = shownLines(evidence.lines);
  const firing = new Set(firingKeys(asked));
  return {
    groupId: asked.id,
    // it begins no conversation
    destinations: [],
    apply: (current) => {
      if (current === undefined || lines.length === 0 || !isOpen(current)) return current;
      if (!firingKeys(current).some((key) => firing.has(key))) return current;
      return isNewer({ ...evidence, lines }, current.evidence) ? attached(current, { ...evidence, lines }) : current;
    },
    priority: priorityOf,
  };
}

const shownLines = (lines: readonly string[]): readonly string[] =>
  lines
    .map((line) => clip(oneLine(line.toWellFormed()), LINE_LENGTH))
    .filter((line) => line !== "")
    .slice(0, MOST_LINES);

const firingKeys = ({ alerts }: AlertGroup): readonly string[] =>
  alerts.filter(({ state }) => state === "firing").map(keyOf);

const keyOf = ({ fingerprint, startsAt }: GroupAlert): string => `${fingerprint}@${startsAt}`;

function isNewer(evidence: GroupEvidence, known: GroupEvidence | undefined): boolean {
  if (known === undefined) return true;
  if (known.bundleId === evidence.bundleId || known.at > evidence.at || isWorse(evidence, known)) return false;
  return known.lines.map(withoutNumbers).join("\n") !== evidence.lines.map(withoutNumbers).join("\n");
}

/**
 * Finding nothing is worse than to find something; else it is worse to have seen less, when both are about the same
 * alert.
 */
function isWorse(evidence: GroupEvidence, known: GroupEvidence): boolean {
  if (evidence.foundNothing !== known.foundNothing) return evidence.foundNothing === true;
  return evidence.about === known.about && (evidence.unseen ?? 0) > (known.unseen ?? 0);
}

/** Counts grow from one look to the next; a version or a name with digits is no count. */
const withoutNumbers = (line: string): string => line.replaceAll(/(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\d,]|\.\d)/g, "#");

/** The group's own times stay: by them it is known what its sender said when. */
function attached(group: AlertGroup, evidence: GroupEvidence): AlertGroup {
  const revision = group.revision + 1;
  return { ...group, evidence, revision, evidenceOnly: { first: newsOf(group) + 1, last: revision } };
}
