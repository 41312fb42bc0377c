import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { pools } from "../metrics/pools.ts";

/** Filled in by its engineer. */
export const poolsPart: Part<TrueNasClient> = {
  id: "pools",
  title: "Pools",
  every: seconds(60),
  deadline: seconds(30),
  metrics: pools,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
