import { z } from "zod";
import { minutes } from "../../../core/duration.ts";
import type { Part } from "../../../core/pack.ts";
import type { ProxmoxClient } from "../client.ts";
import { readGuests } from "../guest-calls.ts";
import { guestConfig } from "../metrics/resources.ts";
import { looseFlag } from "../../../lib/answers/loose-shapes.ts";

const configShape = z.object({ onboot: looseFlag });

/** `/nodes/{node}/{type}/{vmid}/config`: one call for each guest. */
export const guestConfigPart: Part<ProxmoxClient> = {
  id: "guest-config",
  title: "Guests' configuration",
  every: minutes(60),
  deadline: minutes(10),
  metrics: guestConfig,
  collect: readGuests({
    path: "config",
    shape: configShape,
    take: (context, { id, node, type }, { onboot }) => context.record(guestConfig.onboot, { id, node, type }, onboot),
  }),
};
