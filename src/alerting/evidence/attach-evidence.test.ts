import { describe, expect, it } from "vitest";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { GroupEvidence } from "../../core/evidence.ts";
import { after, alert, MINUTE, NOON, over, report } from "../groups/__fixtures__/reports.ts";
import { applyNotification } from "../groups/apply-notification.ts";
import { closeAlerts, reopenAlerts } from "../groups/close-alerts.ts";
import { attachEvidence } from "./attach-evidence.ts";

const open = after([NOON, report([alert("a")])]);
const found = (of: Partial<GroupEvidence> = {}): GroupEvidence => ({
  bundleId: "1".repeat(16),
  at: NOON + MINUTE,
  lines: ["disk is full: 14 lines, none before"],
  ...of,
});
const attach = (group: AlertGroup, evidence = found(), asked = group): AlertGroup => {
  const next = attachEvidence(asked, evidence).apply(group, false);
  if (next === undefined) throw new Error("the group is gone");
  return next;
};
const afterwards = (group: AlertGroup, alerts: Parameters<typeof report>[0], minutes = 5): AlertGroup => {
  const next = applyNotification(group, report(alerts), NOON + minutes * MINUTE);
  if (next === undefined) throw new Error("the group is gone");
  return next;
};

describe("evidence", () => {
  it("makes a new revision of an open group, and no news of its sender", () => {
    const { revision, updatedAt, evidence, remindedAt } = attach(open);
    expect({ revision, updatedAt, evidence, remindedAt }).toEqual({
      revision: open.revision + 1,
      updatedAt: open.updatedAt,
      evidence: found(),
      remindedAt: undefined,
    });
  });

  it("begins no conversation, and no group", () => {
    expect(attachEvidence(open, found()).destinations).toEqual([]);
    expect(attachEvidence(open, found()).apply(undefined, false)).toBeUndefined();
  });

  it("is not put on a group that is over, or that is about other alerts by now", () => {
    const closed = afterwards(open, [over("a")]);
    expect(attach(closed, found(), open)).toBe(closed);
    const anew = afterwards(closed, [alert("a", { startsAt: NOON + 20 * MINUTE })], 21);
    expect(attach(anew, found(), open)).toBe(anew);
  });

  it("is kept while the group changes and when it ends, and forgotten when it fires anew", () => {
    const told = attach(open);
    const grown = afterwards(told, [alert("a"), alert("b")]);
    expect(grown).toMatchObject({ evidence: found(), revision: told.revision + 1 });
    const closed = afterwards(grown, [over("a"), over("b")], 10);
    expect(closed.evidence).toEqual(found());
    const late = afterwards(closed, [over("c")], 11);
    expect(late.evidence).toEqual(found());
    expect(afterwards(closed, [alert("a", { startsAt: NOON + 20 * MINUTE })], 21)).not.toHaveProperty("evidence");
  });

  it("is kept by a repair too, but for one that opens the group again", () => {
    const told = attach(afterwards(open, [alert("a"), alert("b")]));
    const gone = { state: "gone", because: "gone" } as const;
    const half = closeAlerts(told, new Map([["a", gone]]), NOON + 10 * MINUTE);
    expect(half.evidence).toEqual(found());
    const closed = closeAlerts(half, new Map([["b", gone]]), NOON + 11 * MINUTE);
    expect(closed.evidence).toEqual(found());
    expect(reopenAlerts(half, new Map([["a", NOON]]), NOON + 11 * MINUTE).evidence).toEqual(found());
    expect(reopenAlerts(closed, new Map([["b", NOON]]), NOON + 12 * MINUTE)).not.toHaveProperty("evidence");
  });

  it("takes the place of older evidence when it says something else, numbers apart", () => {
    const told = attach(open);
    const later = { bundleId: "2".repeat(16), at: NOON + 6 * MINUTE };
    expect(attach(told)).toBe(told);
    expect(attach(told, found({ ...later, lines: ["disk is full: 2,310 lines, none before"] }))).toBe(told);
    expect(attach(told, found({ bundleId: later.bundleId, at: NOON, lines: ["older"] }))).toBe(told);
    const other = found({ ...later, lines: ["shop: version 2.3.1 -> 2.4.0"] });
    const next = attach(told, other);
    expect(next).toMatchObject({ evidence: other, revision: told.revision + 1 });
    const newest = found({ bundleId: "3".repeat(16), at: NOON + 7 * MINUTE, lines: ["shop: version 2.4.0 -> 2.5.0"] });
    expect(attach(next, newest).evidence).toEqual(newest);
  });

  it("does not take the place of what found something when it found nothing, but the other way round", () => {
    const quiet = found({ bundleId: "2", at: NOON + 6 * MINUTE, foundNothing: true, lines: ["Nothing stands out."] });
    const told = attach(open);
    expect(attach(told, quiet)).toBe(told);
    const later = found({ bundleId: "3", at: NOON + 7 * MINUTE, unseen: 1 });
    expect(attach(attach(open, quiet), later).evidence).toEqual(later);
  });

  it("does not take the place of what saw more of the same alert", () => {
    const later = { bundleId: "2", at: NOON + 6 * MINUTE, lines: ["something else"] };
    const told = attach(open, found({ unseen: 1, about: "a" }));
    expect(attach(told, found({ ...later, unseen: 2, about: "a" }))).toBe(told);
    for (const one of [{ unseen: 1, about: "a" }, { about: "a" }, { unseen: 2, about: "b" }])
      expect(attach(told, found({ ...later, ...one })).evidence).toEqual(found({ ...later, ...one }));
    const quiet = found({ foundNothing: true });
    expect(attach(attach(open, quiet), { ...quiet, ...later, unseen: 1 }).evidence).toEqual(quiet);
  });

  it("is bounded, and has no line that can not be seen", () => {
    const lines = ["", "\u202e\u0007", `a\nb${"x".repeat(300)}`, ...Array.from({ length: 20 }, (_, i) => `line ${i}`)];
    const { evidence } = attach(open, found({ lines }));
    expect(evidence?.lines).toHaveLength(8);
    expect(evidence?.lines[0]).toMatch(/^a bx{195}…$|^a bx{196}…$/);
    expect(attach(open, found({ lines: ["\u202e"] }))).toBe(open);
  });
});
