import { minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import type { MemoryKey, TrueNasClient } from "../client.ts";
import { ups } from "../metrics/system.ts";
import { readNativeAlerts } from "./native-alert-rows.ts";
import { serverClock } from "./server-clock.ts";
import { readServices } from "./services.ts";
import { graphsShape, newestOf } from "./ups-graphs.ts";

/** The UPS, while its service runs. */
export const upsPart: Part<TrueNasClient> = {
  id: "ups",
  title: "UPS",
  every: seconds(60),
  deadline: seconds(30),
  metrics: ups,
  async collect(client, context) {
    const [service] = await readServices(client, context, "ups");
    if (service?.running !== true) {
      // it tells again of lost power when it is started
      client.memory(upsMemory).isPowerLost = false;
      throw new NoData("the UPS service does not run");
    }
    await optionally(context, "UPS alerts", () => recordState(client, context));
    await optionally(context, "UPS graphs", () => recordGraphs(client, context));
  },
};

interface UpsEvent {
  readonly onBattery?: boolean;
  readonly batteryLow?: boolean;
}

/**
 * What each event of the UPS says of battery and charge. With each event the server takes back the alerts of the one
 * before, so that after one that says nothing of power it is unknown where the power comes from.
 * Source: github.com/truenas/middleware, src/middlewared/middlewared/plugins/ups.py
 */
const EVENTS: Readonly<Record<string, UpsEvent>> = {
  UPSOnline: { onBattery: false, batteryLow: false },
  UPSOnBattery: { onBattery: true, batteryLow: false },
  UPSBatteryLow: { batteryLow: true },
  UPSCommok: {},
  UPSCommbad: {},
  UPSReplbatt: {},
};

/** Nothing happened since the service, or the server, was started. */
const QUIET = { onBattery: false, batteryLow: false };

/** What is remembered of the events of one server's UPS. */
interface UpsMemory {
  /** Whether power was lost, as far as was told, and did not come back. */
  isPowerLost: boolean;
  /** The start of the server, as it was known then. */
  bootedAt: number | undefined;
}

const upsMemory: MemoryKey<UpsMemory> = { create: () => ({ isPowerLost: false, bootedAt: undefined }) };

/**
 * By the alerts, the dismissed ones included. Where there is none power may be lost all the same: most releases delete
 * an alert of the UPS when somebody dismisses it, and all of them when the middleware is restarted.
 */
async function recordState(client: TrueNasClient, context: CollectContext): Promise<void> {
  const alerts = await readNativeAlerts(client, context);
  const events = alerts.flatMap(({ klass }) => (Object.hasOwn(EVENTS, klass) ? [EVENTS[klass] ?? {}] : []));
  const isPowerLost = remember(client, events);
  const said = events.length > 0 ? events : [isPowerLost ? {} : QUIET];
  context.record(ups.onBattery, {}, anyOf(said.map(({ onBattery }) => onBattery)));
  context.record(ups.batteryLow, {}, anyOf(said.map(({ batteryLow }) => batteryLow)));
}

/** Whether power was lost since the server was started, by these events or those before. */
function remember(client: TrueNasClient, events: readonly UpsEvent[]): boolean {
  const memory = client.memory(upsMemory);
  const { bootedAt = memory.bootedAt } = client.memory(serverClock);
  if (memory.bootedAt !== undefined && memory.bootedAt !== bootedAt) memory.isPowerLost = false;
  memory.bootedAt = bootedAt;
  if (events.some(({ onBattery, batteryLow }) => onBattery === true || batteryLow === true)) memory.isPowerLost = true;
  else if (events.some(({ onBattery }) => onBattery === false)) memory.isPowerLost = false;
  return memory.isPowerLost;
}

/** Both controllers of a pair raise alerts: the worse one counts. */
function anyOf(flags: readonly (boolean | undefined)[]): boolean | undefined {
  if (flags.includes(true)) return true;
  return flags.includes(undefined) ? undefined : false;
}

const WINDOW = minutes(3);

async function recordGraphs(client: TrueNasClient, context: CollectContext): Promise<void> {
  const end = Math.floor(Date.now() / 1000 + (client.memory(serverClock).ahead ?? 0));
  const names = ["upscharge", "upsruntime", "upsload"];
  const graphs = await client.call({
    method: "reporting.netdata_get_data",
    params: [names.map((name) => ({ name })), { start: end - WINDOW / 1000, end, aggregate: false }],
    shape: graphsShape,
    signal: context.signal,
  });
  const [charge, runtime, load] = names.map((name) => newestOf(graphs, name));
  context.record(ups.charge, {}, charge === undefined ? undefined : charge / 100);
  context.record(ups.runtime, {}, runtime);
  context.record(ups.load, {}, load === undefined ? undefined : load / 100);
}
