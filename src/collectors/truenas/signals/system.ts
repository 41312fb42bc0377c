import { abs, add, divide, equal, max, min, select, time, scalarMinus, and } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { realtime, system } from "../metrics/system.ts";

const by = ["target"] as const;
const ofService = ["target", "service"] as const;

/** What can be asked of the machine and its services. */
export const systemSignals = {
  up: signal({
    title: "Servers that answer",
    help: "0 for a server that does not answer, or does not take the key.",
    unit: "boolean",
    expr: min(select(system.up), { by }),
  }),
  ready: signal({
    title: "Servers that are ready",
    help: "0 while a server boots or shuts down.",
    unit: "boolean",
    expr: min(select(system.ready), { by }),
  }),
  uptime: signal({
    title: "Time since the start",
    help: "Falls to 0 at each start of the server.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(system.bootTime), { by })),
  }),
  rebootRequired: signal({
    title: "Servers that want to be restarted",
    help: "1 when a change takes effect only after a restart.",
    unit: "boolean",
    expr: max(select(system.rebootRequired), { by }),
  }),
  clockOff: signal({
    title: "How far the clock is off",
    help: "Between the server's clock and Watchkeeper's, whichever is ahead.",
    unit: "seconds",
    expr: max(abs(select(system.clockOffset)), { by }),
  }),
  serviceStopped: signal({
    title: "Services that should run and do not",
    help: "One series for each service that starts with the system and is not running.",
    unit: "boolean",
    expr: and(
      equal(max(select(system.serviceRunning), { by: ofService }), 0),
      equal(max(select(system.serviceEnabled), { by: ofService }), 1),
    ),
  }),
  load: signal({
    title: "Load over 5 minutes",
    help: "Compare it with the number of processor threads.",
    unit: "none",
    expr: max(select(system.load5), { by }),
  }),
  processors: signal({
    title: "Processor threads",
    help: "A load above their number means that programs wait.",
    unit: "none",
    expr: max(select(system.processors), { by }),
  }),
  cpuTemperature: signal({
    title: "Temperature of the processors",
    help: "Of the hottest core; near 100 °C they slow down.",
    unit: "celsius",
    expr: max(select(realtime.cpuTemperature), { by }),
  }),
  memory: signal({
    title: "Memory",
    help: "Memory of the machine.",
    unit: "bytes",
    expr: max(select(system.memory), { by }),
  }),
  memoryAvailable: signal({
    title: "Free for programs",
    help: "Memory that programs can get at once, as the kernel estimates it.",
    unit: "bytes",
    expr: max(select(realtime.memoryAvailable), { by }),
  }),
  cacheSize: signal({
    title: "Read cache of ZFS",
    help: "It gives way to programs; one that shrinks to nothing makes reading slow.",
    unit: "bytes",
    expr: max(select(realtime.arcSize), { by }),
  }),
  versions: signal({
    title: "Releases of the servers",
    help: "And the version of the API that is spoken with each.",
    unit: "none",
    expr: max(select(system.version), { by: ["target", "version", "api_version"] }),
  }),
  cpu: signal({
    title: "Busy processors",
    help: "Share of the processors that is busy.",
    unit: "ratio",
    expr: max(select(realtime.cpu), { by }),
  }),
  memoryLeft: signal({
    title: "Memory that programs can still get",
    help: "The read cache of ZFS counts as such, since it gives way to programs.",
    unit: "ratio",
    expr: divide(
      add(max(select(realtime.memoryAvailable), { by }), max(select(realtime.arcSize), { by })),
      max(select(system.memory), { by }),
    ),
  }),
  cacheHits: signal({
    title: "Reads that the cache answered",
    help: "A low share while disks are busy means that more memory would help.",
    unit: "ratio",
    expr: max(select(realtime.arcHits), { by }),
  }),
};
