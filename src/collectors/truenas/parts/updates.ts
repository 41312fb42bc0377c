import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { updates } from "../metrics/upkeep.ts";

/** Filled in by its engineer. */
export const updatesPart: Part<TrueNasClient> = {
  id: "updates",
  title: "Updates",
  every: hours(1),
  deadline: seconds(30),
  metrics: updates,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
