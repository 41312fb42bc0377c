import { panel, type PanelRow } from "../../../core/dashboard.ts";
import { diskSignals as disks } from "../signals/disks.ts";
import { nativeSignals as native } from "../signals/native.ts";
import { powerSignals as power } from "../signals/power.ts";
import { systemSignals as machine } from "../signals/system.ts";
import { taskSignals as tasks } from "../signals/tasks.ts";
import { upkeepSignals as upkeep } from "../signals/upkeep.ts";

const HALF = { width: 12 };
const ofTask = "{{kind}} {{name}} ({{task_id}})";
const WITHOUT_TASKS = { emptyWhen: "there are no tasks" };

/** Which tasks there are, and what holds them back. */
export const taskDetailsRow: PanelRow = {
  title: "Tasks: runs, schedules, replications",
  collapsed: true,
  panels: [
    panel("table", tasks.taskSinceLastRun, {
      title: "All tasks",
      help: "When each last ended and how often it should run, whether that run succeeded, how late it is and whether it runs now.",
      and: [tasks.taskInterval, tasks.taskSuccess, tasks.taskLate, tasks.taskRunning],
      height: 10,
      ...WITHOUT_TASKS,
    }),
    panel("state-timeline", tasks.taskHeld, { ...HALF, ...WITHOUT_TASKS, legend: ofTask }),
    panel("state-timeline", tasks.taskEnabled, { ...HALF, ...WITHOUT_TASKS, legend: ofTask }),
    panel("state-timeline", tasks.taskRunning, { ...WITHOUT_TASKS, legend: ofTask }),
    panel("timeseries", tasks.taskProgress, { legend: ofTask, emptyWhen: "no task runs" }),
    panel("timeseries", tasks.newestSentAge, {
      legend: "{{name}} ({{task_id}})",
      emptyWhen: "no replication has sent a snapshot to elsewhere",
    }),
  ],
};

/** What the machine's processors, memory and network do. */
export const machineRow: PanelRow = {
  title: "Machine: load, memory, network, disks",
  collapsed: true,
  panels: [
    panel("timeseries", machine.load, { and: [machine.processors] }),
    panel("timeseries", machine.memory, {
      help: "What there is, what the read cache of ZFS takes, and what programs can get besides.",
      and: [machine.cacheSize, machine.memoryAvailable],
    }),
    panel("timeseries", machine.cacheHits, { emptyWhen: "nobody read anything in the last seconds" }),
    panel("timeseries", machine.cpuTemperature, { emptyWhen: "the processors tell no temperature" }),
    panel("state-timeline", power.interfaceLost, {
      ...HALF,
      emptyWhen: "no network interface lost its link within a day",
    }),
    panel("state-timeline", disks.selfTestPassed, {
      ...HALF,
      legend: "{{disk}} {{serial}}",
      emptyWhen: "the API tells of self tests before TrueNAS 25.10 only, or none was run",
    }),
    panel("table", disks.inventory),
  ],
};

const WITHOUT_UPS = { emptyWhen: "no UPS service runs on the server" };

/** The battery. */
export const upsRow: PanelRow = {
  title: "UPS",
  collapsed: true,
  panels: [
    panel("state-timeline", power.batteryLow, { ...WITHOUT_UPS, height: 5 }),
    panel("timeseries", power.batteryCharge, { ...WITHOUT_UPS, width: 8 }),
    panel("timeseries", power.batteryRuntime, { ...WITHOUT_UPS, width: 8 }),
    panel("timeseries", power.upsLoad, { ...WITHOUT_UPS, width: 8 }),
  ],
};

const WITHOUT_APPS = { emptyWhen: "the server has no apps" };

/** Apps and whether they run. */
export const appsRow: PanelRow = {
  title: "Apps",
  collapsed: true,
  panels: [
    panel("state-timeline", upkeep.appCrashed, { ...HALF, ...WITHOUT_APPS }),
    panel("state-timeline", upkeep.appRunning, { ...HALF, ...WITHOUT_APPS }),
    panel("table", upkeep.appVersions, { ...HALF, ...WITHOUT_APPS }),
    panel("table", upkeep.appUpgrade, { ...HALF, ...WITHOUT_APPS }),
  ],
};

/** What comes with time. */
export const upkeepRow: PanelRow = {
  title: "Upkeep: releases, certificates, keys, clock",
  collapsed: true,
  panels: [
    panel("table", machine.versions, HALF),
    panel("table", upkeep.updateOffered, { ...HALF, emptyWhen: "no newer release is offered" }),
    panel("state-timeline", upkeep.upgradeRemoves, {
      ...HALF,
      emptyWhen: "no release is offered that breaks somebody who is known",
    }),
    panel("state-timeline", native.restClients, { ...HALF, emptyWhen: "only TrueNAS 25.10 tells it" }),
    panel("state-timeline", machine.rebootRequired, { ...HALF, emptyWhen: "TrueNAS 24.10 does not tell it" }),
    panel("state-timeline", machine.ready, HALF),
    panel("state-timeline", upkeep.updateAvailable, { ...HALF, emptyWhen: "the server has no way to the internet" }),
    panel("state-timeline", upkeep.updateCheckFailed, HALF),
    panel("timeseries", upkeep.certificateLeft, { legend: "{{certificate}} {{common_name}}" }),
    panel("timeseries", upkeep.shownCertificateLeft),
    panel("timeseries", upkeep.keyLeft, { emptyWhen: "no API key has an end" }),
    panel("state-timeline", upkeep.keyRevoked, { ...HALF, height: 8, emptyWhen: "TrueNAS 24.10 does not tell it" }),
    panel("timeseries", machine.uptime),
    panel("timeseries", machine.clockOff),
    panel("table", native.nativeAlerts, { emptyWhen: "the server raises no alert" }),
  ],
};
