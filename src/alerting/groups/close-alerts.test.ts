import { describe, expect, it } from "vitest";
import { isOpen, type AlertGroup } from "../../core/alert-group.ts";
import { alert, MINUTE, NOON, over, report } from "./__fixtures__/reports.ts";
import { applyNotification } from "./apply-notification.ts";
import { closeAlerts, forgetHidden, reopenAlerts, type Verdict } from "./close-alerts.ts";

const groupOf = (...parameters: Parameters<typeof report>): AlertGroup => {
  const group = applyNotification(undefined, report(...parameters), NOON);
  if (group === undefined) throw new Error("there is no group");
  return group;
};

const LATER = NOON + 10 * MINUTE;
const silenced: Verdict = { state: "silenced", because: "silenced until 14:00 UTC: disk is being replaced" };

describe("closeAlerts", () => {
  it("closes alerts that fire and says why", () => {
    const group = closeAlerts(groupOf([alert("a"), alert("b")]), new Map([["a", silenced]]), LATER);
    expect(group).toMatchObject({ revision: 2, updatedAt: LATER });
    expect(group.alerts).toMatchObject([
      { fingerprint: "a", state: "silenced", closedAt: LATER, closedBecause: silenced.because },
      { fingerprint: "b", state: "firing" },
    ]);
    expect(isOpen(group)).toBe(true);
  });

  it("gives the same object when none of them fires", () => {
    const group = groupOf([over("a"), alert("b")]);
    const verdicts = new Map([
      ["a", silenced],
      ["unknown", silenced],
    ]);
    expect(closeAlerts(group, verdicts, LATER)).toBe(group);
  });

  it("leaves a silenced alert to be opened by the next notification that reports it", () => {
    const closed = closeAlerts(groupOf([alert("a")]), new Map([["a", silenced]]), LATER);
    const again = applyNotification(closed, report([alert("a")]), LATER + 1_000);
    expect(again).toMatchObject({ revision: 3, alerts: [{ state: "firing" }] });
    expect(again?.alerts[0]).not.toHaveProperty("closedBecause");
  });
});

describe("reopenAlerts", () => {
  it("opens what is closed", () => {
    const closed = closeAlerts(groupOf([alert("a"), alert("b")]), new Map([["a", silenced]]), LATER);
    const group = reopenAlerts(closed, new Map([["a", NOON]]), LATER + MINUTE);
    expect(group.revision).toBe(3);
    expect(group.alerts[0]).toEqual({
      ...alertBefore(closed),
      state: "firing",
      startsAt: NOON,
      seenAt: LATER + MINUTE,
    });
  });

  const alertBefore = (group: AlertGroup) => {
    const { closedAt: _at, closedBecause: _because, ...before } = group.alerts[0] ?? {};
    return before;
  };

  it("forgets what was over before when the group was closed", () => {
    const closed = closeAlerts(groupOf([alert("a"), over("b")]), new Map([["a", silenced]]), LATER);
    const group = reopenAlerts(closed, new Map([["a", NOON]]), LATER + MINUTE);
    expect(group.alerts.map(({ fingerprint }) => fingerprint)).toEqual(["a"]);
  });

  it("gives the same object when all of them fire already", () => {
    const group = groupOf([alert("a")]);
    expect(reopenAlerts(group, new Map([["a", NOON]]), LATER)).toBe(group);
  });
});

describe("forgetHidden", () => {
  it("closes a group of which nothing else is open", () => {
    const group = forgetHidden(groupOf([over("a")], { truncated: 2 }), LATER);
    expect(group).toMatchObject({ truncated: {}, revision: 2, updatedAt: LATER });
    expect(isOpen(group)).toBe(false);
  });

  it("gives the same object when nothing is hidden", () => {
    const group = groupOf([alert("a")]);
    expect(forgetHidden(group, LATER)).toBe(group);
  });
});
