import {
  equal,
  greater,
  labelReplace,
  max,
  multiply,
  scalarMinus,
  select,
  time,
  unless,
  type Vector,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { replication } from "../metrics/cluster.ts";

const by = ["target", "id"] as const;
const jobs = max(
  labelReplace(select(replication.info), { from: "source", pattern: "(?:node/)?(.*)", to: "node", replacement: "$1" }),
  { by: ["target", "id", "guest", "node"] },
);
const ofJob = (of: Vector<"target" | "id">) => multiply(jobs, of, { on: ["target", "id"], groupLeft: [] });
const enabled = max(select(replication.enabled), { by });
const lastSync = max(select(replication.lastSync), { by });
const interval = max(select(replication.interval), { by });

/** Age of the newest copy of the jobs that are later than that many intervals; a job that never ran has none. */
export const replicationLaterThan = (intervals: number) => {
  const age = scalarMinus(time(), greater(lastSync, 0));
  return ofJob(unless(greater(age, multiply(interval, intervals)), equal(enabled, 0)));
};

/** What can be asked of the replication. */
export const replicationSignals = {
  replicationFailures: signal({
    title: "Failed runs since the last good one",
    help: "By replication job, with its guest and the node it copies from.",
    unit: "none",
    expr: ofJob(max(select(replication.failed), { by })),
  }),
  replicationAge: signal({
    title: "Age of the copy",
    help: "What would be lost if the node failed now.",
    unit: "seconds",
    expr: ofJob(scalarMinus(time(), greater(lastSync, 0))),
  }),
  replicationDuration: signal({
    title: "Duration of the newest replication",
    help: "Longer than the interval of the job means that it never keeps up.",
    unit: "seconds",
    expr: ofJob(max(select(replication.duration), { by })),
  }),
  replicationEnabled: signal({
    title: "Replication jobs that are enabled",
    help: "0 for a job that does not run.",
    unit: "boolean",
    expr: ofJob(enabled),
  }),
};
