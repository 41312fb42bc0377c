import type { Severity } from "../../../core/alert.ts";
import { days, inSeconds, type Duration } from "../../../core/duration.ts";
import { count, countWhere, equal, greater, less, max, min, select } from "../../../core/promql.ts";
import { signal, type Level } from "../../../core/signal.ts";
import { certificates, endpoints } from "../metrics.ts";
import { endpointSignals } from "./endpoints.ts";
import { LATE_SHARE, leavesEndingNow, leavesEndingSoon } from "./leaves.ts";
import { renewalOverdue, SHARES, timeLeft, timeSinceEnd } from "./lifetime.ts";

/** Each certificate in each place once, whichever of several Watchkeepers sees it. */
const PLACE = ["target", "location", "serial_number", "discriminator"] as const;
const leaves = min(select(certificates.notAfter, { role: "leaf" }), { by: PLACE });

/** The engine does not know the alerts' conditions again in what is counted here. */
const fromOneOn = (severity: Severity): readonly Level[] => [
  { from: null, severity: "ok" },
  { from: 1, severity },
];

const endingWithin = (span: Duration, title: string) =>
  signal({
    title,
    help: "Leaves that end in that time, by the calendar and not by their lifetime.",
    unit: "none",
    expr: countWhere(min(timeLeft("leaf"), { by: PLACE }), (left) => less(left, inSeconds(span))),
  });

/** One number each over all places: whether certificates are well. */
export const summarySignals = {
  ended: signal({
    title: "Leaves ended",
    help: "Certificates that clients refuse, wherever they are served or stored.",
    unit: "none",
    expr: countWhere(leaves, () => min(greater(timeSinceEnd("leaf"), 0), { by: PLACE })),
    levels: fromOneOn("critical"),
  }),
  endingNow: signal({
    title: "Leaves about to end",
    help: "Those with less than a tenth of their lifetime, and less than 14 days.",
    unit: "none",
    expr: countWhere(leaves, () => min(leavesEndingNow(SHARES.critical), { by: PLACE })),
    levels: fromOneOn("critical"),
  }),
  endingSoon: signal({
    title: "Leaves that end soon",
    help: "Those with less than a quarter of their lifetime, and less than 30 days.",
    unit: "none",
    expr: countWhere(leaves, () => min(leavesEndingSoon(SHARES.warning), { by: PLACE })),
    levels: fromOneOn("warning"),
  }),
  overdue: signal({
    title: "Renewals overdue",
    help: "Leaves that should have been replaced by now: renewal does not work, long before they end.",
    unit: "none",
    expr: countWhere(leaves, () => min(renewalOverdue(LATE_SHARE), { by: PLACE })),
    levels: fromOneOn("warning"),
  }),
  endpointsDown: signal({
    title: "Endpoints without TLS",
    help: "Those with which no session came about, so that nothing is known of what they serve.",
    unit: "none",
    expr: countWhere(endpointSignals.reachable.expr, (up) => equal(up, 0)),
    levels: fromOneOn("warning"),
  }),
  untrusted: signal({
    title: "Endpoints that clients refuse",
    help: "Those whose certificate is not trusted here, or was made for another name.",
    unit: "none",
    expr: countWhere(
      min(select(endpoints.check, { endpoint: ["!=", ""], check: ["=~", "trust|hostname"] }), {
        by: ["target", "endpoint"],
      }),
      (passes) => equal(passes, 0),
    ),
    levels: fromOneOn("warning"),
  }),
  found: signal({
    title: "Different certificates",
    help: "How many there are by their fingerprints, in how many places whatever; authorities that are only served do not count.",
    unit: "none",
    expr: count(max(select(certificates.info), { by: ["fingerprint_sha256"] })),
  }),
  withinDay: endingWithin(days(1), "Within a day"),
  withinWeek: endingWithin(days(7), "Within a week"),
  withinMonth: endingWithin(days(30), "Within 30 days"),
  withinQuarter: endingWithin(days(90), "Within 90 days"),
};
