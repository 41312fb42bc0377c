import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { realtime } from "../metrics/system.ts";

/** Filled in by its engineer. */
export const realtimePart: Part<TrueNasClient> = {
  id: "realtime",
  title: "Processors, memory and network",
  every: seconds(15),
  deadline: seconds(30),
  metrics: realtime,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
