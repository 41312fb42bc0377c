import { seconds } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { readShape } from "../../../lib/answers/read-shape.ts";
import type { TrueNasClient } from "../client.ts";
import { realtime } from "../metrics/system.ts";
import { newestEvent } from "./newest-event.ts";
import { realtimeShape, readFigures, readInterfaces, type RealtimeEvent } from "./realtime-event.ts";

const INTERVAL = seconds(5);
const EVENT = `reporting.realtime:${JSON.stringify({ interval: INTERVAL / 1000 })}`;
/** Older figures are nobody's any more. */
const STALE = seconds(15);
/** The first event comes as soon as the server has gathered its figures. */
const PATIENCE = seconds(12);

/** The newest event `reporting.realtime`, which the server sends every 5 s. */
export const realtimePart: Part<TrueNasClient> = {
  id: "realtime",
  title: "Processors, memory and network",
  every: seconds(15),
  deadline: seconds(30),
  metrics: realtime,
  async collect(client, context) {
    // opens the socket, or says why there is none
    await client.api(context.signal);
    const { signal } = context;
    const fields = await newestEvent(client, { name: EVENT, stale: STALE, patience: PATIENCE, signal });
    const event = readShape(realtimeShape, fields, EVENT);
    if (event.failed_to_connect === true)
      throw new CollectError(
        "server_error",
        `${EVENT}: the server can not read its own figures (netdata does not run)`,
      );
    recordFigures(context, event);
    recordInterfaces(context, event);
  },
};

function recordFigures(context: CollectContext, event: RealtimeEvent): void {
  const figures = readFigures(event);
  const readings = [
    [realtime.cpu, figures.cpu],
    [realtime.cpuTemperature, figures.cpuTemperature],
    [realtime.memoryAvailable, figures.memoryAvailable],
    [realtime.arcSize, figures.arcSize],
    [realtime.arcHits, figures.arcHits],
  ] as const;
  for (const [metric, value] of readings) context.record(metric, {}, value);
}

function recordInterfaces(context: CollectContext, event: RealtimeEvent): void {
  for (const { name, isUp, received, sent } of readInterfaces(event)) {
    const labels = { interface: name };
    context.record(realtime.interfaceUp, labels, isUp);
    context.record(realtime.interfaceReceived, labels, received);
    context.record(realtime.interfaceSent, labels, sent);
  }
}
