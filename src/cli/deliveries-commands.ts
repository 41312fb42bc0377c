import type { Command } from "commander";
import { CONFIG_OPTION, configFile, exitWith } from "./command-parts.ts";

/** The verbs that look into the store of alert delivery; the service may be running. */
export function addDeliveries(deliveries: Command): void {
  const verbs = () => import("./verbs/deliveries.ts");

  deliveries
    .command("list", { isDefault: true })
    .description("list deliveries, what is not delivered first")
    .option(...CONFIG_OPTION)
    .option("--destination <name>", "only those of this destination")
    .option("--state <state>", "only those that are: waits, delivered, dead, dropped, rolled-up")
    .option("--limit <count>", "at most so many", "50")
    .option("--json", "print one JSON object")
    .action(async (options) => (await verbs()).listDeliveries({ ...options, file: configFile(options) }));

  deliveries
    .command("show")
    .description("show one delivery: its alerts, its attempts, why they failed and what to do")
    .argument("<id>", "its id, or the first six digits or more")
    .option(...CONFIG_OPTION)
    .option("--json", "print one JSON object")
    .action(async (id, options) =>
      exitWith(await (await verbs()).showDelivery({ ...options, id, file: configFile(options) })),
    );

  deliveries
    .command("retry")
    .description("try a delivery again at once, with its whole time anew")
    .argument("[id]", "its id, or the first six digits or more")
    .option(...CONFIG_OPTION)
    .option("--dead", "all that could not be delivered")
    .option("--destination <name>", "with --dead: only those of this destination")
    .option("--json", "print one JSON object")
    .action(async (id, options) =>
      exitWith(await (await verbs()).retryDeliveries({ ...options, id, file: configFile(options) })),
    );

  deliveries
    .command("drop")
    .description("give a delivery up: its destination is not told, unless the alerts change again")
    .argument("<id>", "its id, or the first six digits or more")
    .option(...CONFIG_OPTION)
    .option("--json", "print one JSON object")
    .action(async (id, options) =>
      exitWith(await (await verbs()).dropDelivery({ ...options, id, file: configFile(options) })),
    );
}
