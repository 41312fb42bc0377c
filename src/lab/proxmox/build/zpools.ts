import type { WireRow, Zpool } from "../model.ts";
import type { World } from "./world.ts";
import { GIB, lastAt } from "./world.ts";

/** The pool that a node boots from: a mirror of its first two disks. */
export function buildZpools(world: World, disks: readonly WireRow[]): Zpool[] {
  const size = 444 * GIB;
  const alloc = Math.round(size * world.random.between(0.2, 0.5));
  const list = {
    name: "rpool",
    size,
    alloc,
    free: size - alloc,
    frag: world.random.whole(3, 30),
    dedup: 1,
    health: "ONLINE",
  };
  const members = disks.slice(0, 2).map((disk) => leaf(`${String(disk["by_id_link"])}-part3`));
  return [{ list, detail: detail(world, members) }];
}

function detail(world: World, members: readonly WireRow[]): WireRow {
  return {
    name: "rpool",
    state: "ONLINE",
    scan: scrubbed(lastAt(world, 1, 11) + 754),
    errors: "No known data errors",
    leaf: 0,
    children: [
      { name: "rpool", ...HEALTHY, leaf: 0, children: [{ name: "mirror-0", ...HEALTHY, leaf: 0, children: members }] },
    ],
  };
}

const HEALTHY = { state: "ONLINE", read: 0, write: 0, cksum: 0, msg: "" };

const leaf = (name: string): WireRow => ({ name, ...HEALTHY, leaf: 1 });

/** What `zpool status` says of a scrub that ended then (seconds since 1970), in the time of the host (UTC). */
function scrubbed(end: number): string {
  const [weekday, day, month, year, clock] = new Date(end * 1000).toUTCString().replace(",", "").split(" ");
  const padded = String(Number(day)).padStart(2, " ");
  return `scrub repaired 0B in 00:12:34 with 0 errors on ${weekday} ${month} ${padded} ${clock} ${year}`;
}
