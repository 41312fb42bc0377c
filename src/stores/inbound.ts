import type { GroupWork, Inbound } from "../core/delivery-store.ts";
import { batches } from "./batches.ts";
import type { WriteSession } from "./engine.ts";

/** The same notification within this time is a copy by another replica of its sender, later it is a repetition. */
const COPY_WITHIN_MS = 2 * 60_000;

/**
 * Keeps the notifications of works; gives for each work whether its notification is a copy. The unique key decides when
 * two replicas take in the same one at the same moment.
 */
export async function noteInbound(session: WriteSession, works: readonly GroupWork[]): Promise<readonly boolean[]> {
  const firsts = new Map<string, { readonly inbound: Inbound; readonly at: number }>();
  works.forEach(({ inbound }, at) => {
    if (inbound !== undefined && !firsts.has(keyOf(inbound))) firsts.set(keyOf(inbound), { inbound, at });
  });
  const known = await recentKeys(session, [...firsts.values()]);
  const added = await insert(
    session,
    [...firsts].filter(([key]) => !known.has(key)).map(([, { inbound }]) => inbound),
  );
  return works.map(({ inbound }, i) => {
    if (inbound === undefined) return false;
    const key = keyOf(inbound);
    return !added.has(key) || firsts.get(key)?.at !== i;
  });
}

const bucketOf = (now: number): number => Math.floor(now / COPY_WITHIN_MS);

const keyOf = ({ source, contentHash }: Pick<Inbound, "source" | "contentHash">): string => `${contentHash} ${source}`;

async function recentKeys(
  { db, now }: WriteSession,
  notifications: readonly { readonly inbound: Inbound }[],
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  const bucket = bucketOf(now);
  for (const batch of batches(notifications.map(({ inbound }) => inbound.contentHash))) {
    const rows = await db
      .selectFrom("inbound")
      .select(["source", "content_hash as contentHash", "received_at"])
      .where("content_hash", "in", batch)
      .where("bucket", "in", [bucket - 1, bucket, bucket + 1])
      .execute();
    // one that is ahead may have been taken in while this one waited for its groups
    for (const row of rows) if (row.received_at > now - COPY_WITHIN_MS) keys.add(keyOf(row));
  }
  return keys;
}

async function insert({ db, now }: WriteSession, notifications: readonly Inbound[]): Promise<ReadonlySet<string>> {
  const rows = notifications
    .map(({ source, contentHash, body }) => ({
      source,
      content_hash: contentHash,
      bucket: bucketOf(now),
      received_at: now,
      // PostgreSQL has no text with such a character
      body: body.replaceAll("\0", ""),
    }))
    .toSorted((a, b) => (a.content_hash < b.content_hash ? -1 : 1));
  const added = new Set<string>();
  for (const batch of batches(rows)) {
    const inserted = await db
      .insertInto("inbound")
      .values(batch)
      .onConflict((conflict) => conflict.columns(["content_hash", "bucket", "source"]).doNothing())
      .returning(["source", "content_hash as contentHash"])
      .execute();
    for (const row of inserted) added.add(keyOf(row));
  }
  return added;
}
