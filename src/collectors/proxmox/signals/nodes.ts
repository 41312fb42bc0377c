import { days, hours, type Duration } from "../../../core/duration.ts";
import {
  add,
  divide,
  greater,
  max,
  maxOverTime,
  min,
  or,
  predictLinear,
  scalarMinus,
  select,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { nodes } from "../metrics/nodes.ts";
import { resources } from "../metrics/resources.ts";
import { byNode } from "./by-name.ts";

const node = ["=~", "node/.*"] as const;
const by = ["target", "node"] as const;
const memorySize = byNode(select(resources.memorySize, { id: node }));
const memoryAvailable = max(select(nodes.memoryAvailable), { by });
const rootUsed = max(select(nodes.rootfsUsage), { by });
const rootAvailable = max(select(nodes.rootfsAvailable), { by });

/** What is left of the root file system after that long, in bytes, by the trend of six hours. */
export const rootAvailableIn = (ahead: Duration) =>
  min(predictLinear(select(nodes.rootfsAvailable).over(hours(6)), ahead), { by });

/** What can be asked of the nodes. */
export const nodeSignals = {
  nodeUptime: signal({
    title: "Time since each node was started",
    help: "Absent for a node that sends no statistics.",
    unit: "seconds",
    expr: byNode(select(resources.uptime, { id: node })),
  }),
  statisticsSeen: signal({
    title: "Nodes that sent statistics within a day",
    help: "A time since the start for each node that sent any, whether or not it does now.",
    unit: "seconds",
    expr: byNode(maxOverTime(select(resources.uptime, { id: node }).over(days(1)))),
  }),
  nodeCpu: signal({
    title: "CPU in use",
    help: "Of all CPUs of the node.",
    unit: "ratio",
    expr: byNode(select(resources.cpuUsage, { id: node })),
  }),
  nodeMemory: signal({
    title: "Memory in use",
    help: "Without what can be had back at once where the node tells that, which Proxmox VE 9 does.",
    unit: "ratio",
    expr: or(
      scalarMinus(1, divide(memoryAvailable, memorySize)),
      divide(byNode(select(resources.memoryUsage, { id: node })), memorySize),
    ),
  }),
  iowait: signal({
    title: "CPU time that waits for disks",
    help: "A fifth for long means that guests wait for disks as well.",
    unit: "ratio",
    expr: max(select(nodes.iowait), { by }),
  }),
  load: signal({
    title: "Load over 5 minutes",
    help: "Tasks that run or wait; more than the node has CPUs is not bad by itself.",
    unit: "none",
    expr: max(select(nodes.load5), { by }),
  }),
  swap: signal({
    title: "Swap in use",
    help: "Absent for a node without swap.",
    unit: "ratio",
    expr: divide(max(select(nodes.swapUsage), { by }), greater(max(select(nodes.swapSize), { by }), 0)),
  }),
  root: signal({
    title: "Root file system in use",
    help: "As df counts it: of the space that is not reserved for root.",
    unit: "ratio",
    expr: divide(rootUsed, greater(add(rootUsed, rootAvailable), 0)),
  }),
};
