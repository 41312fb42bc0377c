import { alert } from "../../../core/alert.ts";
import { days, hours, minutes } from "../../../core/duration.ts";
import { and, atMost, equal, greater, unless } from "../../../core/promql.ts";
import { clusterSignals as signals, nodeOffline } from "../signals/cluster.ts";

/** Conditions of the cluster as a whole. */
export const clusterAlerts = [
  alert({
    name: "ProxmoxNotQuorate",
    severity: "critical",
    when: equal(signals.quorate.expr, 0),
    for: minutes(1),
    keepFiringFor: minutes(3),
    summary: ({ label }) => `Proxmox cluster ${label.target} has no quorum`,
    description: () =>
      "The nodes that see each other are no majority. Guests that run go on, but none can be started, stopped, moved or backed up, and a node with guests under high availability restarts itself after a minute.",
  }),
  alert({
    name: "ProxmoxNodeOffline",
    severity: "critical",
    when: nodeOffline,
    for: minutes(3),
    keepFiringFor: minutes(3),
    summary: ({ label }) => `Proxmox node ${label.node} of ${label.target} is offline`,
    description: () =>
      "The cluster does not see the node. Its guests are down unless high availability starts them elsewhere. Three minutes are enough for the restart of most hosts; a node in maintenance does not count.",
  }),
  alert({
    name: "ProxmoxQuorumAtRisk",
    severity: "warning",
    when: (least) => and(atMost(signals.tolerance.expr, least), greater(signals.missingVotes.expr, 0)),
    threshold: { value: 0, unit: "none", help: "nodes that may still be lost before the quorum is" },
    for: minutes(5),
    summary: ({ label, value }) => `Proxmox cluster ${label.target} can lose only ${value} more nodes`,
    description: () =>
      "Votes are missing. At 0 the loss of one more node takes the quorum from all others: do not restart any until the missing ones are back.",
  }),
  alert({
    name: "ProxmoxQuorumWithoutReserve",
    severity: "info",
    when: and(
      and(equal(signals.tolerance.expr, 0), equal(signals.missingVotes.expr, 0)),
      greater(signals.clusterNodes.expr, 1),
    ),
    for: hours(1),
    summary: ({ label }) => `Proxmox cluster ${label.target} can not lose a node though all are there`,
    description: () =>
      "So it is with two nodes: each restart of one stops changes on the other. A quorum device on a third machine gives the missing vote.",
  }),
  alert({
    name: "ProxmoxQuorumDeviceDown",
    severity: "warning",
    when: equal(signals.quorumDevice.expr, 0),
    for: minutes(5),
    summary: ({ label }) => `Proxmox cluster ${label.target} has lost its quorum device`,
    description: () =>
      "The device's vote is missing: the cluster goes on, and tolerates fewer losses than it was built for.",
  }),
  alert({
    name: "ProxmoxVersionsDiffer",
    severity: "warning",
    when: greater(signals.versions.expr, 1),
    for: days(1),
    summary: ({ label, value }) => `The nodes of ${label.target} run ${value} different versions of Proxmox VE`,
    description: () =>
      "An upgrade was begun and not finished. Guests migrate from older to newer nodes, and not always back.",
  }),
  alert({
    name: "ProxmoxGuestsNotListed",
    severity: "warning",
    when: and(unless(signals.guestsSeen.expr, signals.knownGuests.expr), signals.knownNodes.expr),
    for: minutes(10),
    summary: ({ label }) => `Proxmox cluster ${label.target} lists no guests any more`,
    description: () =>
      "It did within the last 6 hours. Proxmox VE answers with empty lists when a token loses its rights, so every alert about guests is silent now.",
  }),
];
