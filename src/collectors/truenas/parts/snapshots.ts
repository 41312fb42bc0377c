import { minutes } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { excludedDatasets } from "../storage/excluded-datasets.ts";
import { snapshots } from "../metrics/pools.ts";
import { SNAPSHOT_MEMORY } from "../snapshots/snapshot-memory.ts";
import { poolOf, snapshotSource } from "../snapshots/snapshot-source.ts";

/** How many snapshots datasets have, and when the newest was made. */
export const snapshotsPart: Part<TrueNasClient> = {
  id: "snapshots",
  title: "Snapshots",
  every: minutes(5),
  // The first look at a server with very many takes it long; what it brought is kept when time is up.
  deadline: minutes(2),
  metrics: snapshots,
  async collect(client, context) {
    const { dialect } = await client.api(context.signal);
    const memory = client.memory(SNAPSHOT_MEMORY);
    const isExcluded = excludedDatasets(client.config.datasets.exclude);
    await memory.update(snapshotSource(client, dialect, context.signal), Date.now() / 1000, isExcluded);
    let seen = 0;
    for (const { dataset, count, newestAt } of memory.counted()) {
      seen += 1;
      if (isExcluded(dataset)) continue;
      const labels = { pool: poolOf(dataset), dataset };
      context.record(snapshots.count, labels, count);
      context.record(snapshots.newest, labels, newestAt);
    }
    if (seen === 0) throw new NoData("the server tells of no datasets");
  },
};
