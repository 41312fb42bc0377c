import pLimit from "p-limit";
import { CollectError } from "../../../core/errors.ts";
import { HttpStatusError } from "../../../lib/http/client.ts";
import type { PrometheusTarget } from "../../../lib/prometheus/query-range.ts";
import type { Slo, SloFinding } from "../../model.ts";
import { error, findings, warning } from "../check.ts";
import { asker, type Ask } from "./instant-query.ts";
import type { LiveCheck } from "./live-check.ts";
import { unknownSeries } from "./series.ts";
import { manyGroups, noTraffic, ratioOutOfRange, unreachedMinimum } from "./traffic.ts";

/** Every check that asks a running Prometheus. */
export const liveChecks: readonly LiveCheck[] = [
  unknownSeries,
  noTraffic,
  ratioOutOfRange,
  unreachedMinimum,
  manyGroups,
];

const CONCURRENCY = 4;
/** SLOs that are looked at, so that a check of thousands is no load test. */
const MOST_SLOS = 500;

/**
 * Looks at SLOs with a running Prometheus: whether their series are there, what happens now, and whether the numbers
 * can be right. A query that the server refuses is a finding of its SLO; throws `CollectError` when it can not be asked
 * at all.
 */
export async function checkLive(slos: readonly Slo[], target: PrometheusTarget): Promise<readonly SloFinding[]> {
  const ask = asker(target);
  const limit = pLimit(CONCURRENCY);
  const looked = slos.slice(0, MOST_SLOS);
  const found = await Promise.all(looked.map((slo) => limit(() => checkOne(slo, ask))));
  const [next] = slos.slice(MOST_SLOS);
  const rest = `and those after it were not looked at: only the first ${MOST_SLOS} of ${slos.length} are; name fewer files`;
  return [...found.flat(), ...(next === undefined ? [] : findings("not-looked-at", next, [warning("", rest)]))];
}

async function checkOne(slo: Slo, ask: Ask): Promise<readonly SloFinding[]> {
  const found: SloFinding[] = [];
  for (const { name, check } of liveChecks) {
    try {
      const faults = await check(slo, ask);
      found.push(...findings(name, slo, faults));
      // what follows would only say the same again
      if (name === unknownSeries.name && faults.some(({ severity }) => severity === "error")) break;
    } catch (thrown) {
      const said = refusal(thrown);
      if (said === undefined) throw thrown;
      found.push(...findings("refused-query", slo, [error("sli", `is refused by the server: ${said}`)]));
      break;
    }
  }
  return found;
}

/** What a server says of a query that it can not evaluate. */
function refusal(thrown: unknown): string | undefined {
  if (thrown instanceof HttpStatusError && [400, 422].includes(thrown.status)) return thrown.said || thrown.message;
  // a scalar is no SLI, though PromQL
  if (thrown instanceof CollectError && thrown.reason === "unexpected_shape") return "it gives no vector";
  return undefined;
}
