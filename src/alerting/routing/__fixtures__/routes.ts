import type { Route, TimeInterval, TimeRange } from "../../../core/routing.ts";
import { parseMatchers } from "../../../lib/matcher-text.ts";

/** A route as a test writes it; it goes to the destination of its id unless told otherwise. */
export function route(
  id: string,
  matchers: string,
  more: Partial<Omit<Route, "id" | "matchers">> = {},
  ...routes: readonly Route[]
): Route {
  return {
    id,
    matchers: parseMatchers(matchers),
    continue: false,
    destinations: [id],
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    routes,
    ...more,
  };
}

/** An interval of one range, in UTC unless told otherwise. */
export const interval = (name: string, ...ranges: readonly Partial<TimeRange>[]): TimeInterval => ({
  name,
  ranges: ranges.map((range) => ({ location: "UTC", ...range })),
});

/** Minutes since midnight. */
export const clock = (from: string, to: string) => ({ start: minuteOf(from), end: minuteOf(to) });

const minuteOf = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
};
