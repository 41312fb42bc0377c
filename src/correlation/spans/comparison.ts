import type { FieldComparison, ServiceSpans } from "../../core/telemetry.ts";

/** So many fail before it is worth to look at what is common to them. */
const ENOUGH = 5;

/** Of fewer spans the slowest twentieth is one span, which says nothing. */
const ENOUGH_DURATIONS = 20;

/**
 * The services whose spans are compared: those asked for, and of those that they call the ones that got worse, since that is
 * where the cause may be.
 */
export function chooseServices(services: readonly ServiceSpans[], asked: readonly string[]): readonly ServiceSpans[] {
  return services.filter((one) => asked.includes(one.service) || failsMore([one]) || isSlower(one));
}

/**
 * What to compare, by the counts of the services: what fails when more fails than before, else what is slow when it got slow,
 * else what fails when anything does.
 */
export function chooseComparison(services: readonly ServiceSpans[]): FieldComparison {
  if (failsMore(services)) return "failed";
  if (services.some(isSlower)) return "slow";
  if (sum(services, "window", "failed") > 0) return "failed";
  return services.some(({ baseline }) => baseline.p95Ms !== undefined) ? "slow" : "window";
}

function failsMore(services: readonly ServiceSpans[]): boolean {
  const failed = sum(services, "window", "failed");
  const share = failed / Math.max(1, sum(services, "window", "spans"));
  const shareBefore = sum(services, "baseline", "failed") / Math.max(1, sum(services, "baseline", "spans"));
  return failed >= ENOUGH && share > 2 * shareBefore;
}

function isSlower({ window, baseline }: ServiceSpans): boolean {
  if (Math.min(window.spans, baseline.spans) < ENOUGH_DURATIONS) return false;
  return window.p95Ms !== undefined && baseline.p95Ms !== undefined && window.p95Ms > 1.5 * baseline.p95Ms;
}

function sum(services: readonly ServiceSpans[], side: "window" | "baseline", what: "spans" | "failed"): number {
  return services.reduce((total, service) => total + service[side][what], 0);
}
