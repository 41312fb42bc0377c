import { formatDuration } from "../../../core/duration.ts";
import type { Slo } from "../../model.ts";
import { tiersOf } from "../../tiers.ts";
import { error, percent, warning } from "../check.ts";
import { numberIn, sumOf, type LiveCheck } from "./live-check.ts";

const HOUR = "1h";

/** Nothing that happens now: perhaps a quiet hour, perhaps the wrong query. */
export const noTraffic: LiveCheck = {
  name: "no-traffic",
  async check({ sli }, ask) {
    if (sli.kind === "composite") return [];
    const [field, query] =
      sli.kind === "events"
        ? (["sli.total", sumOf(sli.total.at(HOUR))] as const)
        : (["sli.ratio", `count(${sli.errorRatio.at(HOUR)})`] as const);
    const events = numberIn(await ask(query));
    if (events === undefined)
      return [
        warning(
          field,
          "gives nothing over the last hour: if that is not as it should be, look at its metric and labels",
        ),
      ];
    return events > 0
      ? []
      : [warning(field, "counts no event in the last hour: if there were some, it asks for the wrong ones")];
  },
};

/** A ratio that no ratio can be: errors are not a part of the total. */
export const ratioOutOfRange: LiveCheck = {
  name: "ratio-out-of-range",
  async check({ sli }, ask) {
    if (sli.kind === "composite") return [];
    const [field, query] =
      sli.kind === "events"
        ? (["sli.errors", `${sumOf(sli.errors.at(HOUR))} / (${sumOf(sli.total.at(HOUR))} > 0)`] as const)
        : (["sli.ratio", `max(${sli.errorRatio.at(HOUR)})`] as const);
    const ratio = numberIn(await ask(query));
    // a counter's increase is an estimate
    if (ratio === undefined || (ratio >= 0 && ratio <= 1.05)) return [];
    const what =
      sli.kind === "events"
        ? "are not a part of the total: give both the same metric and matchers"
        : "is no share from 0 to 1: divide percentages by 100";
    return [error(field, `makes ${percent(ratio)} of the last hour's events, so it ${what}`)];
  },
};

/** A minimum that not even a total outage would reach at this traffic. */
export const unreachedMinimum: LiveCheck = {
  name: "unreached-minimum",
  async check(slo, ask) {
    const { sli, minimum } = slo;
    const most = Math.max(minimum.events, minimum.failures);
    if (sli.kind !== "events" || most <= 0) return [];
    const faults = [];
    for (const long of longWindows(slo)) {
      const events = numberIn(await ask(sumOf(sli.total.at(long))));
      if (events === undefined || events >= most || events <= 0) continue;
      faults.push(
        warning(
          "minimum",
          `asks for ${most} ${minimum.events >= minimum.failures ? "events" : "failures"} in ${long}, in which only ${Math.round(events)} events happened: an outage would not fire its tier; lower the minimum, or add probes`,
        ),
      );
    }
    return faults;
  },
};

const longWindows = (slo: Slo): readonly string[] => [
  ...new Set(
    tiersOf(slo)
      .filter(({ alert }) => slo.alerting[alert].enabled)
      .map(({ long }) => formatDuration(long)),
  ),
];

const MANY = 200;

/** Groups that each get a budget, alerts and all the records. */
export const manyGroups: LiveCheck = {
  name: "many-groups",
  async check({ sli, groupBy }, ask) {
    if (sli.kind === "composite" || groupBy.length === 0) return [];
    const query = sli.kind === "events" ? sli.total.at("5m") : sli.errorRatio.at("5m");
    const groups = numberIn(await ask(`count(count by (${groupBy.join(", ")}) (${query}))`)) ?? 0;
    if (groups <= MANY) return [];
    return [
      warning(
        "group_by",
        `makes ${groups} groups, each with series and alerts of its own: group by fewer labels, or select fewer series`,
      ),
    ];
  },
};
