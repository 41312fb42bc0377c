import { z } from "zod";
import { looseFlag, looseNumber, looseText } from "../../../lib/answers/loose-shapes.ts";

/** A piece that has another form in another release, or is odd, hides no other. */
const piece = <S extends z.ZodType>(shape: S) => shape.optional().catch(undefined);

const notNegative = looseNumber.transform((value) => (value === undefined || value < 0 ? undefined : value));

/** A figure that the server's collector does not know is 0, which none of these can be. */
const positive = looseNumber.transform((value) => (value === undefined || value <= 0 ? undefined : value));

const usageShape = piece(z.object({ usage: notNegative, temp: positive }));

/**
 * What `reporting.realtime` carries. The figures of 24.10 and of later releases have other places.
 * Source: github.com/truenas/middleware, src/middlewared/middlewared/plugins/reporting/realtime_reporting
 */
export const realtimeShape = z.object({
  /** 24.10 only. */
  failed_to_connect: looseFlag,
  cpu: piece(z.record(z.string(), z.unknown())),
  memory: piece(
    z.object({
      arc_size: positive,
      physical_memory_available: positive,
    }),
  ),
  /** 24.10 only. */
  virtual_memory: piece(z.object({ available: positive })),
  zfs: piece(
    z.object({
      /** 24.10 only. */
      arc_size: positive,
      demand_accesses_per_second: positive,
      demand_data_hits_per_second: notNegative,
      demand_metadata_hits_per_second: notNegative,
    }),
  ),
  interfaces: piece(z.record(z.string(), z.unknown())),
});

/** An event, as far as it could be read. */
export type RealtimeEvent = z.output<typeof realtimeShape>;

/** The machine's figures in base units: ratios, degrees Celsius and bytes. Undefined is unknown. */
export interface RealtimeFigures {
  readonly cpu: number | undefined;
  readonly cpuTemperature: number | undefined;
  readonly memoryAvailable: number | undefined;
  readonly arcSize: number | undefined;
  readonly arcHits: number | undefined;
}

/** The figures of an event of any release. */
export function readFigures(event: RealtimeEvent): RealtimeFigures {
  const { memory, virtual_memory, zfs } = event;
  const memoryAvailable = memory?.physical_memory_available ?? virtual_memory?.available;
  return {
    // where the collector knows no memory it knows no processor either, and its 0 % means nothing
    cpu: memoryAvailable === undefined ? undefined : cpuOf(event),
    cpuTemperature: temperatureOf(event),
    memoryAvailable,
    arcSize: memory?.arc_size ?? zfs?.arc_size,
    arcHits: hitsOf(event),
  };
}

/** Of all cores: `cpu`, or `average` in 24.10, or what builds between the two called it. */
function cpuOf({ cpu = {} }: RealtimeEvent): number | undefined {
  const all = usageShape.parse(cpu["cpu"]) ?? usageShape.parse(cpu["average"]);
  const percent = all?.usage ?? notNegative.parse(cpu["aggregated_usage"]);
  return percent === undefined ? undefined : percent / 100;
}

const degreesShape = piece(z.record(z.string(), positive));

/** The hottest core's; of the whole processor where no core tells one. */
function temperatureOf({ cpu = {} }: RealtimeEvent): number | undefined {
  const cores = Object.entries(cpu)
    .filter(([name]) => /^cpu\d+$/.test(name))
    .map(([, core]) => usageShape.parse(core)?.temp);
  const old = Object.values(degreesShape.parse(cpu["temperature_celsius"]) ?? {});
  return highest([...cores, ...old]) ?? highest([usageShape.parse(cpu["cpu"])?.temp]);
}

function highest(degrees: readonly (number | undefined)[]): number | undefined {
  const known = degrees.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function hitsOf({ zfs }: RealtimeEvent): number | undefined {
  const { demand_accesses_per_second: reads } = zfs ?? {};
  const [data, metadata] = [zfs?.demand_data_hits_per_second, zfs?.demand_metadata_hits_per_second];
  if (reads === undefined || data === undefined || metadata === undefined) return undefined;
  // each is rounded by itself
  return Math.min(1, (data + metadata) / reads);
}

const interfaceShape = z.object({
  link_state: looseText,
  received_bytes_rate: notNegative,
  sent_bytes_rate: notNegative,
});

/** A network interface; rates in bytes per second. Undefined is unknown. */
export interface RealtimeInterface {
  readonly name: string;
  readonly isUp: boolean | undefined;
  readonly received: number | undefined;
  readonly sent: number | undefined;
}

/** The network interfaces of an event. */
export function readInterfaces({ interfaces = {} }: RealtimeEvent): readonly RealtimeInterface[] {
  return Object.entries(interfaces).flatMap(([name, value]) => {
    const read = interfaceShape.safeParse(value);
    if (!read.success || name === "") return [];
    const { link_state, received_bytes_rate, sent_bytes_rate } = read.data;
    return [{ name, isUp: isUp(link_state), received: received_bytes_rate, sent: sent_bytes_rate }];
  });
}

function isUp(state: string | undefined): boolean | undefined {
  if (state === "LINK_STATE_UP") return true;
  return state === "LINK_STATE_DOWN" ? false : undefined;
}
