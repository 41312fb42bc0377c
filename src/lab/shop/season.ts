import type { Draws } from "./draws.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What goes on in every shop, with a fault or without. */
export interface Season {
  /** How many times the usual traffic there is; 1 in the middle. */
  load(at: number): number;
  /** The nightly job runs. */
  isBatch(at: number): boolean;
  /** How many times the usual number of lines a service murmurs. */
  talk(service: string, at: number): number;
}

/**
 * Day and night, a slow drift, in some shops growth or a campaign around `middle`, in some the nightly job, and in some
 * a service that talks more than before.
 */
export function makeSeason(
  draws: Draws,
  { middle, services }: { middle: number; services: readonly string[] },
): Season {
  const peak = draws.span(12, 18) * 60 * MINUTE;
  const drift = Array.from({ length: 3 }, () => ({
    periodMs: draws.span(7, 90) * MINUTE,
    phase: draws.span(0, 2 * Math.PI),
    size: draws.span(0.01, 0.08),
  }));
  const growth = draws.chance(0.4)
    ? { from: middle + draws.span(-30, 5) * MINUTE, over: draws.span(1, 20) * MINUTE, by: draws.span(0.15, 0.6) }
    : undefined;
  const batchAt = draws.chance(0.2)
    ? mod(middle + draws.span(-8, 5) * MINUTE, DAY)
    : mod(middle + draws.span(3, 20) * 60 * MINUTE, DAY);
  const batchFor = draws.span(2, 8) * MINUTE;
  const talker = draws.chance(0.2)
    ? { service: draws.pick(services), from: middle + draws.span(-20, 5) * MINUTE, times: draws.span(1.5, 3) }
    : undefined;
  return {
    load: (at) => {
      let load = 1 + 0.35 * Math.cos((2 * Math.PI * (mod(at, DAY) - peak)) / DAY);
      for (const { periodMs, phase, size } of drift) load *= 1 + size * Math.sin((2 * Math.PI * at) / periodMs + phase);
      if (growth !== undefined) load *= 1 + growth.by * Math.min(1, Math.max(0, (at - growth.from) / growth.over));
      return load;
    },
    isBatch: (at) => mod(at - batchAt, DAY) < batchFor,
    talk: (service, at) => (talker?.service === service && at >= talker.from ? talker.times : 1),
  };
}

const mod = (value: number, by: number): number => ((value % by) + by) % by;
