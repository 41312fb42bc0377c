import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { atLeast, equal, greater, less } from "../../../core/promql.ts";
import { updatesWaitingFor, upkeepSignals as signals } from "../signals/upkeep.ts";

/** Conditions that come with time. */
export const upkeepAlerts = [
  alert({
    name: "ProxmoxCertificateExpiring",
    severity: "warning",
    when: (least) => less(signals.certificateLeft.expr, least),
    threshold: { value: inSeconds(days(10)), unit: "seconds", help: "time until the certificate ends" },
    for: hours(1),
    summary: ({ label, duration }) =>
      `Certificate ${label.filename} of node ${label.node} of ${label.target} ends in ${duration}`,
    description: () =>
      "Proxmox VE should have renewed it by now: its own two weeks before the end, those of ACME a month. A negative time means that it has ended.",
  }),
  alert({
    name: "ProxmoxSubscriptionLapsed",
    severity: "warning",
    when: equal(signals.subscriptionLapsed.expr, 1),
    for: hours(6),
    summary: ({ label }) => `The subscription of node ${label.node} of ${label.target} is ${label.status}`,
    description: () => "The node gets no updates from the enterprise repository any more.",
  }),
  alert({
    name: "ProxmoxUpdatesNeglected",
    severity: "info",
    when: (span) => greater(updatesWaitingFor(seconds(span)), 0),
    threshold: { value: inSeconds(days(14)), unit: "seconds", help: "time in which updates waited without a break" },
    for: hours(1),
    summary: ({ label, threshold }) => `Node ${label.node} of ${label.target} has not been updated for ${threshold}`,
    description: () => "Updates of security may be among those that wait.",
  }),
  alert({
    name: "ProxmoxTasksFailed",
    severity: "info",
    when: (least) => atLeast(signals.tasksFailed.expr, least),
    threshold: { value: 1, unit: "none", help: "failed tasks of one type on a node within 24 hours" },
    for: minutes(0),
    summary: ({ label, value }) =>
      `${value} tasks of type ${label.type} failed on node ${label.node} of ${label.target} in 24 hours`,
    description: () => "Some are only a mistake of somebody at the keyboard. The node's list of tasks has their logs.",
  }),
];
