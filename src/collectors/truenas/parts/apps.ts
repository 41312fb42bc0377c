import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { apps } from "../metrics/upkeep.ts";

/** Filled in by its engineer. */
export const appsPart: Part<TrueNasClient> = {
  id: "apps",
  title: "Apps",
  every: seconds(60),
  deadline: seconds(30),
  metrics: apps,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
