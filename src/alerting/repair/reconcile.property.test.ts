import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOpen, type AlertGroup, type GroupAlert } from "../../core/alert-group.ts";
import type { TextMap } from "../../core/notification.ts";
import type { ReplicaAnswer } from "./alertmanager-client.ts";
import type { AlertmanagerAlert } from "./alertmanager-shapes.ts";
import { viewOf } from "./alertmanager-view.ts";
import { judgeGroup, type JudgeContext } from "./reconcile.ts";
import { judgeReopening } from "./reopen.ts";
import { closingChange, reopeningChange } from "./repair-changes.ts";
import { judgeTwins } from "./twins.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const LABELS: TextMap = { alertname: "NodeDown" };
const FINGERPRINTS = ["f1", "f2", "f3", "f4"];

const fingerprint = fc.constantFrom(...FINGERPRINTS);
const startsAt = fc.integer({ min: NOW - 600_000, max: NOW });

const groupAlert: fc.Arbitrary<GroupAlert> = fc.record({
  fingerprint,
  state: fc.constantFrom("firing", "resolved", "silenced", "inhibited", "gone", "rerouted"),
  labels: fc.constant(LABELS),
  annotations: fc.constant({}),
  startsAt,
  closedAt: startsAt,
  links: fc.constant({}),
  origin: fc.constant("origin"),
  seenAt: startsAt,
});

const group: fc.Arbitrary<AlertGroup> = fc.record({
  id: fc.constantFrom("g1", "g2"),
  kind: fc.constant("alertmanager"),
  source: fc.constant("main"),
  route: fc.constant("{}"),
  receiver: fc.constantFrom("watchkeeper", "other"),
  groupKey: fc.constant("{}:{}"),
  labels: fc.constantFrom(LABELS, {}),
  alerts: fc.uniqueArray(groupAlert, { selector: (alert) => alert.fingerprint, maxLength: 4 }),
  truncated: fc.constantFrom({}, { origin: 3 }),
  revision: fc.constant(1),
  createdAt: fc.constant(NOW),
  updatedAt: fc.constant(NOW),
});

const ids = fc.uniqueArray(fc.constantFrom("x", "y"), { maxLength: 2 });
const known: fc.Arbitrary<AlertmanagerAlert> = fc.record({
  fingerprint,
  labels: fc.constant(LABELS),
  startsAt,
  status: fc.record({
    state: fc.constantFrom("active", "suppressed", "unprocessed"),
    silencedBy: ids,
    inhibitedBy: ids,
    mutedBy: ids,
  }),
});

const answer: fc.Arbitrary<ReplicaAnswer> = fc.record({
  url: fc.constant("http://alertmanager"),
  upFor: fc.constantFrom(0, 3_600_000),
  alerts: fc.array(known, { maxLength: 4 }),
  groups: fc.array(
    fc.record({
      labels: fc.constantFrom(LABELS, {}),
      receiver: fc.record({ name: fc.constantFrom("watchkeeper", "other") }),
      alerts: fc.array(known, { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
  silences: fc.constant([]),
  configuration: fc.constant(""),
});

const contextOf = (answers: readonly ReplicaAnswer[], isSuspected: boolean): JudgeContext | undefined => {
  const view = viewOf(answers);
  return (
    view && {
      view,
      now: NOW,
      graces: { fresh: 120_000, resolved: 120_000, uptime: 300_000, flush: 60_000 },
      isRegrouped: () => false,
      suspectedFor: () => (isSuspected ? 3_600_000 : undefined),
    }
  );
};

/** Whether a replica would notify of the alert in a group of this receiver and these labels. */
const isActiveIn = ({ receiver, labels }: AlertGroup, of: string, answers: readonly ReplicaAnswer[]): boolean =>
  answers
    .flatMap(({ groups }) => groups)
    .filter((one) => one.receiver.name === receiver && JSON.stringify(one.labels) === JSON.stringify(labels))
    .flatMap(({ alerts }) => alerts)
    .some(({ fingerprint, status }) => fingerprint === of && status.state !== "suppressed");
const isListedActive = (of: string, answers: readonly ReplicaAnswer[]): boolean =>
  answers.some(({ alerts }) =>
    alerts.some(({ fingerprint, status }) => fingerprint === of && status.state !== "suppressed"),
  );
const isKnown = (of: string, answers: readonly ReplicaAnswer[]): boolean =>
  answers.some(({ alerts, groups }) =>
    [...alerts, ...groups.flatMap((one) => one.alerts)].some(({ fingerprint }) => fingerprint === of),
  );

describe("what is concluded from Alertmanager's answers", () => {
  it("is nothing when none answered", () => {
    expect(viewOf([])).toBeUndefined();
  });

  it("never is the end of an alert that some replica would notify of in this group", () => {
    fc.assert(
      fc.property(
        group,
        fc.array(answer, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (group, answers, suspected) => {
          const context = contextOf(answers, suspected);
          if (context === undefined) throw new Error("no view");
          const { closings } = judgeGroup(group, context);
          const wrong = [...closings].filter(([closed, { state, because }]) => {
            const isQuieted = state === "inhibited" || because.startsWith("silenced");
            if (isActiveIn(group, closed, answers) || (isQuieted && isListedActive(closed, answers))) return true;
            const isOld = answers.every(({ upFor }) => upFor >= 300_000);
            return state === "gone" && (isKnown(closed, answers) || !isOld || !suspected);
          });
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("never is the end of what fires in one of our groups alone, twin or not", () => {
    const twins = fc.tuple(group, group).map(
      ([a, b]) =>
        [
          { ...a, id: "g1" },
          { ...b, id: "g2", receiver: a.receiver, labels: a.labels },
        ] as const,
    );
    fc.assert(
      fc.property(twins, fc.array(answer, { minLength: 1, maxLength: 3 }), (groups, answers) => {
        const context = contextOf(answers, true);
        if (context === undefined) throw new Error("no view");
        const judgements = judgeTwins(groups, context);
        for (const fingerprint of FINGERPRINTS) {
          const holders = groups.filter(({ alerts }) =>
            alerts.some((alert) => alert.fingerprint === fingerprint && alert.state === "firing"),
          );
          const left = holders.filter(({ id }) => judgements.get(id)?.closings.has(fingerprint) !== true);
          expect(left.length).toBeGreaterThanOrEqual(Math.min(1, holders.length));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("makes a change that can be applied twice, and opens nothing that is not active", () => {
    fc.assert(
      fc.property(group, fc.array(answer, { minLength: 1, maxLength: 3 }), (group, answers) => {
        const context = contextOf(answers, true);
        if (context === undefined) throw new Error("no view");
        const change = closingChange(group, judgeGroup(group, context), [], NOW);
        const closed = change.apply(group, false);
        expect(change.apply(closed, false)).toBe(closed);
        const { reopenings } = judgeReopening(group, { isWanted: () => true, isRouted: () => true, context });
        for (const opened of reopenings.keys()) expect(isActiveIn(group, opened, answers)).toBe(true);
        const opened = reopeningChange(group, reopenings, [], NOW).apply(group, false);
        expect(opened !== undefined && isOpen(opened)).toBe(isOpen(group) || reopenings.size > 0);
      }),
      { numRuns: 2_000 },
    );
  });
});
