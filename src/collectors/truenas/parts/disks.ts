import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { disks } from "../metrics/pools.ts";

/** Filled in by its engineer. */
export const disksPart: Part<TrueNasClient> = {
  id: "disks",
  title: "Disks",
  every: minutes(5),
  deadline: seconds(30),
  metrics: disks,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
