import { describe, expect, it } from "vitest";
import { isOpen } from "../../core/alert-group.ts";
import { after, alert, MINUTE, NOON, over, report, SECOND, states } from "./__fixtures__/reports.ts";
import { applyNotification } from "./apply-notification.ts";

describe("a late notification", () => {
  const closed = after([NOON, report([alert("a")])], [NOON + 5 * MINUTE, report([over("a")])]);

  it("does not open what is over", () => {
    expect(applyNotification(closed, report([alert("a")]), NOON + 6 * MINUTE)).toBe(closed);
  });

  it("is no late one any more after two minutes, so that nothing that fires stays untold", () => {
    const again = applyNotification(closed, report([alert("a")]), NOON + 8 * MINUTE);
    expect(again).toMatchObject({ revision: 3, alerts: [{ state: "firing", startsAt: NOON - MINUTE }] });
  });

  it("is none when the clock was set back since", () => {
    const again = applyNotification(closed, report([alert("a")]), NOON - 60 * MINUTE);
    expect(again?.alerts[0]?.state).toBe("firing");
  });

  it("opens nothing when the end was heard before the beginning", () => {
    const group = after([NOON, report([over("a")])], [NOON + SECOND, report([alert("a")])]);
    expect(isOpen(group)).toBe(false);
  });

  it("does not end a newer episode", () => {
    const group = after(
      [NOON, report([alert("a", { startsAt: NOON })])],
      [NOON + SECOND, report([over("a", NOON - 10 * MINUTE, NOON - 5 * MINUTE)])],
    );
    expect(states(group)).toEqual({ a: "firing" });
    expect(group.revision).toBe(1);
  });

  it.each([0, 3])("does not close what it does not name, nor say that %i are hidden", (truncated) => {
    const before = after(
      [NOON, report([alert("a"), alert("b")])],
      [NOON + 5 * MINUTE, report([over("a"), alert("b")])],
    );
    expect(applyNotification(before, report([alert("a")], { truncated }), NOON + 6.5 * MINUTE)).toBe(before);
  });

  it("of an earlier episode says nothing of how many are hidden", () => {
    const before = after([NOON, report([alert("a", { startsAt: NOON - SECOND })])]);
    const late = report([alert("a", { startsAt: NOON - 10 * MINUTE })], { truncated: 3 });
    expect(applyNotification(before, late, NOON + MINUTE)).toBe(before);
  });

  it("opens nothing that was over just before the group opened again", () => {
    const group = after(
      [NOON, report([alert("a")])],
      [NOON + 5 * MINUTE, report([over("a")])],
      [NOON + 5.5 * MINUTE, report([alert("b")])],
      [NOON + 6 * MINUTE, report([alert("a")])],
    );
    expect(states(group)).toEqual({ a: "resolved", b: "firing" });
  });
});

describe("an alert whose beginning is told differently by two replicas", () => {
  const later = alert("a", { startsAt: NOON - 30 * SECOND });

  it("is ended by the earlier one too", () => {
    const group = after(
      [NOON, report([later])],
      [NOON + 5 * MINUTE, report([over("a", NOON - 45 * SECOND, NOON + MINUTE)])],
    );
    expect(states(group)).toEqual({ a: "resolved" });
    expect(group.alerts[0]?.startsAt).toBe(NOON - 30 * SECOND);
  });

  it("is not opened again by the later one", () => {
    const group = after(
      [NOON, report([alert("a", { startsAt: NOON - 45 * SECOND })])],
      [NOON + 5 * MINUTE, report([over("a", NOON - 45 * SECOND, NOON + MINUTE)])],
    );
    expect(applyNotification(group, report([later]), NOON + 6 * MINUTE)).toBe(group);
  });

  it("fires on with the beginning that was told first", () => {
    const group = after([NOON, report([later])]);
    const earlier = report([alert("a", { startsAt: NOON - 45 * SECOND })], { mayBeRepetition: false });
    expect(applyNotification(group, earlier, NOON + 10 * MINUTE)).toBe(group);
  });
});

describe("an alert that is missing", () => {
  const both = after([NOON, report([alert("a"), alert("b")])]);

  it("is gone", () => {
    const next = applyNotification(both, report([alert("b")]), NOON + 5 * MINUTE);
    expect(next && states(next)).toEqual({ a: "gone", b: "firing" });
    expect(next?.alerts[0]).toMatchObject({
      closedAt: NOON + 5 * MINUTE,
      closedBecause: "Alertmanager no longer reports it with its group: silenced, inhibited or routed elsewhere",
    });
  });

  it.each([
    ["from a copy", { isCopy: true }, 5 * MINUTE],
    ["from a notification that left alerts out", { truncated: 1 }, 5 * MINUTE],
    ["from a notification of another of the sender's groups", { origin: "other" }, 5 * MINUTE],
    ["though it was named a moment ago", {}, 59 * SECOND],
  ])("fires on when it is missing %s", (_, of, wait) => {
    const next = applyNotification(both, report([alert("b")], of), NOON + wait);
    expect(next && states(next)).toEqual({ a: "firing", b: "firing" });
  });

  it("opens again as soon as it is reported", () => {
    const group = after(
      [NOON, report([alert("a"), alert("b")])],
      [NOON + 5 * MINUTE, report([alert("b")])],
      [NOON + 5 * MINUTE + SECOND, report([alert("a"), alert("b")])],
    );
    expect(states(group)).toEqual({ a: "firing", b: "firing" });
    expect(group.alerts[0]).not.toHaveProperty("closedBecause");
  });

  it("may be said to be resolved later", () => {
    const group = after(
      [NOON, report([alert("a"), alert("b")])],
      [NOON + 5 * MINUTE, report([alert("b")])],
      [NOON + 9 * MINUTE, report([over("a"), alert("b")])],
    );
    expect(states(group)).toEqual({ a: "resolved", b: "firing" });
    expect(group.alerts[0]).not.toHaveProperty("closedBecause");
  });
});

describe("alerts that were left out", () => {
  const hidden = after([NOON, report([alert("a"), alert("b")], { truncated: 2 })]);

  it("keep the group open", () => {
    const group = applyNotification(hidden, report([over("a"), over("b")], { truncated: 2 }), NOON + 5 * MINUTE);
    expect(group && isOpen(group)).toBe(true);
    expect(group?.truncated).toEqual({ "0123456789abcdef": 2 });
  });

  it("are over when a notification has all", () => {
    const group = applyNotification(hidden, report([over("a"), over("b")]), NOON + 5 * MINUTE);
    expect(group && isOpen(group)).toBe(false);
  });

  it("are over, with those that were named before, when the sender says that all are resolved", () => {
    const last = report([over("b")], { truncated: 3, isAllResolved: true });
    const group = applyNotification(hidden, last, NOON + 5 * MINUTE);
    expect(group?.truncated).toEqual({});
    expect(group && states(group)).toEqual({ a: "resolved", b: "resolved" });
    expect(group?.alerts[0]?.closedBecause).toBe("Alertmanager says that all alerts of its group are resolved");
  });

  it("are counted for each of the sender's groups", () => {
    const group = applyNotification(hidden, report([alert("c")], { origin: "other", truncated: 1 }), NOON);
    expect(group?.truncated).toEqual({ "0123456789abcdef": 2, other: 1 });
  });
});
