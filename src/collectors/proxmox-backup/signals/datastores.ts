import { equal, select, unless } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { datastores } from "../metrics.ts";
import { shareUsed, timeUntil } from "./shares-and-ages.ts";

/** What can be asked of the datastores. */
export const datastoreSignals = {
  usable: signal({
    title: "Usable datastores",
    help: "0 for a datastore that the server can not open.",
    unit: "boolean",
    expr: select(datastores.usable),
  }),
  mounted: signal({
    title: "Mounted removable datastores",
    help: "0 for a removable datastore that is not mounted.",
    unit: "boolean",
    expr: select(datastores.mounted),
  }),
  datastoreUsed: signal({
    title: "Used datastores",
    help: "Share that is taken; garbage collection itself needs some room.",
    unit: "ratio",
    expr: shareUsed(select(datastores.used), select(datastores.available)),
  }),
  datastoreUsage: signal({
    title: "Used",
    help: "On the file system of the datastore; compare it with the size.",
    unit: "bytes",
    expr: select(datastores.used),
  }),
  datastoreAvailable: signal({
    title: "Available",
    help: "On the file system of the datastore.",
    unit: "bytes",
    expr: select(datastores.available),
  }),
  garbagePending: signal({
    title: "Garbage that waits",
    help: "What a later garbage collection will remove; growth without end means that none runs.",
    unit: "bytes",
    expr: select(datastores.pending),
  }),
  timeUntilFull: signal({
    title: "Time until a datastore is full",
    help: "The server's estimate over a month; nothing for one whose use does not grow.",
    unit: "seconds",
    expr: timeUntil(select(datastores.estimatedFull)),
  }),
  deduplication: signal({
    title: "Deduplication",
    help: "How many times larger the backups are than what they take on the disk.",
    unit: "none",
    expr: select(datastores.deduplication),
  }),
  damagedChunks: signal({
    title: "Damaged chunks",
    help: "Chunks that backups need and that are damaged, as the last garbage collection found.",
    unit: "none",
    expr: select(datastores.stillBad),
  }),
};

/** Datastores that can not be opened, other than removable ones that are not mounted. */
export const datastoreUnusable = unless(
  equal(datastoreSignals.usable.expr, 0),
  equal(datastoreSignals.mounted.expr, 0),
  { on: ["target", "datastore"] },
);
