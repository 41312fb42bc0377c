import { hours, seconds } from "../../../core/duration.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { updates } from "../metrics/upkeep.ts";
import { readOfferedUpdate, type OfferedUpdate } from "../updates/offered-update.ts";
import { findRemovedRest } from "../updates/upgrade-guard.ts";
import type { Dialect } from "../versions.ts";

/** The newer release, and who would miss what it no longer has. */
export const updatesPart: Part<TrueNasClient> = {
  id: "updates",
  title: "Updates",
  every: hours(1),
  deadline: seconds(45),
  metrics: updates,
  async collect(client, context) {
    const { dialect } = await client.api(context.signal);
    const offered = await readOfferedUpdate(client, dialect, context.signal);
    record(context, offered);
    await optionally(context, "upgrade guard", () => guard(client, context, dialect, offered.version));
  },
};

function record(context: CollectContext, { isAvailable, version, hasFailed }: OfferedUpdate): void {
  context.record(updates.available, {}, isAvailable);
  context.record(updates.failed, {}, hasFailed);
  if (version !== undefined) context.record(updates.info, { version }, 1);
}

async function guard(
  client: TrueNasClient,
  context: CollectContext,
  dialect: Dialect,
  offered: string | undefined,
): Promise<void> {
  const removed = await findRemovedRest(client, { dialect, offered, signal: context.signal });
  if (removed === undefined) return;
  const { version, lookouts } = removed;
  for (const { usedBy, looksAt, find } of lookouts)
    await optionally(context, looksAt, async () => {
      if (await find()) context.record(updates.removes, { api: "rest", used_by: usedBy, version }, 1);
    });
}
