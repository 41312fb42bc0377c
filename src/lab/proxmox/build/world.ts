import type { PveRelease } from "../model.ts";
import type { Random } from "../random.ts";

/** What all parts of a new cluster are made from. */
export interface World {
  readonly random: Random;
  /** When the cluster is made: seconds since 1970. */
  readonly now: number;
  readonly release: PveRelease;
  readonly nodeNames: readonly string[];
}

/** Bytes of one gibibyte. */
export const GIB = 1024 ** 3;
/** Bytes of one tebibyte. */
export const TIB = 1024 ** 4;
export const HOUR = 3600;
export const DAY = 24 * HOUR;

/**
 * The last moment at that hour of the day (UTC) that is an hour ago, so that what began then has ended; whole days
 * before it if wanted. Seconds since 1970.
 */
export function lastAt({ now }: World, hour: number, daysBefore = 0): number {
  return nextAt({ now: now - HOUR }, hour) - DAY * (daysBefore + 1);
}

/** The next moment at that hour of the day (UTC), in seconds since 1970. */
export function nextAt({ now }: Pick<World, "now">, hour: number): number {
  const today = Math.floor(now / DAY) * DAY + hour * HOUR;
  return today > now ? today : today + DAY;
}

/** The day of a moment (UTC), such as `2026-11-23`. */
export const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);
