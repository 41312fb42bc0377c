import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { version } from "../metrics/cluster.ts";
import { SUBSCRIPTION_STATES, subscription } from "../metrics/nodes.ts";
import { looseText } from "../../../lib/answers/loose-shapes.ts";

const subscriptionShape = z.object({ status: looseText, level: looseText, nextduedate: looseText });
const versionShape = z.object({ release: looseText, repoid: looseText, version: looseText });

/** `/nodes/{node}/subscription` and `/version`. */
export const subscriptionPart: Part<ProxmoxClient> = {
  id: "subscription",
  title: "Subscriptions and version",
  every: minutes(60),
  deadline: seconds(30),
  metrics: { ...subscription, ...version },
  async collect(client, context) {
    const { signal } = context;
    const {
      release = "",
      repoid = "",
      version: installed = "",
    } = await client.askCluster("version", versionShape, signal);
    context.record(version.version, { release, repoid, version: installed }, 1);
    await eachNode(client, context, async (node) =>
      recordSubscription(context, node, await client.askNode(node, "subscription", subscriptionShape, signal)),
    );
  },
};

function recordSubscription(context: CollectContext, node: string, found: z.output<typeof subscriptionShape>): void {
  const id = `node/${node}`;
  const { status, level = "unknown", nextduedate } = found;
  if (status === undefined) return;
  context.record(subscription.info, { id, level }, 1);
  for (const each of new Set([...SUBSCRIPTION_STATES, status]))
    context.record(subscription.status, { id, status: each }, each === status);
  context.record(subscription.nextDue, { id }, midnight(nextduedate));
}

/** Unix seconds of a day's begin in UTC, from `YYYY-MM-DD`. */
function midnight(day: string | undefined): number | undefined {
  return day !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(day) / 1000 : undefined;
}
