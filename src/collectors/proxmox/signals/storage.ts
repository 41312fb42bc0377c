import { days, hours, type Duration } from "../../../core/duration.ts";
import {
  and,
  divide,
  equal,
  greater,
  group,
  max,
  maxOverTime,
  or,
  predictLinear,
  select,
  unless,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { status } from "../metrics/cluster.ts";
import { storage as metrics } from "../metrics/nodes.ts";
import { resources } from "../metrics/resources.ts";
import { byStorage, byStorageOnce } from "./by-name.ts";

const storage = ["=~", "storage/.*"] as const;
const by = ["target", "id"] as const;
const size = max(select(resources.diskSize, { id: storage }), { by });
const usage = max(select(resources.diskUsage, { id: storage }), { by });
const used = divide(usage, greater(size, 0));
const listed = select(resources.storageInfo);
const up = select(status.up, { id: storage });
const available = equal(max(up, { by }), 1);

/** A storage that hangs is not called inactive: its node can not tell, so what is left of it is its name. */
const lost = and(unless(max(maxOverTime(up.over(days(1))), { by }), available), max(listed, { by }));
const nodesThatTell = group(byStorage(available), { by: ["target", "node"] });

/** Share in use of the storages that will be full after that long by the trend of six hours. */
export const usedBeforeFullIn = (ahead: Duration, from: number) => {
  const then = max(predictLinear(select(resources.diskUsage, { id: storage }).over(hours(6)), ahead), { by });
  return byStorageOnce(and(greater(used, from), greater(then, size)));
};

/** What can be asked of the storages. */
export const storageSignals = {
  unusable: signal({
    title: "Storages that a node can not use",
    help: "One series for each storage that is enabled and not active, or of which its node can not tell anything any more.",
    unit: "boolean",
    expr: or(
      byStorage(and(equal(max(select(metrics.active), { by }), 0), equal(max(select(metrics.enabled), { by }), 1))),
      and(byStorage(lost), nodesThatTell, { on: ["target", "node"] }),
    ),
  }),
  storageUsed: signal({
    title: "Storages: share in use",
    help: "What all nodes share is there once.",
    unit: "ratio",
    expr: byStorageOnce(used),
  }),
  storageUsage: signal({
    title: "Used",
    help: "What is used of each storage; compare it with the size.",
    unit: "bytes",
    expr: byStorageOnce(usage),
  }),
  storageSize: signal({
    title: "Size",
    help: "The size of each storage; what all nodes share is there once.",
    unit: "bytes",
    expr: byStorageOnce(size),
  }),
  guestStorageUsed: signal({
    title: "Storages with disks of guests: share in use",
    help: "When one is full, writing guests stop.",
    unit: "ratio",
    expr: byStorageOnce(
      and(used, max(select(resources.storageInfo, { content: ["=~", ".*(images|rootdir).*"] }), { by })),
    ),
  }),
};
