import { PveError } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { WireRow } from "../model.ts";
import type { Route } from "./route.ts";

/** The disks and ZFS pools of one host. */
export const DISK_ROUTES: readonly Route[] = [
  { path: "/nodes/:node/disks/list", query: ["include-partitions", "skipsmart", "type"], handle: list },
  { path: "/nodes/:node/disks/zfs", handle: pools },
  { path: "/nodes/:node/disks/zfs/:pool", handle: pool },
];

/** Without asking the disks themselves nothing is known of their health. */
function list(exchange: Exchange): WireRow[] {
  const { node } = exchange;
  if (!exchange.may("/", "Sys.Audit")) exchange.need(`/nodes/${node.name}`, "Sys.Audit");
  if (!exchange.flag("skipsmart")) return node.disks;
  return node.disks.map((disk) => ({ ...disk, health: "UNKNOWN", wearout: "N/A" }));
}

function pools(exchange: Exchange): WireRow[] {
  exchange.need("/", "Sys.Audit");
  return exchange.node.zpools.map(({ list }) => list);
}

function pool(exchange: Exchange): WireRow {
  exchange.need("/", "Sys.Audit");
  const name = exchange.parameter("pool");
  const found = exchange.node.zpools.find(({ list }) => list.name === name);
  if (found === undefined) {
    throw new PveError(500, `command '/sbin/zpool status -P ${name}' failed: exit code 1`);
  }
  return found.detail;
}
