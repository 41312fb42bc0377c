import { alert } from "../../../core/alert.ts";
import { hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { and, equal, greater, less, unless } from "../../../core/promql.ts";
import { clusterSignals } from "../signals/cluster.ts";
import { commitmentSignals as commitment } from "../signals/commitment.ts";
import { nodeSignals as signals, rootAvailableIn } from "../signals/nodes.ts";

/** Conditions of single nodes. */
export const nodeAlerts = [
  alert({
    name: "ProxmoxNodeStatisticsMissing",
    severity: "warning",
    when: and(
      and(unless(signals.statisticsSeen.expr, signals.nodeUptime.expr), equal(clusterSignals.nodeUp.expr, 1)),
      clusterSignals.knownGuests.expr,
      { on: ["target"] },
    ),
    for: minutes(10),
    summary: ({ label }) => `Proxmox node ${label.node} of ${label.target} is online and sends no statistics`,
    description: () =>
      "Its service pvestatd is stopped or hangs, most often on a network storage that does not answer. The state of its guests and storages is not known meanwhile, so their alerts are silent.",
  }),
  alert({
    name: "ProxmoxNodeCpuHigh",
    severity: "warning",
    when: (most) => greater(signals.nodeCpu.expr, most),
    threshold: { value: 0.9, unit: "ratio", help: "share of the node's CPUs that is in use" },
    for: minutes(30),
    keepFiringFor: minutes(10),
    summary: ({ label, percentage }) => `Node ${label.node} of ${label.target} uses ${percentage} of its CPUs`,
    description: () => "For half an hour. Its guests wait for CPU time.",
  }),
  alert({
    name: "ProxmoxNodeMemoryHigh",
    severity: "warning",
    when: (most) => greater(signals.nodeMemory.expr, most),
    threshold: { value: 0.95, unit: "ratio", help: "share of the node's memory that is in use" },
    for: minutes(15),
    keepFiringFor: minutes(10),
    summary: ({ label, percentage }) => `Node ${label.node} of ${label.target} uses ${percentage} of its memory`,
    description: () =>
      "When it is full, the kernel ends a process, and the largest one is a guest. The cache of ZFS counts as used here.",
  }),
  alert({
    name: "ProxmoxNodeIowaitHigh",
    severity: "warning",
    when: (most) => greater(signals.iowait.expr, most),
    threshold: { value: 0.2, unit: "ratio", help: "share of the CPU time that waits for disks" },
    for: minutes(30),
    keepFiringFor: minutes(10),
    summary: ({ label, percentage }) =>
      `Node ${label.node} of ${label.target} waits for disks ${percentage} of its time`,
    description: () => "Its disks or a network storage are slower than what is asked of them; the guests wait as well.",
  }),
  alert({
    name: "ProxmoxNodeSwapFilling",
    severity: "warning",
    when: (most) => and(greater(signals.swap.expr, most), greater(signals.nodeMemory.expr, 0.8)),
    threshold: {
      value: 0.8,
      unit: "ratio",
      help: "share of the swap space that is in use, while four fifths of the memory are",
    },
    for: minutes(30),
    keepFiringFor: minutes(10),
    summary: ({ label, percentage }) => `Node ${label.node} of ${label.target} has filled ${percentage} of its swap`,
    description: () => "Its memory is nearly used up as well, so there is little left before the kernel ends a guest.",
  }),
  alert({
    name: "ProxmoxNodeRootFull",
    severity: "critical",
    when: (most) => greater(signals.root.expr, most),
    threshold: { value: 0.95, unit: "ratio", help: "share of the root file system that is in use" },
    for: minutes(5),
    keepFiringFor: minutes(10),
    summary: ({ label, percentage }) =>
      `The root file system of node ${label.node} of ${label.target} is ${percentage} full`,
    description: () =>
      "When it is full, the node can not write its part of the cluster's configuration: nobody can log in, and no guest starts, moves or is backed up.",
  }),
  alert({
    name: "ProxmoxNodeRootFilling",
    severity: "warning",
    when: (most) => greater(signals.root.expr, most),
    threshold: { value: 0.85, unit: "ratio", help: "share of the root file system that is in use" },
    for: minutes(15),
    keepFiringFor: minutes(15),
    summary: ({ label, percentage }) =>
      `The root file system of node ${label.node} of ${label.target} is ${percentage} full`,
    description: () => "Images, backups on the storage `local`, logs and old kernels are the usual causes.",
  }),
  alert({
    name: "ProxmoxNodeRootFullSoon",
    severity: "warning",
    when: (ahead) => and(greater(signals.root.expr, 0.6), less(rootAvailableIn(seconds(ahead)), 0)),
    threshold: {
      value: inSeconds(hours(24)),
      unit: "seconds",
      help: "time until the root file system is full, by the trend of six hours",
    },
    for: hours(1),
    keepFiringFor: minutes(30),
    summary: ({ label, percentage, threshold }) =>
      `The root file system of node ${label.node} of ${label.target} is ${percentage} full, and wholly within ${threshold}`,
    description: () => "Something writes fast: it would fill by the trend of the last six hours.",
  }),
  alert({
    name: "ProxmoxNodeMemoryOvercommitted",
    severity: "info",
    when: (most) => greater(commitment.memoryPromised.expr, most),
    threshold: { value: 1.2, unit: "none", help: "memory of the guests that run, divided by the node's" },
    for: hours(1),
    keepFiringFor: minutes(30),
    summary: ({ label, threshold }) =>
      `The guests of node ${label.node} of ${label.target} may take more than ${threshold} times its memory`,
    description: () =>
      "Nothing is wrong as long as they do not use what they were promised. If they do, the kernel ends one of them.",
  }),
  alert({
    name: "ProxmoxNodeCpuOvercommitted",
    severity: "info",
    when: (most) => greater(commitment.cpuPromised.expr, most),
    threshold: { value: 6, unit: "none", help: "CPUs of the guests that run, divided by the node's" },
    for: hours(1),
    keepFiringFor: minutes(30),
    summary: ({ label, threshold }) =>
      `The guests of node ${label.node} of ${label.target} have more than ${threshold} times its CPUs`,
    description: () =>
      "As long as few of them work at the same time, nobody notices. Guests with pressure on CPU say when they do.",
  }),
];
