import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { certificates } from "../metrics/upkeep.ts";

/** Filled in by its engineer. */
export const certificatesPart: Part<TrueNasClient> = {
  id: "certificates",
  title: "Certificates and API keys",
  every: hours(1),
  deadline: seconds(30),
  metrics: certificates,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
