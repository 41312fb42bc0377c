import { z } from "zod";
import { asCollectError } from "../../../core/errors.ts";
import type { CollectContext } from "../../../core/pack.ts";
import { HttpStatusError } from "../../../lib/http/client.ts";
import { readBackupLog } from "./log.ts";
import type { ProxmoxClient } from "../client.ts";
import { looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";

const task = z.object({
  upid: z.string(),
  type: looseText,
  id: looseText,
  endtime: looseNumber,
  status: looseText,
});

/** `/nodes/{node}/tasks`, newest first. Source: https://pve.proxmox.com/pve-docs/api-viewer/#/nodes/{node}/tasks */
export const tasksShape = rows(task).transform((found) => [
  ...new Map(found.map((each) => [each.upid, each])).values(),
]);

/** How a task ended. */
export type TaskOutcome = "ok" | "warnings" | "failed";

/** A task that has ended. */
export interface EndedTask {
  readonly upid: string;
  readonly type: string;
  /** What it was about; empty for a backup of several guests. */
  readonly id: string;
  /** In Unix seconds by the node's clock. */
  readonly endtime: number;
  readonly outcome: TaskOutcome;
}

/** The tasks that have ended, one way or another; those that run or whose end is not told are left out. */
export function endedTasks(found: z.output<typeof tasksShape>): readonly EndedTask[] {
  return found.flatMap(({ upid, type, id = "", endtime, status }) =>
    type === undefined || endtime === undefined || status === undefined || status === ""
      ? []
      : [{ upid, type, id, endtime, outcome: outcomeOf(status) }],
  );
}

function outcomeOf(status: string): TaskOutcome {
  if (status === "OK") return "ok";
  return /^WARNINGS: \d+$/.test(status) ? "warnings" : "failed";
}

/** What a backup task did for one guest. */
export interface GuestOutcome {
  readonly vmid: number;
  readonly endtime: number;
  readonly success: boolean;
}

const LOGS_PER_POLL = 20;
const LINES_PER_PAGE = 5_000;
const PAGES_PER_LOG = 10;

/** What a task did: for each guest, and whether for all of them, or only those at the beginning of an endless log. */
interface Outcomes {
  readonly byGuest: ReadonlyMap<number, boolean>;
  readonly isWhole: boolean;
}

/** What the logs said, by node and task: each is read once. */
const knownLogs = new WeakMap<ProxmoxClient, Map<string, ReadonlyMap<string, Outcomes>>>();

/**
 * What the backup tasks of a node did for each guest, from their logs where they were about several. Logs are read
 * newest first, some at each poll; what ended before one that is not read to its end is left out, because that one may
 * know better.
 */
export async function guestOutcomes(
  client: ProxmoxClient,
  node: string,
  ended: readonly EndedTask[],
  context: CollectContext,
): Promise<readonly GuestOutcome[]> {
  const tasks = ended.toSorted((a, b) => b.endtime - a.endtime);
  const logs = await readLogs(client, node, tasks.filter(hasManyGuests), context);
  const outcomes: GuestOutcome[] = [];
  for (const { upid, id, endtime, outcome } of tasks) {
    const found = id === "" ? logs.get(upid) : whole(new Map([[Number(id), outcome !== "failed"]]));
    for (const [vmid, success] of found?.byGuest ?? []) outcomes.push({ vmid, endtime, success });
    if (found?.isWhole !== true) break;
  }
  return outcomes;
}

const whole = (byGuest: Outcomes["byGuest"]): Outcomes => ({ byGuest, isWhole: true });
const hasManyGuests = ({ id }: EndedTask): boolean => id === "";

async function readLogs(
  client: ProxmoxClient,
  node: string,
  tasks: readonly EndedTask[],
  context: CollectContext,
): Promise<ReadonlyMap<string, Outcomes>> {
  const byNode = knownLogs.get(client) ?? new Map<string, ReadonlyMap<string, Outcomes>>();
  knownLogs.set(client, byNode);
  const known = byNode.get(node);
  const kept = new Map(tasks.flatMap(({ upid }) => [known?.get(upid)].flatMap((log) => (log ? [[upid, log]] : []))));
  for (const { upid } of tasks.filter((each) => !kept.has(each.upid)).slice(0, LOGS_PER_POLL)) {
    const log = await readLog(client, node, upid, context);
    if (log === undefined) break;
    kept.set(upid, log);
  }
  byNode.set(node, kept);
  return kept;
}

/** Answers that another attempt will not change. A log that was removed is 400: `no such task`. */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 404]);

/** Undefined when it is to be tried again; one that the node refuses to give says nothing, then and later. */
async function readLog(
  client: ProxmoxClient,
  node: string,
  upid: string,
  context: CollectContext,
): Promise<Outcomes | undefined> {
  try {
    return await readPages(client, node, upid, context.signal);
  } catch (thrown) {
    context.signal.throwIfAborted();
    context.missing(`${node}, log of ${upid}`, asCollectError(thrown));
    return thrown instanceof HttpStatusError && REFUSALS.has(thrown.status) ? whole(new Map()) : undefined;
  }
}

const linesShape = rows(z.object({ t: looseText })).transform((found) => found.map(({ t = "" }) => t));

async function readPages(client: ProxmoxClient, node: string, upid: string, signal: AbortSignal): Promise<Outcomes> {
  const lines: string[] = [];
  const path = `tasks/${encodeURIComponent(upid)}/log?limit=${LINES_PER_PAGE}`;
  for (let page = 0; page < PAGES_PER_LOG; page++) {
    const found = await client.askNode(node, `${path}&start=${lines.length}`, linesShape, signal);
    lines.push(...found);
    if (found.length < LINES_PER_PAGE) return whole(readBackupLog(lines));
  }
  // the guest at the cut was not finished there, which says nothing of it
  const cut = lines.findLastIndex((line) => line.startsWith("INFO: Starting Backup of VM "));
  return { byGuest: readBackupLog(lines.slice(0, Math.max(0, cut))), isWhole: false };
}
