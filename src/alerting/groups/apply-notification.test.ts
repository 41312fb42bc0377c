import { describe, expect, it } from "vitest";
import { isOpen } from "../../core/alert-group.ts";
import { after, alert, MINUTE, NOON, over, report, SECOND, states } from "./__fixtures__/reports.ts";
import { applyNotification } from "./apply-notification.ts";

describe("a group", () => {
  it("begins with its first notification", () => {
    const group = after([NOON, report([alert("a")], { externalUrl: "http://am.example.org/", traceparent: "00-x" })]);
    expect(group).toMatchObject({
      id: "a".repeat(64),
      source: "main",
      route: "{}",
      labels: { alertname: "NodeDown" },
      externalUrl: "http://am.example.org/",
      traceparent: "00-x",
      revision: 1,
      createdAt: NOON,
      updatedAt: NOON,
      truncated: {},
    });
    expect(group.alerts).toEqual([
      expect.objectContaining({ fingerprint: "a", state: "firing", seenAt: NOON, origin: "0123456789abcdef" }),
    ]);
  });

  it("does not begin with nothing", () => {
    expect(applyNotification(undefined, report([]), NOON)).toBeUndefined();
  });

  it("closes with its last alert, and tells when it ended and when it was heard", () => {
    const group = after(
      [NOON, report([alert("a")])],
      [NOON + 5 * MINUTE, report([over("a", NOON - MINUTE, NOON + MINUTE)])],
    );
    expect(isOpen(group)).toBe(false);
    expect(group.revision).toBe(2);
    expect(group.alerts[0]).toMatchObject({
      state: "resolved",
      endsAt: NOON + MINUTE,
      closedAt: NOON + 5 * MINUTE,
    });
  });

  it("is the same object after a copy", () => {
    const group = after([NOON, report([alert("a")])]);
    expect(applyNotification(group, report([alert("a")], { isCopy: true }), NOON + SECOND)).toBe(group);
  });

  it("has no new revision for what differs between replicas", () => {
    const group = after([NOON, report([alert("a", { value: "1", links: { source: "http://p1/" } })])]);
    const other = alert("a", { value: "2", links: { source: "http://p2/" }, annotations: { summary: "another text" } });
    expect(applyNotification(group, report([other], { isCopy: true, externalUrl: "http://am-2/" }), NOON)).toBe(group);
    const later = report([alert("a", { value: "2" })], { mayBeRepetition: false });
    expect(applyNotification(group, later, NOON + 5 * MINUTE)).toBe(group);
  });

  it("takes over addresses and values when something else changes", () => {
    const group = after(
      [NOON, report([alert("a", { value: "1" })], { externalUrl: "http://am-1/" })],
      [NOON + 5 * MINUTE, report([alert("a", { value: "2" }), alert("b")], { externalUrl: "http://am-2/" })],
    );
    expect(group).toMatchObject({ revision: 2, externalUrl: "http://am-2/" });
    expect(group.alerts[0]?.value).toBe("2");
  });

  it.each([
    { annotations: { summary: "other" } },
    { annotations: { summary: "a is down", description: "other" } },
    { labels: { alertname: "NodeDown", instance: "a", severity: "warning" } },
  ])("has a new revision for %j", (change) => {
    const group = after([NOON, report([alert("a")])]);
    const next = applyNotification(group, report([alert("a", change)], { mayBeRepetition: false }), NOON + 5 * MINUTE);
    expect(next?.revision).toBe(2);
    expect(next?.remindedAt).toBeUndefined();
  });
});

describe("a repetition", () => {
  const open = after([NOON, report([alert("a")])]);

  it("reminds", () => {
    const at = NOON + 240 * MINUTE;
    expect(applyNotification(open, report([alert("a")]), at)).toMatchObject({
      revision: 2,
      remindedAt: at,
      updatedAt: at,
    });
  });

  it("reminds with the texts as they are now", () => {
    const at = NOON + 240 * MINUTE;
    const next = applyNotification(open, report([alert("a", { annotations: { summary: "97 %" } })]), at);
    expect(next).toMatchObject({ remindedAt: at });
    expect(next?.alerts[0]?.annotations).toEqual({ summary: "97 %" });
  });

  it.each([
    ["a copy", { isCopy: true }, 240 * MINUTE],
    ["sent because other alerts of the sender's group changed", { mayBeRepetition: false }, 240 * MINUTE],
    ["of something that just changed", {}, MINUTE],
  ])("is none when it is %s", (_, of, wait) => {
    expect(applyNotification(open, report([alert("a")], of), NOON + wait)).toBe(open);
  });

  it("is none of a group that is closed", () => {
    const closed = after([NOON, report([alert("a")])], [NOON + MINUTE, report([over("a")])]);
    expect(applyNotification(closed, report([over("a")]), NOON + 60 * MINUTE)).toBe(closed);
  });
});

describe("what is over", () => {
  it("is forgotten after an hour while the group is open", () => {
    const group = after(
      [NOON, report([alert("a"), alert("b")])],
      [NOON + MINUTE, report([over("a"), alert("b")])],
      [NOON + 30 * MINUTE, report([alert("b"), alert("c")])],
    );
    expect(Object.keys(states(group))).toEqual(["a", "b", "c"]);
    const later = applyNotification(group, report([alert("b"), alert("c"), alert("d")]), NOON + 62 * MINUTE);
    expect(later && Object.keys(states(later))).toEqual(["b", "c", "d"]);
  });

  it("is kept while the group is closed, and forgotten when it opens again", () => {
    const closed = after(
      [NOON, report([alert("a"), alert("b")])],
      [NOON + MINUTE, report([over("a"), alert("b")])],
      [NOON + 90 * MINUTE, report([over("b")])],
    );
    expect(states(closed)).toEqual({ a: "resolved", b: "resolved" });
    const startsAt = NOON + 99 * MINUTE;
    const open = applyNotification(closed, report([alert("c", { startsAt })]), NOON + 100 * MINUTE);
    expect(open && states(open)).toEqual({ c: "firing" });
  });

  it("is bounded", () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `alert-${index}`);
    const group = after(
      [NOON, report(names.map((name) => alert(name)))],
      [NOON + MINUTE, report(names.map((name) => over(name)))],
    );
    expect(group.alerts).toHaveLength(5_000);
    const later = applyNotification(group, report([over("other")]), NOON + 10 * MINUTE);
    expect(later?.alerts).toHaveLength(2_000);
    expect(later && states(later)).toHaveProperty("other");
  });

  it("is bounded even when all of it is over at once", () => {
    const names = Array.from({ length: 20_500 }, (_, index) => `alert-${index}`);
    expect(after([NOON, report(names.map((name) => over(name)))]).alerts).toHaveLength(20_000);
  });

  it("makes room for no more than 20,000 alerts that fire, and counts the others as left out", () => {
    const names = Array.from({ length: 20_500 }, (_, index) => `alert-${index}`);
    const group = after([NOON, report(names.map((name) => alert(name)))]);
    expect(group.alerts).toHaveLength(20_000);
    expect(group.truncated).toEqual({ "0123456789abcdef": 500 });
  });
});

it("takes names such as those of an object's own parts for what they are", () => {
  const group = after(
    [NOON, report([alert("constructor"), alert("__proto__")], { origin: "__proto__", truncated: 1 })],
    [NOON + 5 * MINUTE, report([over("constructor"), over("__proto__")], { origin: "toString" })],
  );
  expect(group.alerts.map(({ fingerprint, state }) => [fingerprint, state])).toEqual([
    ["constructor", "resolved"],
    ["__proto__", "resolved"],
  ]);
});
