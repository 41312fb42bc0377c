import { panel, type Dashboard } from "../../../core/dashboard.ts";
import { partMetrics } from "../../../core/self-metrics.ts";
import { partSignals as parts } from "../signals/parts.ts";
import { replicaSignals as replicas } from "../signals/replicas.ts";
import { processSignals as process } from "../signals/process.ts";
import { serviceSignals as signals } from "../signals/service.ts";

const NO_TARGETS = "no target is configured";
const NOTHING_FAILS = "no poll fails";
const NOT_DIVIDED = "there is one Watchkeeper: no PostgreSQL is configured";
const NOT_LINUX = "Watchkeeper counts its files on Linux only";

/** Whether what Watchkeeper says can be relied on. */
export const selfDashboard: Dashboard = {
  id: "watchkeeper",
  title: "Watchkeeper itself",
  description: "Is anything not read, why, and how old is the data? Is Watchkeeper's own process well?",
  variables: [
    { name: "collector", title: "Collector", metric: partMetrics.success },
    { name: "target", title: "Target", metric: partMetrics.success },
  ],
  summary: [
    parts.partsGone,
    parts.partsNeverRead,
    parts.partsIncomplete,
    parts.mostMissed,
    process.configurationInUse,
    process.running,
  ],
  explore: { logs: 'service.name:"watchkeeper" AND "{{target}}"' },
  rows: [
    {
      title: "Is everything read?",
      panels: [
        panel("stat", parts.partsGone, { emptyWhen: NO_TARGETS }),
        panel("stat", parts.partsNeverRead, { emptyWhen: NO_TARGETS }),
        panel("stat", parts.partsIncomplete, { emptyWhen: NO_TARGETS }),
        panel("stat", parts.mostMissed, { emptyWhen: NO_TARGETS }),
        panel("stat", process.configurationInUse),
        panel("stat", process.running),
      ],
    },
    {
      title: "What fails, and why",
      panels: [
        panel("table", parts.recentErrors, { width: 12, emptyWhen: NOTHING_FAILS }),
        panel("table", signals.missingPieces, { width: 12, emptyWhen: "every part is read as a whole" }),
        panel("state-timeline", parts.success, { height: 10, legend: "{{target}} {{part}}", emptyWhen: NO_TARGETS }),
        panel("state-timeline", signals.sloReading, { height: 4, emptyWhen: "the configuration has no objectives" }),
        panel("timeseries", parts.errors, { emptyWhen: NOTHING_FAILS }),
        panel("timeseries", parts.missed, { legend: "{{target}} {{part}}", emptyWhen: NO_TARGETS }),
      ],
    },
    {
      title: "How long polls take",
      panels: [
        panel("timeseries", parts.age, { legend: "{{target}} {{part}}", emptyWhen: NO_TARGETS }),
        panel("timeseries", parts.duration, { legend: "{{target}} {{part}}", emptyWhen: NO_TARGETS }),
        panel("timeseries", parts.busy, { legend: "{{target}} {{part}}", width: 24, emptyWhen: NO_TARGETS }),
      ],
    },
    {
      title: "Its process",
      panels: [
        panel("timeseries", process.cpu, { width: 8 }),
        panel("timeseries", process.memory, { and: [process.heap], title: "Memory", width: 8 }),
        panel("timeseries", process.eventLoopDelay, { width: 8 }),
        panel("timeseries", process.files, { width: 8, emptyWhen: NOT_LINUX }),
        panel("timeseries", process.scrapeDuration, { width: 8 }),
        panel("timeseries", process.scrapeSamples, { width: 8 }),
        panel("timeseries", process.uptime, { width: 8 }),
      ],
    },
    {
      title: "Replicas",
      collapsed: true,
      panels: [
        panel("stat", replicas.notPolled, { emptyWhen: NOT_DIVIDED }),
        panel("state-timeline", replicas.isMember, { width: 12, height: 4, emptyWhen: NOT_DIVIDED }),
        panel("timeseries", replicas.polled, { emptyWhen: NOT_DIVIDED }),
        panel("timeseries", replicas.members, { emptyWhen: NOT_DIVIDED }),
        panel("timeseries", replicas.renewalAge, { emptyWhen: NOT_DIVIDED }),
        panel("timeseries", replicas.lapses, { emptyWhen: "no replica stopped to poll" }),
      ],
    },
    {
      title: "Version and configuration",
      collapsed: true,
      panels: [
        panel("table", process.versions, { width: 16, height: 4 }),
        panel("stat", process.reloaded, { width: 8 }),
      ],
    },
  ],
};
