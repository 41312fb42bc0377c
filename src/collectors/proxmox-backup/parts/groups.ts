import { minutes } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { listRows, type BackupClient } from "../client.ts";
import { summarize, type ListedGroup } from "../group-memory.ts";
import { groups } from "../metrics.ts";
import { whenNoDatastores } from "./datastores.ts";
import { datastoreShape, groupShape, namespaceShape, snapshotShape } from "../schema.ts";

/** What is not read by then waits for the next poll. */
const READING = minutes(4);

/**
 * Namespaces and groups of every datastore. Snapshots are read for the groups alone that {@link BackupClient.groups}
 * names, because each costs the server a manifest from its disk.
 */
export const groupsPart: Part<BackupClient> = {
  id: "groups",
  title: "Backup groups",
  every: minutes(15),
  deadline: minutes(10),
  metrics: groups,
  async collect(client, context) {
    const { rows: stores } = await listRows(client, context, {
      path: "admin/datastore",
      row: datastoreShape,
      key: ({ store }) => store,
    });
    if (stores.length === 0) await whenNoDatastores(client, context.signal);
    const listed: ListedGroup[] = [];
    for (const { store } of stores.filter(isReadable))
      await optionally(context, `datastore ${store}`, async (within) => {
        listed.push(...(await listStore(client, within, store)));
      });
    await readSnapshots(client, context, listed);
    for (const group of listed) recordGroup(client, context, group);
  },
};

type Store = (typeof datastoreShape)["_output"];

/** A store that is not mounted or in a maintenance that forbids reading has an alert of its own. */
const isReadable = (store: Store): boolean =>
  store["mount-status"] !== "notmounted" &&
  !/^(?:type=)?(?:offline|delete|unmount|s3-refresh)\b/.test(store.maintenance ?? "");

const pathOf = (store: string, list: string): string => `admin/datastore/${encodeURIComponent(store)}/${list}`;
const inNamespace = (ns: string): Readonly<Record<string, string>> => (ns === "" ? {} : { ns });

async function listStore(client: BackupClient, context: CollectContext, datastore: string): Promise<ListedGroup[]> {
  const { rows: namespaces } = await listRows(client, context, {
    path: pathOf(datastore, "namespace"),
    row: namespaceShape,
    key: ({ ns }) => ns,
    slow: true,
  });
  const listed: ListedGroup[] = [];
  for (const { ns: namespace } of namespaces)
    await optionally(context, `namespace ${datastore}:${namespace}`, async (within) => {
      const { rows, areAll } = await listNamespace(client, within, { datastore, namespace });
      if (areAll) recordNamespace({ datastore, namespace }, rows, within);
      listed.push(...rows);
    });
  return listed;
}

function recordNamespace(
  labels: { readonly datastore: string; readonly namespace: string },
  found: readonly ListedGroup[],
  context: CollectContext,
): void {
  const counts = found.map(({ count }) => count ?? Number.NaN);
  context.record(groups.groups, labels, found.length);
  context.record(
    groups.snapshots,
    labels,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

async function listNamespace(
  client: BackupClient,
  context: CollectContext,
  { datastore, namespace }: { datastore: string; namespace: string },
): Promise<{ readonly rows: readonly ListedGroup[]; readonly areAll: boolean }> {
  const { rows, areAll } = await listRows(client, context, {
    path: pathOf(datastore, "groups"),
    query: inNamespace(namespace),
    row: groupShape,
    key: (row) => JSON.stringify([row["backup-type"], row["backup-id"]]),
    slow: true,
  });
  const named = rows.map((row) => ({
    datastore,
    namespace,
    backup_type: row["backup-type"],
    backup_id: row["backup-id"],
    lastBackup: row["last-backup"],
    count: row["backup-count"],
    owner: row.owner,
  }));
  return { rows: named, areAll };
}

async function readSnapshots(
  client: BackupClient,
  context: CollectContext,
  listed: readonly ListedGroup[],
): Promise<void> {
  const end = performance.now() + READING;
  const failures = new Map<string, CollectError>();
  const readOne = async (group: ListedGroup): Promise<void> => {
    // a datastore that hangs must not use up the time of the others
    if (performance.now() > end || failures.get(group.datastore)?.reason === "timeout") return;
    try {
      await readGroup(client, context, group);
    } catch (thrown) {
      if (!(thrown instanceof CollectError) || context.signal.aborted) throw thrown;
      failures.set(group.datastore, thrown);
    }
  };
  // one after the other: of the two slow calls that a server gets at once, one is left to the other parts
  for (const group of client.groups.plan(listed, client.verifiedAt)) await readOne(group);
  for (const [datastore, failure] of failures) context.missing(`snapshots of ${datastore}`, failure);
}

async function readGroup(client: BackupClient, context: CollectContext, group: ListedGroup): Promise<void> {
  const { rows: snapshots, areAll } = await listRows(client, context, {
    path: pathOf(group.datastore, "snapshots"),
    query: { ...inNamespace(group.namespace), "backup-type": group.backup_type, "backup-id": group.backup_id },
    row: snapshotShape,
    key: (row) => String(row["backup-time"]),
    slow: true,
  });
  // what is kept is believed for a day, and half a list counts too few
  if (areAll) client.groups.keep(group, summarize(snapshots), client.verifiedAt.get(group.datastore));
}

function recordGroup(client: BackupClient, context: CollectContext, group: ListedGroup): void {
  const { datastore, namespace, backup_type, backup_id, owner } = group;
  const labels = { datastore, namespace, backup_type, backup_id };
  context.record(groups.lastBackup, labels, group.lastBackup);
  context.record(groups.groupSnapshots, labels, group.count);
  const details = client.groups.of(group);
  if (details === undefined) return;
  context.record(groups.lastGood, labels, details.lastGood);
  context.record(groups.usualInterval, labels, details.usualInterval);
  context.record(groups.lastSize, labels, details.lastSize);
  context.record(groups.lastVerified, labels, details.lastVerified);
  context.record(groups.unverified, labels, details.unverified);
  context.record(groups.oldestUnverified, labels, details.oldestUnverified);
  context.record(groups.failed, labels, details.failed);
  context.record(groups.info, { ...labels, owner: owner ?? "", comment: details.comment ?? "" }, 1);
}
