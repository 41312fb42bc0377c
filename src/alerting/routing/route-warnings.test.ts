import { expect, it } from "vitest";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { Route, TimeInterval } from "../../core/routing.ts";
import { interval, route } from "./__fixtures__/routes.ts";
import { routeWarnings } from "./route-warnings.ts";

const warnings = (
  root: Route,
  more: { fallback?: string[]; timeIntervals?: TimeInterval[]; sources?: { name: string }[] } = {},
) =>
  routeWarnings({
    sources: [{ name: "main" }],
    destinations: [
      { name: "ops", policy: {} },
      { name: "pager", policy: { isKeyedByGroup: true } },
      { name: "mail", policy: {} },
    ],
    route: root,
    fallback: [],
    timeIntervals: [],
    ...more,
  } as unknown as AlertingConfig);

const to = (...destinations: string[]) => ({ destinations });

it("warns of nothing when everything is of use", () => {
  const root = route("{}", "", to("ops"), route("a", "a=b", { ...to("pager"), muteTimeIntervals: ["nights"] }));
  expect(warnings(root, { fallback: ["mail"], timeIntervals: [interval("nights", {})] })).toEqual([]);
});

it("warns of destinations that are never told, also where another route takes everything", () => {
  const root = route("{}", "", to("ops"), route("rest", "", to("pager")));
  expect(warnings(root)).toEqual([
    "destination ops is never told anything: no route leads there, and it is no fallback",
    "destination mail is never told anything: no route leads there, and it is no fallback",
  ]);
});

it("warns of routes that no alert comes to, and of intervals that no route uses", () => {
  const root = route(
    "{}",
    "",
    to("ops", "pager", "mail"),
    route("on", "a=b", { continue: true }),
    route("first", "a=b"),
    route("narrower", "c=d, a=b"),
    route("other", 'a="c"'),
  );
  expect(warnings(root, { timeIntervals: [interval("nights", {})] })).toEqual([
    "route narrower is never come to: first takes its alerts first and has no `continue`",
    "no route uses the time interval nights",
  ]);
});

it("warns where groups of one key meet at a destination that tells them apart by the key alone", () => {
  const split = (more: object) =>
    route("{}", "", to("ops", "mail"), route("a", "a=b", to("pager")), route("c", "c=d", { ...to("pager"), ...more }));
  expect(warnings(split({ groupBy: ["c"] }))).toEqual([]);
  expect(warnings(split({}))).toEqual([
    "2 routes that keep the sender's grouping lead to pager, which tells groups apart by the sender's key alone: groups of one key are one incident there, closed by the first that is over",
  ]);
  expect(warnings(split({ groupBy: ["c"] }), { sources: [{ name: "a" }, { name: "b" }] })).toEqual([
    expect.stringMatching(/^2 sources lead to pager/),
  ]);
});
