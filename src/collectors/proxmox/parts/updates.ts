import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import type { Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { updates } from "../metrics/nodes.ts";
import { nodesWith } from "../permissions/required.ts";

const packagesShape = z.array(z.unknown()).nullable();

/** `/nodes/{node}/apt/update`: what the node's own daily check found. */
export const updatesPart: Part<ProxmoxClient> = {
  id: "updates",
  title: "Updates",
  every: minutes(60),
  deadline: seconds(60),
  metrics: updates,
  async collect(client, context) {
    const permitted = await nodesWith(client, "Sys.Modify", context.signal);
    await eachNode(client, context, async (node) => {
      if (!permitted.has(node)) return;
      const packages = await client.askNode(node, "apt/update", packagesShape, context.signal, {
        timeout: seconds(25),
      });
      context.record(updates.pending, { node }, packages?.length ?? 0);
    });
  },
};
