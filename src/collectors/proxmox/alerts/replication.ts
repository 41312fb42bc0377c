import { alert } from "../../../core/alert.ts";
import { days, minutes } from "../../../core/duration.ts";
import { atLeast, equal } from "../../../core/promql.ts";
import { replicationLaterThan, replicationSignals as signals } from "../signals/replication.ts";

/** Conditions of storage replication. */
export const replicationAlerts = [
  alert({
    name: "ProxmoxReplicationFailing",
    severity: "warning",
    when: (runs) => atLeast(signals.replicationFailures.expr, runs),
    threshold: { value: 1, unit: "none", help: "failed runs since the last good one" },
    for: minutes(15),
    summary: ({ label, value }) =>
      `Replication ${label.id} of guest ${label.guest} on node ${label.node} of ${label.target} failed ${value} times`,
    description: () =>
      "The copy on the other node grows old. Proxmox VE tries again, at first after minutes and then every half hour.",
  }),
  alert({
    name: "ProxmoxReplicationLate",
    severity: "warning",
    when: (intervals) => replicationLaterThan(intervals),
    threshold: { value: 2, unit: "none", help: "age of the copy, in intervals of the job" },
    for: minutes(15),
    keepFiringFor: minutes(5),
    summary: ({ label, duration }) =>
      `The copy of guest ${label.guest} by replication ${label.id} on node ${label.node} of ${label.target} is ${duration} old`,
    description: ({ threshold }) =>
      `That is more than ${threshold} times the interval of the job. If the node failed now, all that was written since would be lost.`,
  }),
  alert({
    name: "ProxmoxReplicationDisabled",
    severity: "info",
    when: equal(signals.replicationEnabled.expr, 0),
    for: days(1),
    summary: ({ label }) => `Replication ${label.id} of guest ${label.guest} of ${label.target} is disabled`,
    description: () => "The copy on the other node is not renewed.",
  }),
];
