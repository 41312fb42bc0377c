import { z } from "zod";
import { looseNumber, looseText } from "../../../lib/answers/loose-shapes.ts";
import { looseDate } from "../dates.ts";
import type { FinishedRun } from "./task-memory.ts";

/** What a task does just now, and how its last run ended when the server tells. */
export interface TaskState {
  readonly running: boolean | undefined;
  readonly held: boolean | undefined;
  /** From 0 to 1; of the run under way. */
  readonly progress: number | undefined;
  readonly finished: FinishedRun | undefined;
  /** Of a finished replication: the snapshot that was sent last, as `dataset@name`. */
  readonly sent?: string | undefined;
}

/** Reads an object that may be null, absent or something else: then all of its keys are unknown. */
export const loosely = <S extends z.ZodType>(shape: S) =>
  z
    .unknown()
    .optional()
    .transform((value): z.output<S> | undefined => shape.safeParse(value).data);

const jobShape = z.object({
  state: looseText,
  time_finished: looseDate,
  progress: loosely(z.object({ percent: looseNumber })),
});

/** The newest run of a task that is a job. */
export type Job = z.output<typeof jobShape>;

/** Null says that there was no run; anything else that is no job says nothing. */
export const job = z
  .unknown()
  .optional()
  .transform((value): Job | null | undefined => (value === null ? null : jobShape.safeParse(value).data));

const percentOf = (running: Job): number | undefined => ratio(running.progress?.percent, 100);

function ratio(done: number | undefined, of: number | undefined): number | undefined {
  if (done === undefined || of === undefined || of <= 0) return undefined;
  return Math.min(1, Math.max(0, done / of));
}

/** States of jobs: https://api.truenas.com/v25.10/jobs.html */
export function jobState(latest: Job | null | undefined, locked: boolean | undefined): TaskState {
  const state = latest?.state?.toUpperCase();
  const running = state === "RUNNING" || state === "WAITING";
  const ended = state === "SUCCESS" || state === "FAILED" || state === "ABORTED";
  return {
    held: locked,
    running: running ? true : ended || latest === null ? false : undefined,
    progress: state === "RUNNING" && latest ? percentOf(latest) : undefined,
    finished: ended ? { success: state === "SUCCESS", endedAt: latest?.time_finished } : undefined,
  };
}

const progressShape = z.object({
  snapshots_sent: looseNumber,
  snapshots_total: looseNumber,
  bytes_sent: looseNumber,
  bytes_total: looseNumber,
});

/** The key `state` of snapshot and replication tasks. */
export const engineState = loosely(
  z.object({ state: looseText, datetime: looseDate, progress: loosely(progressShape), last_snapshot: looseText }),
);

const RUNNING: ReadonlySet<string> = new Set(["RUNNING", "WAITING"]);
const RESTING: ReadonlySet<string> = new Set(["PENDING", "FINISHED", "ERROR", "HOLD"]);

/** States of the replication engine: `zettarepl.set_state` and `zettarepl.get_definition` of the middleware. */
export function zettareplState(told: z.output<typeof engineState>, run?: Job | null): TaskState {
  const state = told?.state?.toUpperCase() ?? "";
  const isKnown = RUNNING.has(state) || RESTING.has(state);
  const success = state === "FINISHED" ? true : state === "ERROR" ? false : undefined;
  const sent = run?.state === "RUNNING" ? percentOf(run) : undefined;
  return {
    running: isKnown ? RUNNING.has(state) : undefined,
    held: isKnown ? state === "HOLD" : undefined,
    progress: state === "RUNNING" ? (sent ?? snapshotsSent(told?.progress)) : undefined,
    finished: success === undefined ? undefined : { success, endedAt: told?.datetime },
    // while a run goes on it may be an old one of a dataset that is sent for the first time
    sent: success === true ? told?.last_snapshot : undefined,
  };
}

function snapshotsSent(progress: z.output<typeof progressShape> | undefined): number | undefined {
  const { snapshots_sent: sent, snapshots_total: total, bytes_sent: bytes, bytes_total: all } = progress ?? {};
  if (sent === undefined) return undefined;
  return ratio(sent + (ratio(bytes, all) ?? 0), total);
}
