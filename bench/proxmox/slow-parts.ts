import { poll } from "../../src/app/poll.ts";
import type { OpenTarget } from "../../src/core/pack.ts";

/** What polls take in a minute. */
export interface Load {
  readonly calls: number;
  readonly cpuSeconds: number;
}

const stopped = new AbortController().signal;

/**
 * What the parts take that are polled less often than every `windowMs`: of each, what one poll that is not its first
 * takes, divided by its interval.
 */
export async function loadOfSlowParts(
  target: OpenTarget,
  windowMs: number,
  countCalls: () => Promise<number>,
): Promise<Load> {
  for (const part of target.parts) await poll(part, stopped);
  const loads: Load[] = [];
  for (const part of target.parts.filter(({ every }) => every > windowMs)) {
    const before = { calls: await countCalls(), cpu: process.cpuUsage() };
    await poll(part, stopped);
    const { user, system } = process.cpuUsage(before.cpu);
    const perMinute = 60_000 / part.every;
    const calls = (await countCalls()) - before.calls;
    loads.push({ calls: calls * perMinute, cpuSeconds: ((user + system) / 1e6) * perMinute });
  }
  return {
    calls: loads.reduce((sum, { calls }) => sum + calls, 0),
    cpuSeconds: loads.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}
