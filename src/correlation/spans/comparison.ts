import type { FieldComparison, ServiceSpans } from "../../core/telemetry.ts";
import { failsAnew, spansAreSlower, spansFailMore } from "../rank/failures.ts";

/**
 * The services whose spans are compared: those asked for, and of those that they call the ones that got worse, since
 * that is where the cause may be.
 */
export function chooseServices(services: readonly ServiceSpans[], asked: readonly string[]): readonly ServiceSpans[] {
  return services.filter(
    (one) => asked.includes(one.service) || spansFailMore([one]) || failsAnew(one, services) || spansAreSlower([one]),
  );
}

/**
 * What to compare, by the counts of the services: what fails when more fails than before, else what is slow when it got
 * slow, else what fails when anything does. What is more is judged as it is when the evidence is weighed, lest one is
 * compared and the other is the news.
 */
export function chooseComparison(services: readonly ServiceSpans[]): FieldComparison {
  if (spansFailMore(services)) return "failed";
  if (spansAreSlower(services)) return "slow";
  if (services.some(({ window }) => window.failed > 0)) return "failed";
  return services.some(({ baseline }) => baseline.p95Ms !== undefined) ? "slow" : "window";
}
