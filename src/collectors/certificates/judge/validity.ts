import { failed, passed, type CheckResult } from "../checks.ts";
import type { Chain } from "./chain.ts";

/** When all certificates of a chain are valid, in Unix seconds; the end counts to it. */
export interface Span {
  readonly from: number;
  readonly until: number;
}

/** The {@link Span} of a chain. It is empty (`until` before `from`) when they are never valid together. */
export const spanOf = (chain: Chain): Span => ({
  from: Math.max(...chain.map(({ notBefore }) => notBefore)),
  until: Math.min(...chain.map(({ notAfter }) => notAfter)),
});

const holds = ({ from, until }: Span, now: number): boolean => from <= now && now <= until;

/** The span that ends last; of those that hold now when there is one. */
function best(spans: readonly Span[], now: number): Span | undefined {
  const holding = spans.filter((span) => holds(span, now));
  const [first, ...others] = holding.length > 0 ? holding : spans;
  if (first === undefined) return undefined;
  return others.reduce((latest, span) => (span.until > latest.until ? span : latest), first);
}

/** The check `validity`: one chain that is valid now is enough. */
export function validityCheck(spans: readonly Span[], now: number): CheckResult | undefined {
  const span = best(spans, now);
  if (span === undefined) return undefined;
  if (holds(span, now)) return passed("validity");
  return failed("validity", now > span.until ? "expired" : "not_yet_valid");
}

/**
 * When the chain ends that lasts longest, of those that are valid now, as blackbox_exporter has it. Where none is valid
 * now, which blackbox_exporter takes for no chain at all, it is that of the others, so that an expired one keeps its
 * series.
 */
export const chainExpiry = (verified: readonly Span[], now: number): number | undefined => best(verified, now)?.until;
