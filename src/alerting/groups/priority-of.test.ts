import { expect, it } from "vitest";
import type { ReportedAlert } from "../../core/notification.ts";
import { alert, NOON, over, report } from "./__fixtures__/reports.ts";
import { applyNotification } from "./apply-notification.ts";
import { priorityOf } from "./priority-of.ts";

const of = (severity: string | undefined, base: ReportedAlert): ReportedAlert => ({
  ...base,
  labels: severity === undefined ? {} : { severity },
});

const priority = (...alerts: readonly ReportedAlert[]) =>
  priorityOf(applyNotification(undefined, report(alerts, { truncated: 1 }), NOON) ?? { alerts: [] });

it.each([
  ["critical", 0],
  ["page", 0],
  ["Emergency", 0],
  ["error", 1],
  ["high", 1],
  ["warning", 2],
  ["minor", 2],
  ["info", 3],
  ["none", 3],
  ["something else", 1],
  [undefined, 1],
])("gives an alert of severity %s priority %i", (severity, expected) => {
  expect(priority(of(severity, alert("a")))).toBe(expected);
});

it("takes the worst alert that fires", () => {
  expect(priority(of("info", alert("a")), of("warning", alert("b")), of("critical", over("c")))).toBe(2);
});

it("takes the worst of all when none fires", () => {
  expect(priority(of("info", over("a")), of("critical", over("b")))).toBe(0);
});

it("takes a group of which no alert is known for an error", () => {
  expect(priorityOf({ alerts: [] })).toBe(1);
});
