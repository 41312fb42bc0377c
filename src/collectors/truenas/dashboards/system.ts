import { panel, type Dashboard, type PanelRow } from "../../../core/dashboard.ts";
import { system } from "../metrics/system.ts";
import { deviceSignals as devices } from "../signals/devices.ts";
import { diskSignals as disks } from "../signals/disks.ts";
import { nativeSignals as native } from "../signals/native.ts";
import { powerSignals as power } from "../signals/power.ts";
import { scrubSignals as scrubs } from "../signals/scrubs.ts";
import { spaceSignals as space } from "../signals/space.ts";
import { summarySignals as summary } from "../signals/summary.ts";
import { systemSignals as machine } from "../signals/system.ts";
import { taskSignals as tasks } from "../signals/tasks.ts";
import { appsRow, machineRow, taskDetailsRow, upkeepRow, upsRow } from "./system-details.ts";

const toPool = { dashboard: "truenas-storage", variables: { target: "target", pool: "pool" } };
const LOW = { height: 5 };
const NO_UPS = "no UPS service runs on the server";

const wellRow: PanelRow = {
  title: "Is it well?",
  panels: [
    panel("stat", summary.serversDown),
    panel("stat", summary.poolsUnusable),
    panel("stat", summary.vdevsAtRisk),
    panel("stat", summary.poolsUnhealthy),
    panel("stat", summary.fullestPool),
    panel("stat", summary.tasksFailed, { emptyWhen: "no enabled task has run yet, or there are none" }),
  ],
};

const serverRow: PanelRow = {
  title: "Servers",
  panels: [
    panel("state-timeline", machine.up, { ...LOW, width: 12 }),
    panel("state-timeline", power.onBattery, { ...LOW, width: 12, emptyWhen: NO_UPS }),
    panel("state-timeline", machine.serviceStopped, {
      ...LOW,
      width: 8,
      emptyWhen: "every service that starts with the system runs",
    }),
    panel("state-timeline", native.nativeCritical, {
      ...LOW,
      width: 8,
      emptyWhen: "the server raises no critical alert but those that have a rule here",
    }),
    panel("state-timeline", native.nativeWarning, {
      ...LOW,
      width: 8,
      emptyWhen: "the server raises no warning but those that have a rule here",
    }),
  ],
};

const poolsRow: PanelRow = {
  title: "Pools",
  panels: [
    panel("timeseries", space.poolUsed, { drillDown: toPool }),
    panel("timeseries", scrubs.scanProgress, {
      drillDown: toPool,
      emptyWhen: "no scrub or resilver is under way",
    }),
    panel("table", space.poolUsed, {
      title: "All pools",
      help: "How full each is, how many more of its disks may fail in the worst place, and when it was last scrubbed.",
      and: [
        space.poolUsedBytes,
        space.poolAvailable,
        devices.redundancy,
        devices.sparesInUse,
        space.fragmentation,
        scrubs.scrubAge,
      ],
      drillDown: toPool,
    }),
  ],
};

const legend = "{{target}} {{disk}} {{serial}}";

const disksRow: PanelRow = {
  title: "Disks",
  panels: [
    panel("timeseries", disks.hardDiskTemperature, { legend, width: 8, emptyWhen: "the server has no hard disks" }),
    panel("timeseries", disks.ssdTemperature, { legend, width: 8, emptyWhen: "the server has no SSDs" }),
    panel("timeseries", disks.nvmeTemperature, { legend, width: 8, emptyWhen: "the server has no NVMe disks" }),
    panel("state-timeline", disks.silent, { ...LOW, legend, width: 12, emptyWhen: "every disk answers" }),
    panel("state-timeline", disks.vanished, {
      ...LOW,
      legend: "{{target}} {{serial}} {{model}}",
      width: 12,
      emptyWhen: "no disk vanished within a day",
    }),
  ],
};

const tasksRow: PanelRow = {
  title: "Tasks and snapshots",
  panels: [
    panel("state-timeline", tasks.taskSuccess, {
      legend: "{{kind}} {{name}} ({{task_id}})",
      height: 8,
      emptyWhen: "no enabled task has run yet, or there are none",
    }),
    panel("timeseries", tasks.taskLate, {
      legend: "{{kind}} {{name}} ({{task_id}})",
      emptyWhen: "no enabled task has a schedule and has succeeded",
    }),
    panel("timeseries", tasks.newestSnapshotAge, {
      legend: "{{dataset}} (task {{task_id}})",
      drillDown: { ...toPool, variables: { ...toPool.variables, dataset: "dataset" } },
      emptyWhen: "no snapshot task has made a snapshot",
    }),
  ],
};

const loadRow: PanelRow = {
  title: "Load",
  panels: [
    panel("timeseries", machine.cpu, { width: 8 }),
    panel("timeseries", machine.memoryLeft, { width: 8 }),
    panel("timeseries", power.received, {
      title: "Network traffic in a second",
      help: "Bytes that each network interface received and sent in a second; a flat line at the link's speed is a bottleneck.",
      and: [power.sent],
      width: 8,
    }),
  ],
};

/** Servers as a whole: pools at a glance, disks, tasks, load and upkeep. */
export const systemDashboard: Dashboard = {
  id: "truenas",
  title: "TrueNAS",
  description:
    "Is the storage there, is its data safe, which disk is about to fail, and do snapshots and replications run? A pool leads to its own dashboard.",
  variables: [{ name: "target", title: "Server", metric: system.up }],
  rows: [
    wellRow,
    serverRow,
    poolsRow,
    disksRow,
    tasksRow,
    loadRow,
    taskDetailsRow,
    machineRow,
    upsRow,
    appsRow,
    upkeepRow,
  ],
  summary: [
    summary.poolsUnusable,
    summary.serversDown,
    summary.vdevsAtRisk,
    summary.poolsUnhealthy,
    summary.fullestPool,
    summary.tasksFailed,
  ],
  explore: { logs: 'host.name:"{{target}}"' },
};
