import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { snapshots } from "../metrics/pools.ts";

/** Filled in by its engineer. */
export const snapshotsPart: Part<TrueNasClient> = {
  id: "snapshots",
  title: "Snapshots",
  every: minutes(10),
  deadline: seconds(30),
  metrics: snapshots,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
