import { z } from "zod";
import { hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { looseText } from "../../../lib/answers/loose-shapes.ts";
import type { MemoryKey, TrueNasClient } from "../client.ts";
import { crontabLine } from "../tasks/crontab.ts";
import { tasks } from "../metrics/tasks.ts";
import { SNAPSHOT_MEMORY } from "../snapshots/snapshot-memory.ts";
import { snapshotTime } from "../tasks/snapshot-time.ts";
import { TASK_MEMORY } from "../tasks/task-memory.ts";
import type { TaskRow } from "../tasks/task-rows.ts";
import { TASK_SOURCES, type TaskSource } from "../tasks/task-sources.ts";
import { TASK_SCHEDULES } from "../tasks/task-times.ts";
import { listShape, readRows } from "./row-list.ts";

/** Three polls of the snapshots: what nobody looked at for so long is not known any more. */
const SNAPSHOTS_ARE_KNOWN = inSeconds(minutes(15));
/** The server's clock may be ahead. */
const MOST_AHEAD = inSeconds(hours(1));
const TIME_ZONE_LASTS = inSeconds(hours(1));

/** Periodic snapshot, replication, cloud sync, rsync and cloud backup tasks. */
export const tasksPart: Part<TrueNasClient> = {
  id: "tasks",
  title: "Tasks",
  every: seconds(60),
  deadline: seconds(30),
  metrics: tasks,
  async collect(client, context) {
    const { dialect } = await client.api(context.signal);
    const timeZone = await readTimeZone(client, context);
    const sources = TASK_SOURCES.filter(({ kind }) => kind !== "cloud_backup" || dialect.cloudBackups);
    const failures: Failure[] = [];
    for (const source of sources) {
      try {
        recordKind(client, context, source, { timeZone, rows: await readKind(client, context, source) });
      } catch (thrown) {
        if (!(thrown instanceof CollectError) || context.signal.aborted) throw thrown;
        failures.push({ title: source.title, error: thrown });
      }
    }
    // That nothing could be read is the part's own failure: what was known before still stands for a while.
    const [first] = failures;
    if (first !== undefined && failures.length === sources.length) throw first.error;
    for (const { title, error } of failures) context.missing(title, error);
  },
};

interface Failure {
  readonly title: string;
  readonly error: CollectError;
}

async function readKind(
  client: TrueNasClient,
  context: CollectContext,
  { method, select, row }: TaskSource,
): Promise<readonly TaskRow[]> {
  const { signal } = context;
  const list = await client.call({ method, params: [[], { select }], shape: listShape, signal });
  return readRows(context, list, { method, row, key: ({ id }) => id });
}

/** What is read of one kind. */
interface ReadKind {
  readonly timeZone: string | undefined;
  readonly rows: readonly TaskRow[];
}

function recordKind(
  client: TrueNasClient,
  context: CollectContext,
  { kind }: TaskSource,
  { timeZone, rows }: ReadKind,
): void {
  client.memory(TASK_MEMORY).keep(kind, new Set(rows.map(({ id }) => id)));
  for (const row of rows) recordTask(client, context, kind, row, timeZone);
  if (kind === "snapshot") recordNewest(client, context, rows);
}

function recordTask(
  client: TrueNasClient,
  context: CollectContext,
  kind: string,
  row: TaskRow,
  timeZone: string | undefined,
): void {
  const memory = client.memory(TASK_MEMORY);
  const { id, state, times } = row;
  const text = (label: string, told: string | undefined): string => memory.text(kind, id, label, told);
  const labels = { kind, task_id: id, name: text("name", row.name) };
  const { own } = times;
  const schedule = own === undefined ? "" : crontabLine(own);
  const [source, destination] = [text("source", row.source), text("destination", row.destination)];
  context.record(tasks.info, { ...labels, schedule, source, destination }, true);
  context.record(tasks.enabled, labels, row.enabled);
  context.record(tasks.running, labels, state.running);
  context.record(tasks.progress, labels, state.progress);
  context.record(tasks.held, labels, state.held);
  const { success, lastRun, lastSuccess } = memory.recall(kind, id, state.finished);
  context.record(tasks.success, labels, success);
  context.record(tasks.lastRun, labels, lastRun);
  context.record(tasks.lastSuccess, labels, lastSuccess);
  const now = Date.now() / 1000;
  const isEnabled = row.enabled;
  const moment = { timeZone, now, lastSuccess, isEnabled };
  const dates = client.memory(TASK_SCHEDULES).dates(`${kind} ${id}`, times, moment);
  context.record(tasks.due, labels, isEnabled === true ? dates.due : undefined);
  context.record(tasks.interval, labels, dates.interval);
  const sentAt = memory.sent(kind, id, sentOf(row, timeZone, now));
  context.record(tasks.newestSent, { task_id: id, name: labels.name }, sentAt);
}

/** When the snapshot was made that a replication sent last; one of the future has a name that somebody made up. */
function sentOf({ state, sends = [] }: TaskRow, timeZone: string | undefined, now: number): number | undefined {
  if (state.sent === undefined || timeZone === undefined) return undefined;
  const madeAt = snapshotTime(state.sent.replace(/^[^@]*@/, ""), sends, timeZone);
  return madeAt !== undefined && madeAt <= now + MOST_AHEAD ? madeAt : undefined;
}

/** Tells the part that reads snapshots which of them matter, and shows what it found. */
function recordNewest(client: TrueNasClient, context: CollectContext, rows: readonly TaskRow[]): void {
  const memory = client.memory(SNAPSHOT_MEMORY);
  const makers = rows.flatMap(({ id, makes }) => (makes === undefined ? [] : [{ id, ...makes }]));
  const byDataset = Map.groupBy(makers, ({ dataset }) => dataset);
  memory.want(new Map([...byDataset].map(([dataset, of]) => [dataset, new Set(of.map(({ schema }) => schema))])));
  const since = Date.now() / 1000 - SNAPSHOTS_ARE_KNOWN;
  for (const { id, dataset, schema } of makers)
    context.record(tasks.newestSnapshot, { task_id: id, dataset }, memory.newestMade(dataset, schema, since));
}

/** The server's time zone, by which its schedules are meant. */
class TimeZone {
  name: string | undefined;
  readAt = 0;
}

const TIME_ZONE: MemoryKey<TimeZone> = { create: () => new TimeZone() };

const zoneShape = z.object({ timezone: looseText });

async function readTimeZone(client: TrueNasClient, context: CollectContext): Promise<string | undefined> {
  const known = client.memory(TIME_ZONE);
  const now = Date.now() / 1000;
  if (known.name !== undefined && now - known.readAt < TIME_ZONE_LASTS) return known.name;
  await optionally(context, "time zone", async () => {
    const { signal } = context;
    const { timezone } = await client.call({ method: "system.general.config", shape: zoneShape, signal });
    known.name = timezone ?? known.name;
    known.readAt = now;
  });
  return known.name;
}
