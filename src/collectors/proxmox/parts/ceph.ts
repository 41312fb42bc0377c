import { z } from "zod";
import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { HttpStatusError } from "../../../lib/http/client.ts";
import type { ProxmoxClient } from "../client.ts";
import { ceph } from "../metrics/nodes.ts";
import { looseFlag, looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import { uniqueBy } from "../unique.ts";

/** A key that may be missing or be something else, as it differs by release. */
const loose = <S extends z.ZodType>(shape: S) => shape.optional().catch(undefined);

/** What `ceph status` prints as JSON. Source: https://docs.ceph.com/en/latest/api/mon_command_api/#status */
const statusShape = z.object({
  health: loose(z.object({ status: looseText, checks: loose(z.record(z.string(), z.unknown())) })),
  quorum_names: loose(z.array(z.unknown())),
  monmap: loose(z.object({ mons: loose(z.array(z.unknown())), num_mons: looseNumber })),
  osdmap: loose(z.object({ num_osds: looseNumber, num_up_osds: looseNumber, num_in_osds: looseNumber })),
  pgmap: loose(
    z.object({
      pgs_by_state: loose(rows(z.object({ state_name: z.string(), count: looseNumber }))),
      num_pgs: looseNumber,
      bytes_total: looseNumber,
      bytes_used: looseNumber,
      degraded_ratio: z.unknown().optional(),
    }),
  ),
});

type CephStatus = z.output<typeof statusShape>;

/** `/cluster/ceph/status`, or `/nodes/{node}/ceph/status`. */
export const cephPart: Part<ProxmoxClient> = {
  id: "ceph",
  title: "Ceph",
  every: minutes(1),
  deadline: seconds(25),
  metrics: ceph,
  async collect(client, context) {
    const status = await readStatus(client, context.signal);
    recordHealth(context, status.health);
    recordDaemons(context, status);
    recordData(context, status.pgmap);
  },
};

/** Another node that has Ceph when the server that answers has none; undefined while none has. */
interface Elsewhere {
  readonly node: string | undefined;
  /** When the nodes were last asked, by `performance.now()`. */
  readonly at: number;
}

const elsewhere = new WeakMap<ProxmoxClient, Elsewhere>();
/** How long nodes without Ceph need not be asked again. */
const ASK_AGAIN = hours(1);

/**
 * The server that answers for the cluster speaks for Ceph only when it is installed there, which need not be on every
 * node.
 */
async function readStatus(client: ProxmoxClient, signal: AbortSignal): Promise<CephStatus> {
  const path = "cluster/ceph/status";
  const here = await unlessAbsent(client.askCluster(path, statusShape, signal, { timeout: seconds(20) }));
  return here ?? readElsewhere(client, signal);
}

async function readElsewhere(client: ProxmoxClient, signal: AbortSignal): Promise<CephStatus> {
  const known = elsewhere.get(client);
  const isDue = known === undefined || known.node !== undefined || performance.now() - known.at >= ASK_AGAIN;
  const { onlineNodes } = await client.inventory(signal);
  let failure: unknown;
  // the one that had it last comes first
  for (const node of isDue
    ? onlineNodes.toSorted((a, b) => Number(b === known?.node) - Number(a === known?.node))
    : []) {
    try {
      const status = await unlessAbsent(client.askNode(node, "ceph/status", statusShape, signal));
      if (status === undefined) continue;
      elsewhere.set(client, { node, at: performance.now() });
      return status;
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof NoData) throw thrown;
      failure ??= thrown;
    }
  }
  if (failure !== undefined && known?.node !== undefined) throw failure;
  if (failure === undefined && isDue) elsewhere.set(client, { node: undefined, at: performance.now() });
  throw new NoData("no node that answers has Ceph");
}

/**
 * Undefined when Ceph is not installed where it was asked for. Source: pve-manager, PVE::Ceph::Tools,
 * check_ceph_inited.
 */
async function unlessAbsent(answer: Promise<CephStatus>): Promise<CephStatus | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (!(thrown instanceof HttpStatusError)) throw thrown;
    if (thrown.status === 500 && /not installed/i.test(thrown.said)) return undefined;
    if (thrown.status === 500 && /not initialized/i.test(thrown.said)) throw new NoData("the cluster has no Ceph");
    if (thrown.reason === "forbidden") throw new NoData("the token lacks Sys.Audit, or Datastore.Audit, on /");
    throw thrown;
  }
}

const LEVELS: ReadonlyMap<string | undefined, number> = new Map([
  ["HEALTH_OK", 0],
  ["HEALTH_WARN", 1],
  ["HEALTH_ERR", 2],
]);

const checkShape = z.object({ severity: looseText, muted: looseFlag });

function recordHealth(context: CollectContext, health: CephStatus["health"]): void {
  context.record(ceph.health, {}, LEVELS.get(health?.status));
  for (const [check, found] of Object.entries(health?.checks ?? {})) {
    const read = checkShape.safeParse(found);
    if (!read.success || read.data.muted === true) continue;
    context.record(ceph.check, { check, severity: read.data.severity ?? "" }, 1);
  }
}

function recordDaemons(context: CollectContext, { osdmap, monmap, quorum_names }: CephStatus): void {
  context.record(ceph.osds, {}, osdmap?.num_osds);
  context.record(ceph.osdsUp, {}, osdmap?.num_up_osds);
  context.record(ceph.osdsIn, {}, osdmap?.num_in_osds);
  context.record(ceph.monitors, {}, monmap?.mons?.length ?? monmap?.num_mons);
  context.record(ceph.monitorsInQuorum, {}, quorum_names?.length);
}

function recordData(context: CollectContext, pgmap: CephStatus["pgmap"]): void {
  context.record(ceph.size, {}, pgmap?.bytes_total);
  context.record(ceph.usage, {}, pgmap?.bytes_used);
  for (const { state_name: state, count } of uniqueBy(pgmap?.pgs_by_state ?? [], (each) => each.state_name))
    context.record(ceph.placementGroups, { state }, count);
  context.record(ceph.degraded, {}, degradedRatio(pgmap));
}

/** Ceph leaves the ratio out while nothing is degraded. Source: ceph, src/mon/PGMap.cc, recovery_summary. */
function degradedRatio(pgmap: CephStatus["pgmap"]): number | undefined {
  if (pgmap?.num_pgs === undefined) return undefined;
  return pgmap.degraded_ratio === undefined ? 0 : looseNumber.parse(pgmap.degraded_ratio);
}
