import { alert } from "../../../core/alert.ts";
import { days, minutes } from "../../../core/duration.ts";
import { equal, greater } from "../../../core/promql.ts";
import { deviceSignals as signals } from "../signals/devices.ts";

/** Conditions of a pool as a whole, and of what redundancy it has left. */
export const poolAlerts = [
  alert({
    name: "TrueNasPoolSuspended",
    severity: "critical",
    when: equal(signals.suspended.expr, 1),
    for: minutes(1),
    keepFiringFor: minutes(15),
    summary: ({ label }) => `Pool ${label.pool} of ${label.target} is suspended`,
    description: () =>
      "More disks failed than it can do without, so ZFS stopped all work on it. Everything that uses it hangs until the disks are back and the pool is cleared.",
  }),
  alert({
    name: "TrueNasPoolNotImported",
    severity: "critical",
    when: equal(signals.imported.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Pool ${label.pool} of ${label.target} is not there`,
    description: () =>
      "The server knows of the pool and could not import it: disks are missing, or it was in use elsewhere. Its shares, apps and volumes are gone.",
  }),
  alert({
    name: "TrueNasPoolRedundancyLost",
    severity: "critical",
    when: signals.redundancyLost.expr,
    for: minutes(5),
    keepFiringFor: minutes(15),
    summary: ({ label }) =>
      `Pool ${label.pool} of ${label.target}: the next failing disk of ${label.class} vdev ${label.vdev} takes all data`,
    description: () =>
      "The pool was built with redundancy and this part of it has none left: a disk failed or was detached, or a single disk was added. The pool may call itself ONLINE all the same.",
  }),
  alert({
    name: "TrueNasVdevDegraded",
    severity: "warning",
    when: signals.vdevDegraded.expr,
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label, value }) =>
      `Pool ${label.pool} of ${label.target}: ${label.class} vdev ${label.vdev} is short of disks, and ${value} more may fail`,
    description: () =>
      "A disk of it failed, was taken out or detached, or is not filled yet. The data is there, with less redundancy than the vdev was built for.",
  }),
  alert({
    name: "TrueNasPoolUnhealthy",
    severity: "warning",
    when: signals.unhealthy.expr,
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Pool ${label.pool} of ${label.target} is ${label.status}, and not healthy`,
    description: () =>
      "A disk is missing or failing, or data was found damaged. A pool that is ONLINE and not healthy has seen errors of its disks.",
  }),
  alert({
    name: "TrueNasPoolWithoutRedundancy",
    severity: "info",
    when: signals.withoutRedundancy.expr,
    for: days(1),
    keepFiringFor: minutes(30),
    summary: ({ label }) => `Pool ${label.pool} of ${label.target} has no redundancy`,
    description: () =>
      "It was built so: the failure of one disk destroys it. That is well for data that is elsewhere too; if so, switch this alert off or silence it by its pool.",
  }),
  alert({
    name: "TrueNasSpareInUse",
    severity: "warning",
    when: greater(signals.sparesInUse.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label, value }) => `Hot spares in use in pool ${label.pool} of ${label.target}: ${value}`,
    description: () =>
      "A disk failed and a spare took its place. Replace the failed one, so that the spare is free for the next.",
  }),
];
