import { days } from "../../../core/duration.ts";
import { and, equal, greater, max, maxOverTime, min, or, select, unless } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { disks } from "../metrics/pools.ts";

const disk = ["target", "disk", "serial"] as const;
const named = { serial: ["!=", ""] } as const;
const temperature = (medium: string) =>
  max(select(disks.temperature, { medium: ["=~", medium] }), { by: [...disk, "medium"] });

/**
 * Hard disks that are hotter than that many degrees, SSDs than 10 more, and NVMe disks than 15 more, as one of which
 * nothing is known.
 */
export const hotterThan = (celsius: number) =>
  or(
    or(greater(temperature("hdd"), celsius), greater(temperature("ssd"), celsius + 10)),
    greater(temperature("nvme|unknown"), celsius + 15),
  );

const known = max(select(disks.info), { by: ["target", "serial"] });
const seen = max(maxOverTime(select(disks.info, named).over(days(1))), { by: ["target", "serial", "model"] });

/** One that shows no serial number any more is taken for the one of its model that vanished. */
const unnamed = max(select(disks.info, { serial: "" }), { by: ["target", "model"] });
const gone = unless(unless(seen, known, { on: ["target", "serial"] }), unnamed, { on: ["target", "model"] });

/**
 * Some disks, and those of virtual machines, never give anything but 0: only one that gave more says something by it.
 */
const everWarm = max(maxOverTime(select(disks.temperature).over(days(7))), { by: ["target", "serial"] });
const answers = min(select(disks.answers), { by: disk });

/** What can be asked of disks. */
export const diskSignals = {
  hardDiskTemperature: signal({
    title: "Temperatures of hard disks",
    help: "They should stay below 45 °C; heat makes them fail early.",
    unit: "celsius",
    expr: temperature("hdd"),
  }),
  ssdTemperature: signal({
    title: "Temperatures of SSDs",
    help: "They bear 10 degrees more than hard disks.",
    unit: "celsius",
    expr: temperature("ssd"),
  }),
  nvmeTemperature: signal({
    title: "Temperatures of NVMe disks",
    help: "They bear 15 degrees more than hard disks, and get slow when they are hotter; so do disks of which nothing is known.",
    unit: "celsius",
    expr: temperature("nvme|unknown"),
  }),
  silent: signal({
    title: "Disks that fell silent",
    help: "One series for each that gives 0 degrees, and gave more within a week; it may drop out of its pool next.",
    unit: "boolean",
    expr: and(equal(answers, 0), everWarm, { on: ["target", "serial"] }),
  }),
  inventory: signal({
    title: "All disks",
    help: "What the server sees; a disk without a pool is in none.",
    unit: "none",
    expr: max(select(disks.info), { by: ["target", "disk", "serial", "model", "medium", "pool"] }),
  }),
  vanished: signal({
    title: "Disks that vanished within a day",
    help: "One series for each serial number that the server no longer lists while it lists other disks.",
    unit: "boolean",
    expr: and(gone, known, { on: ["target"] }),
  }),
  selfTestPassed: signal({
    title: "Disks that passed their newest self test",
    help: "0 for a disk that found itself faulty; known before TrueNAS 25.10 only.",
    unit: "boolean",
    expr: min(select(disks.selfTestPassed), { by: disk }),
  }),
};
