import { alert } from "../../../core/alert.ts";
import { days, hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { equal, greater, less } from "../../../core/promql.ts";
import { systemSignals as signals } from "../signals/system.ts";

/** Conditions of the machine and its services. */
export const systemAlerts = [
  alert({
    name: "TrueNasDown",
    severity: "critical",
    when: equal(signals.up.expr, 0),
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `TrueNAS ${label.target} does not answer`,
    description: () =>
      "If the machine is down, everything that uses its shares and volumes hangs. It may also be that only its API hangs or refuses the key: Watchkeeper's page of targets shows the reason.",
  }),
  alert({
    name: "TrueNasNotReady",
    severity: "warning",
    when: equal(signals.ready.expr, 0),
    for: minutes(10),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `TrueNAS ${label.target} has not been ready for 10 minutes`,
    description: () =>
      "It answers, and says that it still boots or shuts down. Shares, apps and tasks may not have been started.",
  }),
  alert({
    name: "TrueNasRebootRequired",
    severity: "info",
    when: equal(signals.rebootRequired.expr, 1),
    for: days(1),
    keepFiringFor: hours(1),
    summary: ({ label }) => `TrueNAS ${label.target} wants to be restarted`,
    description: () => "Something was changed that takes effect only with the next start, such as an update.",
  }),
  alert({
    name: "TrueNasClockOff",
    severity: "warning",
    when: (most) => greater(signals.clockOff.expr, most),
    threshold: {
      value: inSeconds(seconds(10)),
      unit: "seconds",
      help: "difference between the server's clock and Watchkeeper's",
    },
    for: minutes(15),
    keepFiringFor: minutes(15),
    summary: ({ label, duration }) => `The clock of TrueNAS ${label.target} is off by ${duration}`,
    description: () =>
      "One of the two clocks is wrong, the server's or Watchkeeper's. Names of snapshots and times of tasks are wrong with it, and from 5 minutes on nobody can log in by Kerberos.",
  }),
  alert({
    name: "TrueNasServiceStopped",
    severity: "warning",
    when: signals.serviceStopped.expr,
    for: minutes(5),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Service ${label.service} of TrueNAS ${label.target} does not run`,
    description: () =>
      "It is set to start with the system. It failed, or somebody stopped it and did not start it again.",
  }),
  alert({
    name: "TrueNasMemoryLow",
    severity: "warning",
    when: (least) => less(signals.memoryLeft.expr, least),
    threshold: { value: 0.1, unit: "ratio", help: "share of the memory that programs or the read cache have left" },
    for: minutes(30),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage }) => `TrueNAS ${label.target} has ${percentage} of its memory left`,
    description: () =>
      "The read cache of ZFS counts as left, and has been pushed out already. Reading gets slow, and when nothing is left the kernel ends an app or a service.",
  }),
];
