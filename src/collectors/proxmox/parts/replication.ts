import { z } from "zod";
import { seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { replication } from "../metrics/cluster.ts";
import { longestInterval } from "../schedule.ts";
import { looseFlag, looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import { isGuest } from "../resources/placement.ts";

const jobsShape = rows(
  z.object({ id: z.string(), guest: looseNumber, source: looseText, schedule: looseText, disable: looseFlag }),
);
const statesShape = rows(
  z.object({
    id: z.string(),
    type: looseText,
    vmtype: looseText,
    guest: looseText,
    source: looseText,
    target: looseText,
    last_sync: looseNumber,
    last_try: looseNumber,
    next_sync: looseNumber,
    duration: looseNumber,
    fail_count: looseNumber,
  }),
);

type Job = z.output<typeof jobsShape>[number];
type State = z.output<typeof statesShape>[number];

/** The schedule of a job that names none. Source: pve-guest-common, PVE::ReplicationConfig. */
const DEFAULT_SCHEDULE = "*/15";

/** `/cluster/replication`, which knows the jobs but not how they went, and `/nodes/{node}/replication`, which does. */
export const replicationPart: Part<ProxmoxClient> = {
  id: "replication",
  title: "Replication jobs",
  every: seconds(60),
  deadline: seconds(30),
  metrics: replication,
  async collect(client, context) {
    const jobs = await client.askCluster("cluster/replication", jobsShape, context.signal);
    if (jobs.length === 0) throw new NoData("there is no replication job");
    for (const job of new Map(jobs.map((each) => [each.id, each])).values()) recordJob(job, context);
    for (const state of (await readStates(client, context, jobs)).values()) recordState(state, context);
  },
};

/** How each job went last, from the nodes that have a guest with a job: a node tells only of its own guests. */
async function readStates(
  client: ProxmoxClient,
  context: CollectContext,
  jobs: readonly Job[],
): Promise<ReadonlyMap<string, State>> {
  const { resources } = await client.inventory(context.signal);
  const guests = new Set(jobs.map(({ guest }) => guest));
  const placed = resources.filter((row) => isGuest(row) && guests.has(row.vmid)).map(({ node }) => node);
  const sources = new Set([...placed, ...jobs.map(({ source }) => source)]);
  const states = new Map<string, State>();
  await eachNode(client, context, async (node) => {
    if (!sources.has(node)) return;
    for (const state of await client.askNode(node, "replication", statesShape, context.signal)) {
      // while the guest migrates, both nodes may tell of its job
      const other = states.get(state.id);
      if (other === undefined || (state.last_try ?? 0) > (other.last_try ?? 0)) states.set(state.id, state);
    }
  });
  return states;
}

function recordJob({ id, schedule, disable }: Job, context: CollectContext): void {
  context.record(replication.enabled, { id }, disable !== true);
  context.record(replication.interval, { id }, longestInterval(schedule ?? DEFAULT_SCHEDULE));
}

function recordState(state: State, context: CollectContext): void {
  const { id, type = "", source = "", target = "", vmtype = "", guest = "" } = state;
  const places = { source: `node/${source}`, target_node: `node/${target}` };
  const labels = { id, type, ...places, guest: `${vmtype}/${guest}` };
  context.record(replication.info, labels, 1);
  context.record(replication.duration, { id }, state.duration);
  context.record(replication.lastSync, { id }, state.last_sync);
  context.record(replication.lastTry, { id }, state.last_try);
  context.record(replication.nextSync, { id }, state.next_sync);
  context.record(replication.failed, { id }, state.fail_count);
}
