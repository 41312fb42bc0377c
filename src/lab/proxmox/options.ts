import type { ProxmoxLabOptions, ProxmoxTiming } from "./contract.ts";

/** {@link ProxmoxLabOptions} of the cluster itself, each with its value. */
export type ClusterOptions = Required<Omit<ProxmoxLabOptions, "authority" | "timing" | "port">> & {
  readonly timing: ProxmoxTiming;
};

const MOST_NODES = 32;
const MOST_GUESTS = 2000;
const CACHED_FROM_GUESTS = 200;

/** Fills in what was not given; throws a RangeError for a cluster that is too large or has no nodes. */
export function withDefaults(given: ProxmoxLabOptions): ClusterOptions {
  const standalone = given.standalone ?? false;
  const nodes = standalone ? 1 : (given.nodes ?? 3);
  const guests = given.guests ?? 40;
  if (nodes < 1 || nodes > MOST_NODES) throw new RangeError(`the lab has 1 to ${MOST_NODES} nodes, not ${nodes}`);
  if (guests < 0 || guests > MOST_GUESTS) throw new RangeError(`the lab has 0 to ${MOST_GUESTS} guests, not ${guests}`);
  return {
    nodes,
    guests,
    standalone,
    version: given.version ?? "9.1",
    ceph: given.ceph ?? !standalone,
    zfs: given.zfs ?? true,
    qdevice: given.qdevice ?? false,
    now: given.now ?? Date.now,
    seed: given.seed ?? 1,
    cached: given.cached ?? guests >= CACHED_FROM_GUESTS,
    timing: {
      proxyTimeoutMs: 30_000,
      stallMs: 30_000,
      authDelayMs: 5,
      statisticsExpireMs: 300_000,
      ...given.timing,
    },
  };
}
