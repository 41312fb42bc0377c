import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes } from "../../../core/duration.ts";
import { atLeast, greater } from "../../../core/promql.ts";
import { placedGuest } from "../signals/by-name.ts";
import { guestSignals as signals } from "../signals/guests.ts";

/** Conditions of guests; templates are none. */
export const guestAlerts = [
  alert({
    name: "ProxmoxGuestStopped",
    severity: "warning",
    when: signals.guestDown.expr,
    for: minutes(10),
    summary: ({ label }) => `Guest ${label.name} (${label.id}) on node ${label.node} of ${label.target} does not run`,
    description: () =>
      "It is set to start with its node, or high availability shall keep it running, and no backup or other work has it locked.",
  }),
  alert({
    name: "ProxmoxGuestFaulted",
    severity: "critical",
    when: signals.guestsHalted.expr,
    for: minutes(2),
    summary: ({ label }) =>
      `Virtual machine ${label.name} (${label.id}) on node ${label.node} of ${label.target} is halted by an error`,
    description: () =>
      "Proxmox VE calls it running, but QEMU has stopped it: its storage is full or gone, its kernel panicked, or QEMU failed.",
  }),
  alert({
    name: "ProxmoxGuestLocked",
    severity: "warning",
    when: signals.guestsLocked.expr,
    for: hours(6),
    summary: ({ label }) =>
      `Guest ${label.name} (${label.id}) on node ${label.node} of ${label.target} has been locked for 6 hours`,
    description: () =>
      "A backup, migration or snapshot takes very long, or was broken off and left its lock. A locked guest can not be started, moved or backed up.",
  }),
  alert({
    name: "ProxmoxGuestRestarting",
    severity: "warning",
    when: (times) => placedGuest(atLeast(signals.restarts.expr, times)),
    threshold: { value: 3, unit: "none", help: "restarts of a guest within an hour" },
    for: minutes(0),
    keepFiringFor: minutes(30),
    summary: ({ label, value }) =>
      `Guest ${label.name} (${label.id}) on node ${label.node} of ${label.target} restarted ${value} times in an hour`,
    description: () => "It crashes soon after its start, or something starts and stops it again and again.",
  }),
  alert({
    name: "ProxmoxGuestStalled",
    severity: "warning",
    when: (share) => greater(signals.stalled.expr, share),
    threshold: { value: 0.3, unit: "ratio", help: "share of the time in which all tasks of a guest wait" },
    for: minutes(30),
    keepFiringFor: minutes(10),
    summary: ({ label, percentage }) =>
      `Guest ${label.name} (${label.id}) on node ${label.node} of ${label.target} waits for ${label.resource} ${percentage} of its time`,
    description: () =>
      "All its tasks stand still meanwhile: cpu means that the node has none left for it, io that its storage is too slow, memory that it swaps or that its limit is too low.",
  }),
  alert({
    name: "ProxmoxSnapshotOld",
    severity: "info",
    when: (most) => greater(signals.snapshotAge.expr, most),
    threshold: { value: inSeconds(days(30)), unit: "seconds", help: "age of a guest's oldest snapshot" },
    for: hours(6),
    summary: ({ label, duration }) =>
      `Guest ${label.name} (${label.id}) of ${label.target} has a snapshot of ${duration} ago`,
    description: () =>
      "A snapshot is no backup: it grows with every change, and on thin volumes it takes space that nobody counts.",
  }),
];
