import type { Cluster } from "./exchange.ts";
import type { ProxmoxState, PveNode, WireRow } from "./model.ts";

/** The row with what a test put over it; a key whose value is undefined goes. */
export function withOdd(row: WireRow, odd: WireRow | undefined): WireRow {
  return odd === undefined ? row : { ...row, ...odd };
}

/** 1 when true, and nothing when not, as most flags are sent. */
export const flag = (name: string, value: boolean | undefined): WireRow => (value === true ? { [name]: 1 } : {});

/** Whether the cluster still has statistics of the node: for five minutes after the last ones came. */
export function hasStatistics({ options, state }: Cluster, { silentSinceMs }: PveNode): boolean {
  if (silentSinceMs === undefined) return true;
  return options.now() + state.clockOffsetMs - silentSinceMs < options.timing.statisticsExpireMs;
}

/** Whether the nodes that are online, and the vote from outside, are a majority. */
export function isQuorate({ quorate, nodes, qdevice }: ProxmoxState): boolean {
  if (quorate !== undefined) return quorate;
  const outside = qdevice === undefined ? 0 : 1;
  const votes = nodes.filter(({ online }) => online).length + (qdevice?.["State"] === "Connected" ? 1 : 0);
  return votes > (nodes.length + outside) / 2;
}

/** The list as text between commas, in another order each time. */
export const commas = ({ random }: Cluster, items: readonly string[]): string => random.shuffled(items).join(",");
