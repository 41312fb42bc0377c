import { expect, it } from "vitest";
import { minutes, seconds } from "../../core/duration.ts";
import { groupIntervals } from "./group-intervals.ts";

const CONFIG = `
route:
  receiver: default
  group_interval: 30s
  routes:
    - matchers: [a="b"]
      routes:
        - receiver: deep
          group_interval: 1h
        - receiver: deep
    - receiver: other
      group_interval: nonsense
`;

it("takes the longest interval of the routes that lead to a receiver", () => {
  const of = groupIntervals(CONFIG);
  expect([of("default"), of("deep"), of("other")]).toEqual([seconds(30), minutes(60), seconds(30)]);
});

it.each(["", "route", "route: 5", "route: {routes: {a: b}}", "a: [", "route: {receiver: [x], routes: [1, null]}"])(
  "gives Alertmanager's default where the configuration %j tells nothing",
  (text) => expect(groupIntervals(text)("default")).toBe(minutes(5)),
);
