import { hours, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import type { Part } from "../../../core/pack.ts";
import type { TrueNasClient } from "../client.ts";
import { tasks } from "../metrics/tasks.ts";

/** Filled in by its engineer. */
export const tasksPart: Part<TrueNasClient> = {
  id: "tasks",
  title: "Tasks",
  every: seconds(60),
  deadline: seconds(30),
  metrics: tasks,
  async collect() {
    throw new NoData("not read yet");
  },
};
void hours;
void minutes;
