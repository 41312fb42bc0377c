import type { PveGuest } from "../model.ts";
import { leftOut } from "./backup-jobs.ts";
import type { World } from "./world.ts";
import { lastAt } from "./world.ts";

/** How long the backup of one guest takes at most, and all of a node, in seconds. */
const LONGEST_EACH = 42;
const LONGEST_NIGHT = 2700;

/** The daily backup of one night on one node; times are in seconds since 1970. */
export interface Night {
  readonly node: string;
  readonly start: number;
  readonly secondsEach: number;
  /** In the order in which they are backed up. */
  readonly guests: readonly PveGuest[];
}

/** The nights, so many days back, newest first; a node without guests of the job has none. */
export function buildNights(world: World, guests: readonly PveGuest[], days: number): Night[] {
  const daily = dailyGuests(guests);
  return Array.from({ length: days }, (_, day) => lastAt(world, 2, day)).flatMap((midnight) =>
    world.nodeNames.flatMap((node, index) => {
      const here = daily.filter((guest) => guest.node === node);
      const secondsEach = Math.max(2, Math.min(LONGEST_EACH, Math.floor(LONGEST_NIGHT / here.length)));
      return here.length === 0 ? [] : [{ node, start: midnight + 2 + index, secondsEach, guests: here }];
    }),
  );
}

/** The guests that the daily job backs up; the lab has no backups of templates. */
export function dailyGuests(guests: readonly PveGuest[]): PveGuest[] {
  const out = new Set(leftOut(guests));
  return guests.filter((guest) => !guest.template && !out.has(guest));
}

/** When a guest's own backup began: the name of the backup has it, in seconds since 1970. */
export const backupTime = ({ start, secondsEach }: Night, position: number): number =>
  start + 1 + position * secondsEach;
