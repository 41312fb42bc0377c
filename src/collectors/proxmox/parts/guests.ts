import { z } from "zod";
import { hours, seconds } from "../../../core/duration.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { guests } from "../metrics/resources.ts";
import { looseNumber, rows } from "../../../lib/answers/loose-shapes.ts";
import { type Resource } from "../schema.ts";
import { onePerId } from "../resources/placement.ts";

const PRESSURES = [
  ["cpu", "some", "pressurecpusome"],
  ["cpu", "full", "pressurecpufull"],
  ["io", "some", "pressureiosome"],
  ["io", "full", "pressureiofull"],
  ["memory", "some", "pressurememorysome"],
  ["memory", "full", "pressurememoryfull"],
] as const;

const pressuresShape = rows(
  z.object({
    vmid: looseNumber,
    pressurecpusome: looseNumber,
    pressurecpufull: looseNumber,
    pressureiosome: looseNumber,
    pressureiofull: looseNumber,
    pressurememorysome: looseNumber,
    pressurememoryfull: looseNumber,
  }),
);

type Pressures = z.output<typeof pressuresShape>[number];

/** How long a node that does not tell of pressure, as before release 9, is not asked again. */
const ASK_AGAIN = hours(1);

/**
 * `/nodes/{node}/qemu` and `/nodes/{node}/lxc`: two calls for each node, so it is read less often than what is one for
 * all.
 */
export const guestsPart: Part<ProxmoxClient> = {
  id: "guests",
  title: "Pressure on guests",
  every: seconds(120),
  deadline: seconds(30),
  metrics: { pressure: guests.pressure },
  async collect(client, context) {
    const { resources } = await client.inventory(context.signal);
    const running = onePerId(resources).flatMap(({ row }) => (row.status === "running" ? [row] : []));
    await eachNode(client, context, async (node) => {
      const calls = (["qemu", "lxc"] as const).map((type) => recordPressures(client, context, running, { node, type }));
      await Promise.all(calls);
    });
  },
};

async function recordPressures(
  client: ProxmoxClient,
  context: CollectContext,
  running: readonly Resource[],
  { node, type }: { readonly node: string; readonly type: "qemu" | "lxc" },
): Promise<void> {
  const ids = new Set(running.filter((row) => row.type === type && row.node === node).map(({ id }) => id));
  const isDue = performance.now() >= (client.noPressureUntil.get(node) ?? 0);
  if (ids.size === 0 || !isDue) return;
  const found = await client.askNode(node, type, pressuresShape, context.signal);
  const listed = new Map(found.map((row) => [`${type}/${row.vmid}`, row]));
  const known = [...listed].filter(([id]) => ids.has(id));
  if (known.length > 0 && known.every(([, row]) => PRESSURES.every(([, , key]) => row[key] === undefined)))
    client.noPressureUntil.set(node, performance.now() + ASK_AGAIN);
  for (const [id, row] of known) recordPressure(id, row, context);
}

function recordPressure(id: string, row: Pressures, context: CollectContext): void {
  for (const [resource, kind, key] of PRESSURES) {
    const percent = row[key];
    const isKnown = percent !== undefined && percent >= 0 && percent <= 100;
    context.record(guests.pressure, { id, resource, kind }, isKnown ? percent / 100 : undefined);
  }
}
