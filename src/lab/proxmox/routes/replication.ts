import { PveError } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { ReplicationJob, WireRow } from "../model.ts";
import { flag } from "../rows.ts";
import type { Route } from "./route.ts";

/** Replication: the configuration of the cluster, and the state on the node that has the guest. */
export const REPLICATION_ROUTES: readonly Route[] = [
  { path: "/cluster/replication", handle: jobs },
  { path: "/nodes/:node/replication", query: ["guest"], handle: nodeJobs },
  { path: "/nodes/:node/replication/:id/status", handle: jobStatus },
];

function jobs(exchange: Exchange): WireRow[] {
  return exchange.state.replicationJobs
    .filter(({ guest }) => exchange.mayGuest(guest, "VM.Audit"))
    .map((job) => configRow(exchange, job));
}

function configRow({ state }: Exchange, { id, guest, jobnum, target, schedule, disable }: ReplicationJob): WireRow {
  const source = state.guests.find(({ vmid }) => vmid === guest)?.node;
  return { id, type: "local", guest, jobnum, target, source, schedule, ...flag("disable", disable) };
}

function here(exchange: Exchange): ReplicationJob[] {
  const { state, node } = exchange;
  const guests = new Set(state.guests.filter((guest) => guest.node === node.name).map(({ vmid }) => vmid));
  return state.replicationJobs.filter(({ guest }) => guests.has(guest));
}

function stateRow(exchange: Exchange, job: ReplicationJob): WireRow {
  const vmtype = exchange.state.guests.find(({ vmid }) => vmid === job.guest)?.type;
  return { ...configRow(exchange, job), vmtype, ...job.state };
}

/** One guest that the token may not see refuses the whole list. */
function nodeJobs(exchange: Exchange): WireRow[] {
  const wanted = exchange.query.get("guest");
  return here(exchange)
    .filter(({ guest }) => wanted === null || String(guest) === wanted)
    .map((job) => {
      exchange.needGuest(job.guest, "VM.Audit");
      return stateRow(exchange, job);
    });
}

function jobStatus(exchange: Exchange): WireRow {
  const id = exchange.parameter("id");
  const job = here(exchange).find((one) => one.id === id);
  if (job === undefined) throw new PveError(500, `no such replication job '${id}'`);
  exchange.needGuest(job.guest, "VM.Audit");
  return stateRow(exchange, job);
}
