import type { PveGuest, PveTask } from "../model.ts";
import { backupLog } from "./backup-log.ts";
import type { Night } from "./nights.ts";
import { buildNights, dailyGuests } from "./nights.ts";
import { createTask } from "./upid.ts";
import type { World } from "./world.ts";
import { DAY, lastAt } from "./world.ts";

/** How the daily job calls vzdump. */
export const DAILY_ARGUMENTS =
  "--quiet 1 --storage pbs --mode snapshot --all 1 --notes-template '{{guestname}}' --notification-mode auto";
const SINGLE = "--storage pbs --mode snapshot --notes-template '{{guestname}}' --remove 0";

/**
 * The finished tasks of a new cluster, newest first, and one that runs: on each node the daily backup of the last two
 * nights, whose id is empty; on the first node the backup of a single guest, by hand; starts, updates and a console.
 */
export function buildTasks(world: World, guests: readonly PveGuest[]): PveTask[] {
  const daily = dailyGuests(guests);
  const nights = buildNights(world, guests, 2).map((night) => nightly(world, night, daily));
  const [first] = daily;
  const single = first === undefined ? [] : [byHand(world, first, lastAt(world, 3) + 600)];
  const others = world.nodeNames.flatMap((node) => chores(world, node));
  return [...running(world, guests), ...nights, ...single, ...others].toSorted((a, b) => b.starttime - a.starttime);
}

function nightly(world: World, night: Night, daily: readonly PveGuest[]): PveTask {
  const { node, start, secondsEach, guests } = night;
  const skipped = daily.filter((guest) => guest.node !== node).map(({ vmid }) => vmid);
  const lasts = 2 + guests.length * secondsEach;
  const log = backupLog({ ...night, arguments: DAILY_ARGUMENTS, skipped });
  return task(world, { node, type: "vzdump", id: only(guests), start, lasts }, log);
}

/** A backup of one guest has its number as its id, one of several has none. */
const only = (guests: readonly PveGuest[]): string => (guests.length === 1 ? String(guests[0]?.vmid) : "");

function byHand(world: World, guest: PveGuest, start: number): PveTask {
  const { node, vmid } = guest;
  const secondsEach = 42;
  const log = backupLog({ guests: [guest], arguments: SINGLE, skipped: [], start, secondsEach });
  return task(world, { node, type: "vzdump", id: String(vmid), start, lasts: 2 + secondsEach }, log);
}

function chores(world: World, node: string): PveTask[] {
  return [
    task(world, { node, type: "aptupdate", id: "", start: lastAt(world, 4) + 77, lasts: 9 }, [
      "starting apt-get update",
      "TASK OK",
    ]),
    task(world, { node, type: "startall", id: "", start: world.now - 3 * DAY, lasts: 61 }, ["TASK OK"]),
    {
      ...task(world, { node, type: "vncproxy", id: "100", start: world.now - 2 * DAY, lasts: 3 }, []),
      log: ["TASK ERROR: connection timed out"],
      status: "connection timed out",
    },
  ];
}

function running(world: World, guests: readonly PveGuest[]): PveTask[] {
  const [first] = guests;
  if (first === undefined) return [];
  const { node, vmid } = first;
  const {
    endtime: _,
    status: __,
    ...open
  } = task(world, { node, type: "vncproxy", id: String(vmid), start: world.now - 60, lasts: 0 }, []);
  return [{ ...open, log: [] }];
}

interface Brief {
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly start: number;
  readonly lasts: number;
}

function task({ random }: World, { node, type, id, start, lasts }: Brief, log: string[]): PveTask {
  return createTask({
    node,
    type,
    id,
    user: "root@pam",
    pid: random.whole(1000, 900_000),
    pstart: random.whole(100_000, 9_000_000),
    starttime: start,
    endtime: start + lasts,
    status: "OK",
    log,
  });
}
