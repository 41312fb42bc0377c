import type { BundleQuestion, EvidenceItem } from "../../core/evidence.ts";
import type { Finding } from "./finding.ts";
import { meaningOf } from "./meaning.ts";
import { FAILURE_SEVERITY, severityOf } from "./severity.ts";

/** What only says that another failed counts for so much less than what that other says of itself. */
const OF_ECHO = 0.6;
/** Kinds of errors that say by their names that another failed. */
const OF_ANOTHER = /upstream|gateway/i;
/** Fields that name the request that was looked at, whatever became of it. */
const OF_ROOT = /(?:^|[._])root_?(?:service)?_?name$/i;

/** Services whose own logs tell of failures that stand out, and those of them that only tell of another's. */
interface Failing {
  readonly own: ReadonlySet<string>;
  readonly callers: ReadonlySet<string>;
}

/** Puts what only repeats another's failure behind what that other says of itself. */
export function withEchoesBehind(findings: readonly Finding[]): Finding[] {
  const failing = failingOf(findings.map(({ item }) => item));
  return findings.map((finding) => (isEcho(finding.item, failing) ? behind(finding) : finding));
}

/**
 * Whether a person learns nothing of it: it names the request, the service of the alert, or one that only calls what
 * failed.
 */
export function saysNothingNew(
  items: readonly EvidenceItem[],
  { scope }: BundleQuestion,
): (item: EvidenceItem) => boolean {
  const { callers } = failingOf(items);
  const asked = new Set(scope.entities.filter(({ distance }) => distance === 0).map(({ name }) => name));
  return ({ detail }) =>
    detail.kind === "field_value" &&
    (OF_ROOT.test(detail.field) ||
      (meaningOf(detail.field) === "service" && (asked.has(detail.value) || callers.has(detail.value))));
}

function failingOf(items: readonly EvidenceItem[]): Failing {
  const patterns = items.flatMap(({ detail, isSignificant }) =>
    detail.kind === "log_pattern" && isSignificant && severityOf(detail.level, detail.template) >= FAILURE_SEVERITY
      ? [detail]
      : [],
  );
  const failing = new Set(patterns.flatMap(({ services }) => services));
  const own = new Set(
    patterns.filter((pattern) => !namesAnother(pattern, failing)).flatMap(({ services }) => services),
  );
  return { own, callers: new Set([...failing].filter((service) => !own.has(service))) };
}

interface Pattern {
  readonly template: string;
  readonly services: readonly string[];
}

const namesAnother = ({ template, services }: Pattern, others: ReadonlySet<string>): boolean =>
  template.split(/[\s,:;()"'=[\]]+/).some((word) => others.has(word) && !services.includes(word));

function isEcho({ detail }: EvidenceItem, { own }: Failing): boolean {
  if (detail.kind === "log_pattern") return namesAnother(detail, own);
  if (detail.kind !== "field_value" || own.size === 0) return false;
  const meaning = meaningOf(detail.field);
  return (meaning === "peer" && own.has(detail.value)) || (meaning === "error" && OF_ANOTHER.test(detail.value));
}

const behind = ({ item, ...rest }: Finding): Finding => ({
  ...rest,
  item: { ...item, score: Number((OF_ECHO * item.score).toFixed(4)) },
});
