import { hours, minutes } from "../../../core/duration.ts";
import {
  atLeast,
  count,
  countWhere,
  divide,
  equal,
  greater,
  increase,
  max,
  min,
  multiply,
  or,
  rate,
  scalarMinus,
  select,
  sum,
  time,
  unless,
} from "../../../core/promql.ts";
import { partMetrics } from "../../../core/self-metrics.ts";
import { signal } from "../../../core/signal.ts";
import { GONE_AFTER, serviceSignals } from "./service.ts";

const { partSuccess, missedPolls, missingPieces } = serviceSignals;

/** One value of each part, however many Watchkeepers poll it. */
const by = ["target", "collector", "part"] as const;

/** What the dashboard asks of polls, besides what alerts ask. */
export const partSignals = {
  partsGone: signal({
    title: "Parts without data",
    help: "Parts that missed three polls or more, whose series are gone: alerts that need them are silent.",
    unit: "none",
    expr: countWhere(missedPolls.expr, (of) => atLeast(of, GONE_AFTER)),
  }),
  partsNeverRead: signal({
    title: "Parts never read",
    help: "Parts of which no poll succeeded since Watchkeeper was started; mostly a credential or an address.",
    unit: "none",
    expr: countWhere(partSuccess.expr, (of) => unless(equal(of, 0), missedPolls.expr)),
  }),
  partsIncomplete: signal({
    title: "Incomplete parts",
    help: "Parts that lack a piece for a reason that does not pass by itself, such as a permission.",
    unit: "none",
    expr: or(count(greater(missingPieces.expr, 0)), multiply(count(partSuccess.expr), 0)),
  }),
  mostMissed: signal({
    title: "Most polls missed",
    help: "Of the part that is read worst; from 3 on its series are gone.",
    unit: "none",
    expr: max(missedPolls.expr),
  }),
  success: signal({ ...partSuccess, title: "Polls that succeed", expr: min(partSuccess.expr, { by }) }),
  missed: signal({ ...missedPolls, title: "Missed polls", expr: max(missedPolls.expr, { by }) }),
  age: signal({
    title: "Age of the data",
    help: "Since the last poll that succeeded; it should not pass twice the part's interval.",
    unit: "seconds",
    expr: max(scalarMinus(time(), select(partMetrics.lastSuccess)), { by }),
  }),
  errors: signal({
    title: "Failures per second",
    help: "By reason, pieces of a part included; any that goes on needs somebody.",
    unit: "none",
    expr: greater(sum(rate(select(partMetrics.errors).over(minutes(5))), { by: [...by, "reason"] }), 0),
  }),
  recentErrors: signal({
    title: "Failures in the last hour",
    help: "Which part fails and why; the reference page of errors says what to do about each reason.",
    unit: "none",
    expr: greater(sum(increase(select(partMetrics.errors).over(hours(1))), { by: [...by, "reason"] }), 0),
  }),
  duration: signal({
    title: "Duration of polls",
    help: "Of the newest poll; a course that grows is a system that becomes slow.",
    unit: "seconds",
    expr: max(select(partMetrics.duration), { by }),
  }),
  busy: signal({
    title: "Share of the interval that a poll takes",
    help: "Worry above 50%: a poll that is not over when the next one is due makes that one late.",
    unit: "ratio",
    expr: max(divide(select(partMetrics.duration), select(partMetrics.interval)), { by }),
  }),
};
