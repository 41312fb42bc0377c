import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { nativeAlerts } from "../metrics/upkeep.ts";

/** Filled in by its engineer. */
export const nativeAlertsPart: Part<TrueNasClient> = {
  id: "alerts",
  title: "Alerts of the server itself",
  every: seconds(30),
  deadline: seconds(30),
  metrics: nativeAlerts,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
