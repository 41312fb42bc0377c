import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { storage } from "../metrics/nodes.ts";
import { looseFlag, looseNumber, rows } from "../../../lib/answers/loose-shapes.ts";
import { uniqueBy } from "../unique.ts";

const storageRow = z.object({
  storage: z.string(),
  enabled: looseFlag,
  active: looseFlag,
  total: looseNumber,
  used: looseNumber,
});

/** A storage whose server is dead keeps the whole list waiting; Proxmox VE itself gives up after 30 seconds. */
const NODE_TIMEOUT = seconds(25);

/** `/nodes/{node}/storage`. */
export const storagePart: Part<ProxmoxClient> = {
  id: "storage",
  title: "Storages, as each node sees them",
  every: minutes(5),
  deadline: seconds(60),
  metrics: storage,
  async collect(client, context) {
    await eachNode(client, context, async (node) => {
      const found = await client.askNode(node, "storage", rows(storageRow), context.signal, { timeout: NODE_TIMEOUT });
      for (const row of uniqueBy(found, (each) => each.storage)) recordStorage(context, node, row);
    });
  },
};

function recordStorage(context: CollectContext, node: string, row: z.output<typeof storageRow>): void {
  const labels = { id: `storage/${node}/${row.storage}` };
  context.record(storage.enabled, labels, row.enabled);
  context.record(storage.active, labels, row.active);
  // storages that have no size of their own, such as iSCSI, say 0
  if (row.active !== true || row.total === undefined || row.total <= 0) return;
  context.record(storage.size, labels, row.total);
  context.record(storage.usage, labels, row.used);
}
