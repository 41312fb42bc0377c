import { seconds } from "../../../core/duration.ts";
import { CollectError, asCollectError } from "../../../core/errors.ts";
import type { CollectContext } from "../../../core/pack.ts";
import type { CallBounds } from "../api.ts";
import { contentShape, type Backup } from "./contents.ts";
import type { Inventory, ProxmoxClient } from "../client.ts";
import type { Permissions } from "../permissions/held.ts";
import type { Guest } from "../guests.ts";
import type { Resource } from "../schema.ts";

/** A place where backups lie: a storage that all nodes share, or the part of another that is on one node. */
export interface BackupStorage {
  readonly storage: string;
  /** Undefined when it is shared. */
  readonly node: string | undefined;
  /** The nodes that are online and can list it, the best one first. */
  readonly readers: readonly string[];
}

/** What was found on a storage; undefined when it could not be read. */
export interface ReadStorage extends BackupStorage {
  readonly found: readonly Backup[] | undefined;
}

/** A big backup server takes long, and Proxmox VE gives a call that it passes on up after half a minute. */
const BOUNDS: CallBounds = { timeout: seconds(60), maxBodyBytes: 128 * 1024 * 1024 };
/** A shared storage can hang on one node alone. */
const READERS = 2;

/** Where backups may lie, by name and node. */
export function backupStorages({ resources, onlineNodes }: Inventory): readonly BackupStorage[] {
  const rows = resources.flatMap((row) => {
    const { type, storage, node, content = "" } = row;
    const holds = type === "storage" && content.split(",").some((kind) => kind.trim() === "backup");
    return holds && storage !== undefined && node !== undefined ? [{ ...row, storage, node }] : [];
  });
  const places = Map.groupBy(rows, (row) => `${row.storage}/${row.shared === true ? "" : row.node}`);
  return [...places.keys()].toSorted().flatMap((key) => place(places.get(key) ?? [], onlineNodes));
}

type StorageRow = Resource & { readonly storage: string; readonly node: string };

function place(rows: readonly StorageRow[], onlineNodes: readonly string[]): readonly BackupStorage[] {
  const [first] = rows;
  if (first === undefined) return [];
  const rank = ({ status, node }: StorageRow): string => `${status === "available" ? 0 : 1}${node}`;
  const online = rows.filter(({ node }) => onlineNodes.includes(node));
  const readers = online.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).map(({ node }) => node);
  return [{ storage: first.storage, node: first.shared === true ? undefined : first.node, readers }];
}

/**
 * Whether the token may list backups of some guests on the storage. Source: pve-storage, PVE::Storage,
 * check_volume_access
 */
export const maySeeSome = (permissions: Permissions, storage: string): boolean =>
  maySeeAll(permissions, storage) || permissions.holds("Datastore.AllocateSpace", `/storage/${storage}`);

const maySeeAll = (permissions: Permissions, storage: string): boolean =>
  permissions.holds("Datastore.Allocate", `/storage/${storage}`);

/** Whether backups below `path` (`/vms`, or `/vms/100`) are listed; others are left out without a word. */
export const maySee = (permissions: Permissions, storage: string, path: string): boolean =>
  maySeeAll(permissions, storage) || (maySeeSome(permissions, storage) && permissions.holds("VM.Backup", path));

/** Whether a newer backup of the guest may lie on the storage: vzdump writes to what the guest's own node has. */
export const mayHold = ({ node }: BackupStorage, guest: Guest): boolean => node === undefined || guest.nodes.has(node);

/** Lists a storage; one that fails is noted, and one whose nodes are all offline is not, because those say it. */
export async function readStorage(
  client: ProxmoxClient,
  permissions: Permissions,
  place: BackupStorage,
  context: CollectContext,
): Promise<ReadStorage> {
  const { storage, node, readers } = place;
  if (readers.length === 0) return { ...place, found: undefined };
  try {
    if (!maySeeSome(permissions, storage)) throw notPermitted(storage);
    return { ...place, found: await list(client, place, context.signal) };
  } catch (thrown) {
    context.signal.throwIfAborted();
    context.missing(node === undefined ? `storage/${storage}` : `storage/${node}/${storage}`, asCollectError(thrown));
    return { ...place, found: undefined };
  }
}

async function list(
  client: ProxmoxClient,
  { storage, readers }: BackupStorage,
  signal: AbortSignal,
): Promise<readonly Backup[]> {
  const path = `storage/${encodeURIComponent(storage)}/content?content=backup`;
  let first: unknown;
  for (const node of readers.slice(0, READERS)) {
    try {
      return await client.askNode(node, path, contentShape, signal, BOUNDS);
    } catch (thrown) {
      signal.throwIfAborted();
      first ??= thrown;
    }
  }
  throw first;
}

const notPermitted = (storage: string): CollectError =>
  new CollectError("forbidden", `listing the backups on it takes Datastore.AllocateSpace on /storage/${storage}`);
