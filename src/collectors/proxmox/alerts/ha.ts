import { alert } from "../../../core/alert.ts";
import { days, hours, minutes } from "../../../core/duration.ts";
import { and, equal, greater, or, unless } from "../../../core/promql.ts";
import { placedGuest } from "../signals/by-name.ts";
import { clusterSignals } from "../signals/cluster.ts";
import { haSignals as signals } from "../signals/ha.ts";

const failed = equal(signals.serviceError.expr, 1);
const placedFailed = placedGuest(failed);
/** A guest that was deleted and not taken out of high availability has no name. */
const NAME = "{{ with $labels.name }}{{ . }} {{ end }}";

/** Conditions of high availability. */
export const haAlerts = [
  alert({
    name: "ProxmoxHaServiceError",
    severity: "critical",
    when: or(placedFailed, unless(failed, placedFailed, { on: ["target", "id"] })),
    for: minutes(1),
    summary: ({ label }) => `HA gave up guest ${NAME}(${label.id}) of ${label.target}`,
    description: () =>
      "Starting, stopping or moving the guest failed too often. It may run or not; the HA manager touches it no more until somebody resets it.",
  }),
  alert({
    name: "ProxmoxHaServiceNotRecovered",
    severity: "critical",
    when: placedGuest(equal(signals.serviceUnrecovered.expr, 1)),
    for: minutes(5),
    summary: ({ label }) => `HA found no node for guest ${label.name} (${label.id}) of ${label.target}`,
    description: ({ label }) =>
      `The guest's node ${label.node} is lost. For five minutes the HA manager has not been able to start it elsewhere: no other node may, or none has what the guest needs.`,
  }),
  alert({
    name: "ProxmoxNodeFenced",
    severity: "warning",
    when: equal(signals.nodeFenced.expr, 1),
    for: minutes(0),
    keepFiringFor: minutes(30),
    summary: ({ label }) => `HA fences Proxmox node ${label.node} of ${label.target}`,
    description: () =>
      "The node was lost for a minute. Its guests under high availability are started elsewhere, as after a power cut; the node restarts itself if it still lives.",
  }),
  alert({
    name: "ProxmoxHaManagerStale",
    severity: "warning",
    when: (most) => and(greater(signals.managerAge.expr, most), greater(signals.services.expr, 0)),
    threshold: { value: 120, unit: "seconds", help: "time since the HA manager wrote its status" },
    for: minutes(5),
    summary: ({ label, duration }) => `The HA manager of ${label.target} has been silent for ${duration}`,
    description: () =>
      "It writes its status every 10 seconds. While it is silent, no guest of a lost node is started elsewhere.",
  }),
  alert({
    name: "ProxmoxHaLocalManagerStale",
    severity: "warning",
    when: (most) => and(greater(signals.localManagerAge.expr, most), equal(clusterSignals.nodeUp.expr, 1)),
    threshold: { value: 120, unit: "seconds", help: "time since the node's local resource manager wrote its status" },
    for: minutes(5),
    summary: ({ label, duration }) =>
      `The HA resource manager of node ${label.node} of ${label.target} has been silent for ${duration}`,
    description: () =>
      "The node is online, but nothing on it starts, stops or moves guests for high availability. If it held its watchdog, the node is about to be fenced.",
  }),
  alert({
    name: "ProxmoxHaDisarmed",
    severity: "warning",
    when: equal(signals.armed.expr, 0),
    for: hours(1),
    summary: ({ label }) => `High availability of ${label.target} is disarmed`,
    description: () =>
      "Somebody disarmed it, as one does before work on the network. Until it is armed again, no guest is recovered.",
  }),
  alert({
    name: "ProxmoxNodeInMaintenance",
    severity: "info",
    when: equal(signals.nodeInMaintenance.expr, 1),
    for: days(1),
    summary: ({ label }) => `Proxmox node ${label.node} of ${label.target} has been in maintenance for a day`,
    description: () =>
      "It takes no guests of high availability, and its being offline is no alert. If the work is done, take it out of maintenance.",
  }),
];
