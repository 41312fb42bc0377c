import type { TrueNasRelease } from "../contract.ts";
import type { LabInterface, LabRealtime } from "../model/realtime.ts";
import type { SystemState } from "../model/system.ts";

/**
 * What the event `reporting.realtime` carries; from 25.04 on it has another form. A figure that the server's own
 * collector does not know is 0 in it.
 * Source: github.com/truenas/middleware, plugins/reporting/realtime_reporting
 */
export function realtimeFields({ machine, realtime }: SystemState, release: TrueNasRelease): Record<string, unknown> {
  const shared = {
    disks: { busy: 3.5, read_bytes: 1_048_576, write_bytes: 2_097_152, read_ops: 40, write_ops: 65 },
    interfaces: Object.fromEntries(realtime.interfaces.map((one) => [one.name, interfaceFields(one)])),
  };
  if (release !== "24.10") {
    return {
      ...shared,
      cpu: cpuFields(realtime),
      memory: {
        arc_size: realtime.arcSize,
        arc_free_memory: 2_147_483_648,
        arc_available_memory: 1_610_612_736,
        physical_memory_total: machine.physmem,
        physical_memory_available: realtime.memoryAvailable,
      },
      zfs: cacheFields(realtime),
      ...(release !== "25.04" && { pools: {} }),
    };
  }
  return {
    ...shared,
    failed_to_connect: false,
    cpu: oldCpuFields(realtime),
    memory: { classes: { arc: realtime.arcSize, unused: realtime.memoryAvailable }, extra: {} },
    virtual_memory: { total: machine.physmem, available: realtime.memoryAvailable, percent: 71.9 },
    zfs: { arc_size: realtime.arcSize, arc_free_memory: 0, arc_available_memory: 0, ...cacheFields(realtime) },
  };
}

const interfaceFields = ({ up, speed, received, sent }: LabInterface): Record<string, unknown> => ({
  link_state: up ? "LINK_STATE_UP" : "LINK_STATE_DOWN",
  speed: up ? speed : 0,
  ...(!up && { received_bytes: 0, sent_bytes: 0 }),
  received_bytes_rate: up ? received : 0,
  sent_bytes_rate: up ? sent : 0,
});

function cpuFields({ cpuUsage, coreTemperatures }: LabRealtime): Record<string, unknown> {
  const mean = coreTemperatures.reduce((sum, each) => sum + each, 0) / coreTemperatures.length;
  const cores = coreTemperatures.map((temp, i) => [`cpu${i}`, { usage: cpuUsage, temp }] as const);
  return { cpu: { usage: cpuUsage, temp: coreTemperatures.length === 0 ? null : mean }, ...Object.fromEntries(cores) };
}

function oldCpuFields({ cpuUsage, coreTemperatures }: LabRealtime): Record<string, unknown> {
  const shares = { user: cpuUsage, nice: 0, system: 0, idle: 100 - cpuUsage, iowait: 0, usage: cpuUsage };
  const temperatures = Object.fromEntries(coreTemperatures.map((temp, i) => [String(i), temp]));
  return {
    ...Object.fromEntries(coreTemperatures.map((_, i) => [String(i), shares])),
    average: shares,
    temperature_celsius: coreTemperatures.length === 0 ? null : temperatures,
  };
}

function cacheFields({ reads }: LabRealtime): Record<string, unknown> {
  const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((100 * part) / whole));
  return {
    demand_accesses_per_second: reads.data + reads.metadata,
    demand_data_accesses_per_second: reads.data,
    demand_metadata_accesses_per_second: reads.metadata,
    demand_data_hits_per_second: reads.dataHits,
    demand_data_hit_percentage: percent(reads.dataHits, reads.data),
    demand_metadata_hits_per_second: reads.metadataHits,
    demand_metadata_hit_percentage: percent(reads.metadataHits, reads.metadata),
    l2arc_hits_per_second: 0,
    l2arc_misses_per_second: 0,
  };
}
