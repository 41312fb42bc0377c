import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import type { Part } from "../../../core/pack.ts";
import { looseFlag, looseText } from "../../../lib/answers/loose-shapes.ts";
import type { TrueNasClient } from "../client.ts";
import { apps } from "../metrics/upkeep.ts";
import { listShape, readRows } from "./row-list.ts";

const METHOD = "app.query";
/** The rest of an app is long, and holds what it was configured with. */
const PARAMS = [[], { select: ["name", "state", "version", "upgrade_available"] }];
/** Events tell of changes sooner. */
const RESYNC = minutes(5);

const rowShape = z.object({
  name: z.string().min(1),
  state: looseText,
  version: looseText,
  upgrade_available: looseFlag,
});

/** Of an app in any other state it is not known whether it runs. */
const STATES: ReadonlySet<string> = new Set(["CRASHED", "DEPLOYING", "RUNNING", "STOPPED", "STOPPING"]);

/** `app.query`. */
export const appsPart: Part<TrueNasClient> = {
  id: "apps",
  title: "Apps",
  every: seconds(60),
  deadline: seconds(30),
  metrics: apps,
  async collect(client, context) {
    const call = { method: METHOD, params: PARAMS, shape: listShape, signal: context.signal };
    const list = await client.watched(call, METHOD, RESYNC);
    for (const row of readRows(context, list, { method: METHOD, row: rowShape, key: ({ name }) => name })) {
      const { name, state = "", version = "", upgrade_available: upgradeAvailable } = row;
      const app = { app: name };
      context.record(apps.info, { app: name, version, state }, 1);
      context.record(apps.upgradeAvailable, app, upgradeAvailable);
      if (!STATES.has(state)) continue;
      context.record(apps.running, app, state === "RUNNING");
      context.record(apps.crashed, app, state === "CRASHED");
      context.record(apps.deploying, app, state === "DEPLOYING");
    }
  },
};
