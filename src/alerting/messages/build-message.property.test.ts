import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOpen } from "../../core/alert-group.ts";
import { MESSAGE_SEVERITIES } from "../../core/message.ts";
import { build } from "./__fixtures__/build.ts";
import { aGroup, anAlert, anyGroup, NOON } from "./__fixtures__/groups.ts";
import { toldOf } from "./build-message.ts";

describe("every message", () => {
  // eslint-disable-next-line no-control-regex
  const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

  it("keeps its limits and its promises, whatever the texts are", () => {
    fc.assert(
      fc.property(anyGroup, anyGroup, fc.boolean(), (group, other, isFirst) => {
        const told = isFirst ? undefined : toldOf(other, NOON);
        const message = build(group, { told, action: isFirst ? "open" : "update" });
        expect(build(structuredClone(group), { told, action: isFirst ? "open" : "update" })).toEqual(message);
        expect([...message.title].length).toBeLessThanOrEqual(250);
        expect(message.title.trim()).not.toBe("");
        expect(message.title).not.toMatch(UNSEEN);
        expect(message.title.isWellFormed()).toBe(true);
        expect(message.status === "firing").toBe(isOpen(group));
        expect(message.until === undefined).toBe(isOpen(group));
        expect(message.until ?? message.since).toBeGreaterThanOrEqual(message.since);
        expect(message.alerts.length + message.moreAlerts).toBe(group.alerts.length);
        const ranks = message.alerts.map(
          ({ state, severity }) => Number(state !== "firing") * 10 + MESSAGE_SEVERITIES.indexOf(severity),
        );
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        for (const { name, summary } of message.alerts) {
          expect(name.trim()).not.toBe("");
          expect(summary.trim()).not.toBe("");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("does not depend on the order in which the alerts were told", () => {
    fc.assert(
      fc.property(anyGroup, (group) => {
        const turned = { ...group, alerts: group.alerts.toReversed() };
        const { alerts, title, severity, counts, since } = build(group);
        expect(build(turned)).toMatchObject({ alerts, title, severity, counts, since });
      }),
    );
  });

  it("bounds the texts of its alerts", () => {
    const huge = "🔥 fire\n".repeat(10_000);
    const [alert] = build(aGroup([anAlert({ annotations: { summary: huge, description: huge }, value: huge })])).alerts;
    expect([...(alert?.summary ?? "")].length).toBe(1_000);
    expect([...(alert?.description ?? "")].length).toBe(8_000);
    expect([...(alert?.value ?? "")].length).toBe(500);
  });
});
