import { ascending, divide, greater, max, min, scalarMinus, select, subtract, time } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { certificates } from "../metrics.ts";
import { endingSoon, lifetime, renewalOverdue, SHARES, timeLeft, timeSinceEnd } from "./lifetime.ts";

/** What a leaf is known by in a table. */
const LEAF = ["target", "location", "subject_CN", "serial_number"] as const;

/** Leaves of which less than this share of their lifetime is left. */
export const leavesEndingSoon = (share: number) =>
  endingSoon({ lateness: "warning", roles: ["leaf"], chosen: "leaf" }, share);

/** Leaves of which next to nothing is left. */
export const leavesEndingNow = (share: number) =>
  endingSoon({ lateness: "critical", roles: ["leaf"], chosen: "leaf" }, share);

/** Share of its lifetime by which a leaf may be renewed too late. */
export const LATE_SHARE = 0.05;

/** What can be asked of the dates of leaves, wherever they are served or stored. */
export const leafSignals = {
  leafShare: signal({
    title: "Lifetime left",
    help: "Share of the lifetime that is left, the least first: a third when renewal is due, less than a quarter is late, and below 0 it has ended.",
    unit: "ratio",
    expr: ascending(min(divide(timeLeft("leaf"), lifetime("leaf")), { by: LEAF })),
  }),
  leafLeft: signal({
    title: "Time left",
    help: "Time until each leaf ends; negative for those that have ended.",
    unit: "seconds",
    expr: min(timeLeft("leaf"), { by: LEAF }),
  }),
  leafEnds: signal({
    title: "Ends",
    help: "When each leaf ends.",
    unit: "timestamp",
    expr: min(select(certificates.notAfter, { role: "leaf" }), { by: LEAF }),
  }),
  leafRenewal: signal({
    title: "Renewal",
    help: "When each leaf should be renewed, where that is known.",
    unit: "timestamp",
    expr: min(select(certificates.renewal, { role: "leaf" }), { by: LEAF }),
  }),
  leafSinceEnd: signal({
    title: "Leaves that have ended",
    help: "For how long; clients refuse what serves one.",
    unit: "seconds",
    expr: greater(timeSinceEnd("leaf"), 0),
  }),
  leafEndingNow: signal({
    title: "Leaves about to end",
    help: "Time left of those with less than a tenth of their lifetime, and less than 14 days.",
    unit: "seconds",
    expr: leavesEndingNow(SHARES.critical),
  }),
  leafEndingSoon: signal({
    title: "Leaves that end soon",
    help: "Time left of those with less than a quarter of their lifetime, and less than 30 days.",
    unit: "seconds",
    expr: leavesEndingSoon(SHARES.warning),
  }),
  leafOverdue: signal({
    title: "Leaves that should have been renewed",
    help: "How long ago, where that is more than an hour and a twentieth of their lifetime.",
    unit: "seconds",
    expr: renewalOverdue(LATE_SHARE),
  }),
  leafUntilBegin: signal({
    title: "Time until a leaf begins to be valid",
    help: "More than 0 for one that clients refuse until then: a clock is wrong, or it was put in place too early.",
    unit: "seconds",
    expr: subtract(select(certificates.notBefore, { role: "leaf" }), time()),
  }),
  leafAge: signal({
    title: "Youngest leaf",
    help: "How long ago the newest leaf of each target was made: it shows when renewal last worked.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(certificates.notBefore, { role: "leaf" }), { by: ["target"] })),
  }),
};
