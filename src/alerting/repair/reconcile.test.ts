import { describe, expect, it } from "vitest";
import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import type { ReplicaAnswer } from "./alertmanager-client.ts";
import { viewOf } from "./alertmanager-view.ts";
import { judgeGroup, type JudgeContext } from "./reconcile.ts";
import { closingChange } from "./repair-changes.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;

const alert = (of: Partial<GroupAlert> = {}): GroupAlert => ({
  fingerprint: "f1",
  state: "firing",
  labels: { alertname: "NodeDown" },
  annotations: {},
  startsAt: NOW - HOUR,
  links: {},
  origin: "origin",
  seenAt: NOW - HOUR,
  ...of,
});
const groupOf = (alerts: readonly GroupAlert[], of: Partial<AlertGroup> = {}): AlertGroup => ({
  id: "g1",
  kind: "alertmanager",
  source: "main",
  route: "{}",
  receiver: "watchkeeper",
  groupKey: "{}:{}",
  labels: { alertname: "NodeDown" },
  alerts,
  truncated: {},
  revision: 1,
  createdAt: NOW - HOUR,
  updatedAt: NOW - HOUR,
  ...of,
});
const answer = (of: Partial<ReplicaAnswer> = {}): ReplicaAnswer => ({
  url: "http://alertmanager",
  upFor: 2 * HOUR,
  alerts: [],
  groups: [],
  silences: [],
  configuration: "",
  ...of,
});
const contextOf = (one: ReplicaAnswer, suspectedFor?: number): JudgeContext => {
  const view = viewOf([one]);
  if (view === undefined) throw new Error("no view");
  return {
    view,
    now: NOW,
    graces: { fresh: 120_000, resolved: 120_000, uptime: 300_000, flush: 60_000 },
    isRegrouped: () => false,
    suspectedFor: () => suspectedFor,
  };
};
const because = (group: AlertGroup, context: JudgeContext): string | undefined =>
  judgeGroup(group, context).closings.get("f1")?.because;

describe("judgeGroup", () => {
  it("waits for a notification as long as the receiver's routes may make one wait, and a minute", () => {
    const configuration = "route:\n  receiver: watchkeeper\n  group_interval: 30m\n";
    const lost = answer({ configuration });
    expect(judgeGroup(groupOf([alert()]), contextOf(lost))).toMatchObject({
      suspicions: [`g1 f1 ${NOW - HOUR} ${NOW - HOUR} absent`],
    });
    expect(because(groupOf([alert()]), contextOf(lost, 31 * 60_000 - 1))).toBeUndefined();
    expect(because(groupOf([alert()]), contextOf(lost, 31 * 60_000))).toBeDefined();
    expect(because(groupOf([alert()]), contextOf(answer(), 6 * 60_000))).toBeDefined();
  });

  it("says whether Alertmanager was restarted since", () => {
    expect(because(groupOf([alert()]), contextOf(answer(), HOUR))).toMatch(/its resolved notification never came$/);
    expect(because(groupOf([alert()]), contextOf(answer({ upFor: 600_000 }), HOUR))).toMatch(
      /^Alertmanager was restarted/,
    );
  });

  it("shows comments and names in one line and within bounds", () => {
    const status = { state: "suppressed", silencedBy: ["s1", "s2"], inhibitedBy: [], mutedBy: [] };
    const silence = { id: "s2", comment: `${"x".repeat(500)}\n\u202e<!channel>`, createdBy: "", endsAt: NOW };
    const known = { fingerprint: "f1", labels: {}, startsAt: NOW, status };
    const words = because(groupOf([alert()]), contextOf(answer({ alerts: [known], silences: [silence] })));
    expect(words).toBe(`silenced until 2026-03-01 12:00 UTC: ${"x".repeat(199)}… (silence s2)`);
    expect(because(groupOf([alert()]), contextOf(answer({ alerts: [known] })))).toBe(
      "silenced in Alertmanager (silence s1)",
    );
  });

  it("takes an alert in no group of Alertmanager for one that is about to be in one", () => {
    const status = { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [] };
    const known = { fingerprint: "f1", labels: {}, startsAt: NOW, status };
    expect(judgeGroup(groupOf([alert()]), contextOf(answer({ alerts: [known] }), HOUR))).toEqual({
      closings: new Map(),
      clearsHidden: false,
      suspicions: [],
    });
  });

  it("compares no labels that intake may have cut off", () => {
    const long = "x".repeat(5_000);
    const group = groupOf([alert()], { labels: { alertname: `${"x".repeat(4_000)}…` } });
    const status = { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [] };
    const known = { fingerprint: "f1", labels: { alertname: long }, startsAt: NOW, status };
    const groups = [{ labels: { alertname: long }, receiver: { name: "watchkeeper" }, alerts: [known] }];
    expect(judgeGroup(group, contextOf(answer({ groups }), HOUR)).closings.size).toBe(0);
  });
});

describe("closingChange", () => {
  it("leaves alone what a notification told of since it was judged", () => {
    const group = groupOf([alert(), alert({ fingerprint: "f2" }), alert({ fingerprint: "f3" })]);
    const change = closingChange(group, judgeGroup(group, contextOf(answer(), HOUR)), [], NOW);
    const current = groupOf([
      alert({ seenAt: NOW }),
      alert({ fingerprint: "f2", startsAt: NOW }),
      alert({ fingerprint: "f3" }),
    ]);
    expect(change.apply(current, false)?.alerts.map(({ state }) => state)).toEqual(["firing", "firing", "gone"]);
    expect(change.apply(undefined, false)).toBeUndefined();
  });
});
