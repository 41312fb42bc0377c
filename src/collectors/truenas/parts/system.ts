import { z } from "zod";
import { seconds } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { RpcError } from "../../../lib/json-rpc/rpc-error.ts";
import { looseFlag, looseNumber, looseText } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { looseDate } from "../dates.ts";
import { system } from "../metrics/system.ts";
import { bootTimeOf, serverClock } from "./server-clock.ts";
import { readServices } from "./services.ts";

/** The machine, whether it is there, and its services. */
export const systemPart: Part<TrueNasClient> = {
  id: "system",
  title: "System and services",
  every: seconds(60),
  deadline: seconds(40),
  metrics: system,
  outcomeMetrics: [system.up, system.logins, system.bytesReceived],
  async collect(client, context) {
    const up = await recordUp(client, context);
    context.record(system.logins, {}, client.stats.logins);
    context.record(system.bytesReceived, {}, client.stats.bytesReceived);
    if (!up) return;
    await optionally(context, "state", () => recordState(client, context));
    await optionally(context, "reboot", () => recordReboot(client, context));
    await optionally(context, "services", () => recordServices(client, context));
  },
};

/**
 * A server that answers a call so is there and took the key; a login that it refused meanwhile is no answer to a call.
 */
const isAnswer = (thrown: CollectError): boolean =>
  thrown.reason === "unexpected_shape" || (thrown.reason === "forbidden" && thrown instanceof RpcError);

async function recordUp(client: TrueNasClient, context: CollectContext): Promise<boolean> {
  let loggedIn = false;
  try {
    // before the clock is looked at, since opening a socket takes its time
    const { apiVersion } = await client.api(context.signal);
    loggedIn = true;
    await recordInfo(client, context, apiVersion);
    context.record(system.up, {}, true);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof CollectError) || context.signal.aborted) throw thrown;
    const up = loggedIn && isAnswer(thrown);
    context.record(system.up, {}, up);
    context.missing(up ? "system.info" : "server", thrown);
    return up;
  }
}

const infoShape = z.object({
  version: looseText,
  physmem: looseNumber,
  ecc_memory: looseFlag,
  cores: looseNumber,
  // one that is no list must not hide the rest
  loadavg: z.array(looseNumber).optional().catch(undefined),
  uptime_seconds: looseNumber,
  datetime: looseDate,
});

type Info = z.output<typeof infoShape>;

async function recordInfo(client: TrueNasClient, context: CollectContext, apiVersion: string): Promise<void> {
  const askedAt = Date.now();
  const info = await client.call({ method: "system.info", shape: infoShape, signal: context.signal });
  const answeredAt = Date.now();
  if (info.version !== undefined) context.record(system.version, { version: info.version, api_version: apiVersion }, 1);
  recordClock(client, context, info, { askedAt, answeredAt });
  recordMachine(context, info);
}

interface Exchange {
  readonly askedAt: number;
  readonly answeredAt: number;
}

function recordClock(client: TrueNasClient, context: CollectContext, info: Info, { askedAt, answeredAt }: Exchange) {
  const clock = client.memory(serverClock);
  const middle = (askedAt + answeredAt) / 2000;
  clock.ahead = info.datetime === undefined ? undefined : info.datetime - middle;
  context.record(system.clockOffset, {}, clock.ahead);
  context.record(system.bootTime, {}, bootTimeOf(clock, middle, info.uptime_seconds));
}

function recordMachine(context: CollectContext, info: Info): void {
  const [load1, load5, load15] = info.loadavg ?? [];
  const readings = [
    // where it can not be read, the server says 0 or null
    [system.memory, info.physmem === 0 ? undefined : info.physmem],
    [system.eccMemory, info.ecc_memory],
    [system.processors, info.cores === 0 ? undefined : info.cores],
    [system.load1, load1],
    [system.load5, load5],
    [system.load15, load15],
  ] as const;
  for (const [metric, value] of readings) context.record(metric, {}, value);
}

/** Others are unknown. */
const READY: Readonly<Record<string, boolean>> = { READY: true, BOOTING: false, SHUTTING_DOWN: false };

async function recordState(client: TrueNasClient, context: CollectContext): Promise<void> {
  const state = await client.call({ method: "system.state", shape: z.string(), signal: context.signal });
  context.record(system.ready, {}, Object.hasOwn(READY, state) ? READY[state] : undefined);
}

const rebootShape = z.object({ reboot_required_reasons: z.array(z.unknown()) });

async function recordReboot(client: TrueNasClient, context: CollectContext): Promise<void> {
  const { rebootInfo: method } = (await client.api(context.signal)).dialect;
  if (method === undefined) return;
  const { reboot_required_reasons: reasons } = await client.call({
    method,
    shape: rebootShape,
    signal: context.signal,
  });
  context.record(system.rebootRequired, {}, reasons.length > 0);
}

async function recordServices(client: TrueNasClient, context: CollectContext): Promise<void> {
  for (const { service, enabled, running } of await readServices(client, context)) {
    context.record(system.serviceEnabled, { service }, enabled);
    context.record(system.serviceRunning, { service }, running);
  }
}
