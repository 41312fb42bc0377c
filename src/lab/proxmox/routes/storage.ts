import { PveError } from "../exchange.ts";
import type { Exchange } from "../exchange.ts";
import type { PveStorage, WireRow } from "../model.ts";
import { commas, withOdd } from "../rows.ts";
import type { Route } from "./route.ts";

const AUDIT = ["Datastore.Audit", "Datastore.AllocateSpace"];

/** The storages of one host, and what lies on them. */
export const STORAGE_ROUTES: readonly Route[] = [
  {
    path: "/nodes/:node/storage",
    query: ["content", "enabled", "format", "storage", "target"],
    touches: "all",
    handle: list,
  },
  { path: "/nodes/:node/storage/:storage/status", touches: "named", handle: status },
  { path: "/nodes/:node/storage/:storage/content", query: ["content", "vmid"], touches: "named", handle: content },
];

function list(exchange: Exchange): WireRow[] {
  const kind = exchange.query.get("content");
  const named = exchange.query.get("storage");
  return exchange.state.storages
    .filter(({ storage }) => AUDIT.some((privilege) => exchange.may(`/storage/${storage}`, privilege)))
    .filter((storage) => storage.onNodes[exchange.node.name] !== undefined)
    .filter(({ content }) => kind === null || content.includes(kind))
    .filter(({ storage }) => named === null || storage === named)
    .map((storage) => withOdd({ storage: storage.storage, ...storageRow(exchange, storage) }, storage.odd));
}

/** A storage that is not active has 0 for its sizes, which says nothing about them. */
function storageRow({ cluster, node }: Exchange, { type, shared, content, onNodes }: PveStorage): WireRow {
  const here = onNodes[node.name];
  const active = here?.active === true;
  const { total, used } = active ? here : { total: 0, used: 0 };
  return {
    type,
    content: commas(cluster, content),
    enabled: 1,
    active: active ? 1 : 0,
    shared: shared ? 1 : 0,
    total,
    used,
    avail: total - used,
    ...(total > 0 && { used_fraction: used / total }),
  };
}

function named(exchange: Exchange): PveStorage {
  const name = exchange.parameter("storage");
  exchange.need(`/storage/${name}`, ...AUDIT);
  const found = exchange.state.storages.find(({ storage }) => storage === name);
  if (found === undefined) throw new PveError(500, `storage '${name}' does not exist`);
  if (found.onNodes[exchange.node.name] === undefined) {
    throw new PveError(500, `storage '${name}' is not available on node '${exchange.node.name}'`);
  }
  return found;
}

function status(exchange: Exchange): WireRow {
  return storageRow(exchange, named(exchange));
}

/** Volumes that the token may not see are left out without a word. */
function content(exchange: Exchange): WireRow[] {
  const storage = named(exchange);
  const { name: node } = exchange.node;
  if (storage.onNodes[node]?.active === false) throw new PveError(500, `storage '${storage.storage}' is not online`);
  const kind = exchange.query.get("content");
  if (kind !== null && kind !== "backup") return [];
  const vmid = exchange.query.get("vmid");
  return exchange.state.backups
    .filter((backup) => backup.storage === storage.storage && (backup.node === undefined || backup.node === node))
    .filter((backup) => vmid === null || String(backup.vmid) === vmid)
    .filter((backup) => mayRead(exchange, storage.storage, backup.vmid))
    .map(({ row }) => row);
}

/** Who may see a backup: Datastore.Audit does not suffice (check_volume_access in PVE::Storage). */
function mayRead(exchange: Exchange, storage: string, vmid: number): boolean {
  if (exchange.may(`/storage/${storage}`, "Datastore.Allocate")) return true;
  return exchange.may(`/storage/${storage}`, "Datastore.AllocateSpace") && exchange.mayGuest(vmid, "VM.Backup");
}
