import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { datasets } from "../metrics/pools.ts";

/** Filled in by its engineer. */
export const datasetsPart: Part<TrueNasClient> = {
  id: "datasets",
  title: "Datasets",
  every: minutes(5),
  deadline: seconds(30),
  metrics: datasets,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
