import type { Metric } from "../../../core/metric.ts";
import { and, divide, equal, max, select, sum } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { status } from "../metrics/cluster.ts";
import { resources } from "../metrics/resources.ts";
import { byNode, placedGuest } from "./by-name.ts";

const guest = ["=~", "(qemu|lxc)/.*"] as const;
const by = ["target", "id"] as const;
const runs = equal(max(select(status.up, { id: guest }), { by }), 1);

/** What the guests that run on each node were promised, of what the node has. */
const promised = (metric: Metric<"gauge", "id">) =>
  divide(
    sum(placedGuest(and(max(select(metric, { id: guest }), { by }), runs)), { by: ["target", "node"] }),
    byNode(select(metric, { id: ["=~", "node/.*"] })),
  );

/** How much more is promised to guests than there is. */
export const commitmentSignals = {
  memoryPromised: signal({
    title: "Memory that running guests were promised",
    help: "Divided by the node's; above 1 the node lives of guests not using what is theirs.",
    unit: "none",
    expr: promised(resources.memorySize),
  }),
  cpuPromised: signal({
    title: "CPUs that running guests were promised",
    help: "Divided by the node's; a few times as many is usual.",
    unit: "none",
    expr: promised(resources.cpuLimit),
  }),
};
