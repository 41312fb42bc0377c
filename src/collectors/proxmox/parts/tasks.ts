import { days, hours, inSeconds, minutes, seconds, type Duration } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import {
  endedTasks,
  guestOutcomes,
  tasksShape,
  type EndedTask,
  type GuestOutcome,
  type TaskOutcome,
} from "../backups/tasks.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { guestsOf } from "../guests.ts";
import { backupTasks, tasks } from "../metrics/backups.ts";

const BACKUPS_FROM = days(7);
const FAILURES_FROM = hours(24);
/** A task is asked for by when it began, on the node's clock, and counts by when it ended. */
const MARGIN = days(1);
/** Proxmox VE gives 50 unless told otherwise. */
const LIMIT = 1_000;
const BACKUP = "vzdump";

/** Tasks of every node: what became of the backups, and what else failed. */
export const tasksPart: Part<ProxmoxClient> = {
  id: "tasks",
  title: "Backup tasks, and other tasks that failed",
  every: minutes(5),
  deadline: seconds(90),
  metrics: { ...backupTasks, ...tasks },
  async collect(client, context) {
    const permissions = await client.permissions(context.signal);
    const { onlineNodes, resources } = await client.inventory(context.signal);
    const maySee = (node: string) => permissions.holds("Sys.Audit", `/nodes/${node}`);
    if (onlineNodes.length > 0 && !onlineNodes.some(maySee)) throw new NoData("seeing tasks takes Sys.Audit on /nodes");
    const outcomes: GuestOutcome[] = [];
    await eachNode(client, context, async (node) => {
      if (maySee(node)) outcomes.push(...(await readNode(client, node, context)));
    });
    const ids = new Map(guestsOf(resources).map(({ vmid, id }) => [vmid, id]));
    recordGuests(outcomes, ids, context);
  },
};

async function readNode(
  client: ProxmoxClient,
  node: string,
  context: CollectContext,
): Promise<readonly GuestOutcome[]> {
  const [backups, failures] = await Promise.all([
    ask(client, node, `typefilter=${BACKUP}`, BACKUPS_FROM, context.signal),
    ask(client, node, "errors=1", FAILURES_FROM, context.signal),
  ]);
  recordNode(node, backups, context);
  recordFailures(node, failures, context);
  return guestOutcomes(client, node, backups, context);
}

/** The tasks that ended not longer ago than `from`. */
async function ask(
  client: ProxmoxClient,
  node: string,
  filter: string,
  from: Duration,
  signal: AbortSignal,
): Promise<readonly EndedTask[]> {
  const now = Math.floor(Date.now() / 1000);
  const since = now - inSeconds(from) - inSeconds(MARGIN);
  const path = `tasks?source=all&${filter}&since=${since}&limit=${LIMIT}`;
  const found = endedTasks(await client.askNode(node, path, tasksShape, signal));
  return found.filter(({ endtime }) => endtime > now - inSeconds(from));
}

function recordNode(node: string, found: readonly EndedTask[], context: CollectContext): void {
  const newest = new Map<TaskOutcome, number>();
  for (const { outcome, endtime } of found) newest.set(outcome, Math.max(endtime, newest.get(outcome) ?? 0));
  for (const [outcome, endtime] of newest) context.record(backupTasks.nodeLastEnd, { node, outcome }, endtime);
}

function recordFailures(node: string, found: readonly EndedTask[], context: CollectContext): void {
  const failed = found.filter(({ type, outcome }) => type !== BACKUP && outcome === "failed");
  for (const [type, those] of Map.groupBy(failed, (each) => each.type))
    context.record(tasks.failed, { node, type }, those.length);
}

/** Of a guest that was backed up on two nodes, the newer task counts. */
function recordGuests(
  outcomes: readonly GuestOutcome[],
  ids: ReadonlyMap<number, string>,
  context: CollectContext,
): void {
  const newest = new Map<number, GuestOutcome>();
  for (const each of outcomes) {
    if (each.endtime > (newest.get(each.vmid)?.endtime ?? 0)) newest.set(each.vmid, each);
  }
  for (const { vmid, endtime, success } of [...newest.values()].toSorted((a, b) => a.vmid - b.vmid)) {
    const id = ids.get(vmid);
    if (id === undefined) continue;
    context.record(backupTasks.guestLastEnd, { id }, endtime);
    context.record(backupTasks.guestLastSuccess, { id }, success);
  }
}
