import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { system } from "../metrics/system.ts";

/** Filled in by its engineer. */
export const systemPart: Part<TrueNasClient> = {
  id: "system",
  title: "System and services",
  every: seconds(60),
  deadline: seconds(30),
  metrics: system,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
