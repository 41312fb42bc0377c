import { alert, type Alert, type Threshold } from "../../core/alert.ts";
import { inSeconds, days, minutes } from "../../core/duration.ts";
import { gauge } from "../../core/metric.ts";
import { equal, greater, selectUntargeted } from "../../core/promql.ts";

const shelf = selectUntargeted(gauge("shelf", { help: "The shelf." }));

const texts = { severity: "warning", for: minutes(5), summary: () => "", description: () => "" } as const;

const compared = (name: string, threshold: Threshold): Alert<string> =>
  alert({ ...texts, name, when: (limit) => greater(shelf, limit), threshold });

/** One alert without a threshold, and one for each unit that a threshold may have. */
export const fakeAlerts: readonly Alert<string>[] = [
  alert({ ...texts, name: "ShelfGone", severity: "critical", when: equal(shelf, 0) }),
  compared("ShelfFilling", { value: 0.8, unit: "ratio", help: "share of the shelf that is used" }),
  compared("ShelfOld", { value: inSeconds(days(30)), unit: "seconds", help: "age of the shelf" }),
  compared("ShelfHeavy", { value: 1_000_000, unit: "bytes", help: "what lies on the shelf" }),
  compared("ShelfHot", { value: 40, unit: "celsius", help: "temperature of the shelf" }),
  compared("ShelfCrowded", { value: 12, unit: "none", help: "books on the shelf" }),
];
