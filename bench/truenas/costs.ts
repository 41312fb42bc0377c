import { createServiceMetrics } from "../../src/app/service-metrics.ts";
import { createPublisher } from "../../src/app/publisher.ts";
import { poll } from "../../src/app/poll.ts";
import { hours } from "../../src/core/duration.ts";
import type { OpenPart } from "../../src/core/pack.ts";
import { createExposition } from "../../src/exporters/prometheus/exposition.ts";
import type { LabProcess } from "./lab-process.ts";

/** What one poll took. */
export interface PollCost {
  /** Milliseconds of computing, by all threads of the process. */
  readonly cpuMs: number;
  /** Bytes of messages, both ways. */
  readonly bytes: number;
  /** Milliseconds of computing for the exposition's text, after the poll. */
  readonly encodeMs: number;
  readonly series: number;
}

const stopped = new AbortController().signal;

/** Milliseconds that this process has computed since. */
export function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Polls parts as the service does and keeps what they bring as it does, encoded. */
export function createPolling(lab: LabProcess): (part: OpenPart) => Promise<PollCost> {
  const publisher = createPublisher(createExposition({ selfMetrics: createServiceMetrics().registry }));
  return async (part) => {
    const bytes = await lab.ask({ ask: "bytes" });
    const polling = process.cpuUsage();
    const result = await poll(part, stopped);
    const cpuMs = cpuSince(polling);
    if (result.outcome !== "success" || result.errors.length > 0)
      throw new Error(`part ${part.id}: ${result.outcome} ${JSON.stringify(result.errors)}`);
    const encoding = process.cpuUsage();
    const key = { collector: "truenas", target: "nas", part: part.id };
    await publisher.publish(key, result.snapshot, hours(1));
    const encodeMs = cpuSince(encoding);
    const series = result.snapshot.families.reduce((sum, { samples }) => sum + samples.length, 0);
    return { cpuMs, encodeMs, series, bytes: (await lab.ask({ ask: "bytes" })) - bytes };
  };
}
