import type { Duration } from "../../core/duration.ts";
import { levelAt } from "./burn-levels.ts";
import { alert, alertsText, busy, ofGroup, outageLength, type Case, type CaseContext } from "./case-parts.ts";

/**
 * One group that fails among others, and the alert that tells of it alone within a time: the page, or without one the
 * ticket.
 */
export function groupCases(context: CaseContext, wait: Duration): readonly Case[] {
  const { slo, feeds, timing } = context;
  const [feed] = feeds;
  const [bad] = feed?.groups ?? [];
  if (feed === undefined || bad === undefined || feed.groups.length < 2 || slo.sli.kind === "composite") return [];
  const length = outageLength(context, wait);
  const level = levelAt(slo, 1 / (1 - slo.objective));
  const which = level.page ? "page" : "ticket";
  const lines = feed.groups.flatMap((group) => {
    const failed = group === bad ? busy(slo) : 0;
    // the others have so many events that the bad one would not be seen in the sum
    const total = busy(slo) * (group === bad ? 1 : 1_000);
    return ofGroup({ feed, group, timing }, [{ length, total, failed }]);
  });
  const told = alertsText({ page: level.page, ticket: !level.page && level.ticket });
  return [
    {
      name: `one of ${feed.groups.length} groups fails and is a thousandth of all events: ${told}, for it alone`,
      inputs: lines,
      expects: [alert(context, length, which, level[which])],
    },
  ];
}
