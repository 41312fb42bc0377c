import { minutes } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { sortBackups, sumUp, type Backup, type Orphans } from "../backups/contents.ts";
import {
  backupStorages,
  mayHold,
  maySee,
  maySeeSome,
  readStorage,
  type BackupStorage,
  type ReadStorage,
} from "../backups/storages.ts";
import type { ProxmoxClient } from "../client.ts";
import type { Permissions } from "../permissions/held.ts";
import { guestsOf, type Guest } from "../guests.ts";
import { backups } from "../metrics/backups.ts";

/** A storage with its backups sorted; `byGuest` is undefined when it could not be read. */
interface Sorted extends BackupStorage {
  readonly byGuest: ReadonlyMap<number, readonly Backup[]> | undefined;
  readonly orphans: Orphans;
}

/** What the storages hold: of each guest the newest backup, and what belongs to no guest any more. */
export const backupsPart: Part<ProxmoxClient> = {
  id: "backups",
  title: "Backups on the storages",
  every: minutes(15),
  deadline: minutes(5),
  metrics: backups,
  async collect(client, context) {
    const permissions = await client.permissions(context.signal, "now");
    const places = backupStorages(await client.inventory(context.signal));
    demandRights(permissions, places);
    const read = await Promise.all(places.map((place) => readStorage(client, permissions, place, context)));
    // guests that were made meanwhile must not look like strangers
    const { resources } = await client.inventory(context.signal);
    const guests = guestsOf(resources);
    const sorted = sortAll(read, guests);
    for (const guest of guests) recordGuest(guest, sorted, permissions, context);
    if (permissions.holds("VM.Audit", "/vms")) recordOrphans(sorted, permissions, context);
  },
};

/** A token that may only look, as the role PVEAuditor is, sees no backup at all, and none is not what there is. */
function demandRights(permissions: Permissions, places: readonly BackupStorage[]): void {
  if (!permissions.holds("Datastore.Audit", "/storage") && places.length === 0)
    throw new NoData("seeing storages takes Datastore.Audit on /storage");
  if (places.length > 0 && !places.some(({ storage }) => maySeeSome(permissions, storage)))
    throw new NoData("listing backups takes Datastore.AllocateSpace on /storage and VM.Backup on /vms");
}

function sortAll(read: readonly ReadStorage[], guests: readonly Guest[]): readonly Sorted[] {
  const byNumber = new Map(guests.map((guest) => [guest.vmid, guest]));
  return read.map(({ found, ...place }) => {
    const sorted = sortBackups(found ?? [], byNumber);
    return { ...place, orphans: sorted.orphans, byGuest: found === undefined ? undefined : sorted.byGuest };
  });
}

/**
 * A guest's newest backup is known when every storage was read that a newer one may lie on: all shared ones and those
 * of its node. That it has none is known only when every storage was read.
 */
function recordGuest(guest: Guest, places: readonly Sorted[], permissions: Permissions, context: CollectContext): void {
  const isRead = ({ storage, byGuest }: Sorted) =>
    byGuest !== undefined && maySee(permissions, storage, `/vms/${guest.vmid}`);
  if (places.some((place) => mayHold(place, guest) && !isRead(place))) return;
  const found = sumUp(places.flatMap(({ byGuest }) => byGuest?.get(guest.vmid) ?? []));
  const { id } = guest;
  const all = places.every(isRead) && permissions.holds("Datastore.Audit", "/storage");
  context.record(backups.count, { id }, found.count > 0 || all ? found.count : undefined);
  context.record(backups.last, { id }, found.newest?.ctime);
  context.record(backups.lastSize, { id }, found.newest?.size);
  context.record(backups.lastVerified, { id }, found.verified?.verification);
}

/** A storage of one name lies in several places, one on each node, when it is not shared. */
function recordOrphans(places: readonly Sorted[], permissions: Permissions, context: CollectContext): void {
  for (const [storage, parts] of Map.groupBy(places, (place) => place.storage)) {
    if (parts.some(({ byGuest }) => byGuest === undefined) || !maySee(permissions, storage, "/vms")) continue;
    const sum = (key: keyof Orphans) => parts.reduce((total, { orphans }) => total + orphans[key], 0);
    context.record(backups.orphaned, { storage }, sum("count"));
    context.record(backups.orphanedSize, { storage }, sum("size"));
  }
}
