import { IANAZone } from "luxon";
import { formatDuration, hours, minutes } from "../../core/duration.ts";
import { error, type SloCheck } from "./check.ts";

/** A window that can not be counted. */
export const windows: SloCheck = {
  name: "window",
  check({ window }) {
    if (window.kind === "calendar")
      return IANAZone.isValidZone(window.timeZone)
        ? []
        : [error("window", `has the unknown time zone "${window.timeZone}": take an IANA name such as Europe/Berlin`)];
    const { length } = window;
    const text = formatDuration(length);
    if (length < hours(1))
      return [error("window", `is ${text}, too short for any budget: take at least 1h; 28d is usual`)];
    return length % minutes(5) === 0
      ? []
      : [error("window", `is ${text}, not a multiple of 5m, in which events are counted`)];
  },
};
