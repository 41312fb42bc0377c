import { z } from "zod";
import { hours, minutes } from "../../../core/duration.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import type { ProxmoxClient } from "../client.ts";
import { readGuests } from "../guest-calls.ts";
import { snapshots } from "../metrics/resources.ts";
import { looseNumber, rows } from "../../../lib/answers/loose-shapes.ts";

const snapshotRow = z.object({ name: z.string(), snaptime: looseNumber });

/** `/nodes/{node}/{type}/{vmid}/snapshot`: one call for each guest. */
export const snapshotsPart: Part<ProxmoxClient> = {
  id: "snapshots",
  title: "Guests' snapshots",
  every: hours(3),
  deadline: minutes(10),
  metrics: snapshots,
  collect: readGuests({
    path: "snapshot",
    shape: rows(snapshotRow),
    skips: ({ template }) => template === true,
    take: (context, { id }, found) => recordSnapshots(context, id, found),
  }),
};

/** The list ends with the running state, which Proxmox VE names `current`. */
function recordSnapshots(context: CollectContext, id: string, found: readonly z.output<typeof snapshotRow>[]): void {
  const taken = found.filter(({ name }) => name !== "current");
  context.record(snapshots.count, { id }, taken.length);
  const times = taken.flatMap(({ snaptime }) => snaptime ?? []);
  if (times.length === 0) return;
  context.record(snapshots.oldest, { id }, Math.min(...times));
  context.record(snapshots.newest, { id }, Math.max(...times));
}
