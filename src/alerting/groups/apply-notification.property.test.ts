import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOpen, type AlertGroup } from "../../core/alert-group.ts";
import type { ReportedAlert } from "../../core/notification.ts";
import { alert, MINUTE, NOON, over, report, SECOND } from "./__fixtures__/reports.ts";
import { applyNotification, type GroupReport } from "./apply-notification.ts";

const NAMES = ["a", "b", "c"];

/**
 * What one alert does at each flush of its sender: it goes on, changes between firing and over, or does both at once.
 */
type Move = "stay" | "change" | "blink";

/**
 * A flush of the sender's, as many times as it is delivered, each so much later and told by a replica that is so much
 * off.
 */
interface Flush {
  readonly gap: number;
  readonly moves: readonly Move[];
  readonly deliveries: readonly { readonly delay: number; readonly skew: number }[];
}

const flush: fc.Arbitrary<Flush> = fc.record({
  gap: fc.integer({ min: 20 * SECOND, max: 90 * SECOND }),
  moves: fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.constant("stay") }, fc.constant("change"), fc.constant("blink")),
    {
      minLength: NAMES.length,
      maxLength: NAMES.length,
    },
  ) as fc.Arbitrary<Move[]>,
  deliveries: fc.array(
    fc.record({ delay: fc.integer({ min: 0, max: 59 * SECOND }), skew: fc.integer({ min: 0, max: 4 * SECOND }) }),
    { minLength: 1, maxLength: 3 },
  ),
});

interface Delivery {
  readonly at: number;
  readonly report: GroupReport;
}

interface History {
  readonly deliveries: readonly Delivery[];
  /** The alerts that fire in the end. */
  readonly firing: readonly string[];
}

/** Plays the sender: each notification holds what fires, and what ended since the last one. */
function play(flushes: readonly Flush[]): History {
  const since = new Map<string, number>();
  const deliveries: Delivery[] = [];
  let now = NOON;
  for (const { gap, moves, deliveries: times } of flushes) {
    const alerts: ReportedAlert[] = [];
    for (const [index, name] of NAMES.entries()) {
      const startsAt = since.get(name);
      const move = moves[index] ?? "stay";
      if (startsAt !== undefined && move === "change") {
        alerts.push(over(name, startsAt, now + 10 * SECOND));
        since.delete(name);
      } else if (startsAt === undefined ? move === "change" : move === "blink") since.set(name, now + 15 * SECOND);
      const begun = since.get(name);
      if (begun !== undefined) alerts.push(alert(name, { startsAt: begun }));
    }
    now += gap;
    if (alerts.length === 0) continue;
    for (const { delay, skew } of times)
      deliveries.push({ at: now + delay, report: report(alerts.map((one) => skewed(one, skew))) });
  }
  return { deliveries, firing: [...since.keys()] };
}

const skewed = (one: ReportedAlert, skew: number): ReportedAlert => ({ ...one, startsAt: one.startsAt + skew });

/** Delivers in the order of arrival, telling copies apart as the store does. */
function deliver(deliveries: readonly Delivery[], visit?: (before: AlertGroup | undefined, after: AlertGroup) => void) {
  const taken = new Map<string, number>();
  let group: AlertGroup | undefined;
  for (const { at, report: arrived } of deliveries.toSorted((a, b) => a.at - b.at)) {
    const content = JSON.stringify(arrived.alerts.map((one) => [one.fingerprint, one.status, one.startsAt]));
    const isCopy = at - (taken.get(content) ?? Number.NEGATIVE_INFINITY) < 2 * MINUTE;
    if (!isCopy) taken.set(content, at);
    const next = applyNotification(group, { ...arrived, isCopy }, at);
    if (next !== undefined) visit?.(group, next);
    group = next;
  }
  return group;
}

const firingOf = (group: AlertGroup | undefined): readonly string[] =>
  (group?.alerts ?? []).filter(({ state }) => state === "firing").map(({ fingerprint }) => fingerprint);

/** Everything that a reader may be told. */
const shown = ({ alerts, truncated, remindedAt }: AlertGroup): string =>
  JSON.stringify([
    alerts.map((one) => [one.fingerprint, one.state, one.startsAt, one.annotations, one.labels]),
    truncated,
    remindedAt,
  ]);

describe("any delivery of a sender's history, with copies and up to a minute late", () => {
  const histories = fc.array(flush, { minLength: 1, maxLength: 12 });

  it("ends in what is true in the end", () => {
    fc.assert(
      fc.property(histories, (flushes) => {
        const { deliveries, firing } = play(flushes);
        expect(firingOf(deliver(deliveries)).toSorted()).toEqual(firing.toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it("grows the revision by one exactly when something is different for a reader", () => {
    fc.assert(
      fc.property(histories, (flushes) => {
        deliver(play(flushes).deliveries, (before, after) => {
          if (before === after) return;
          expect(after.revision).toBe((before?.revision ?? 0) + 1);
          expect(before && shown(before)).not.toBe(shown(after));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("gives the same object when a notification arrives twice", () => {
    fc.assert(
      fc.property(histories, (flushes) => {
        let group: AlertGroup | undefined;
        for (const { at, report: arrived } of play(flushes).deliveries) {
          group = applyNotification(group, arrived, at);
          expect(applyNotification(group, { ...arrived, isCopy: true }, at + SECOND)).toBe(group);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("never closes a group whose alerts were left out", () => {
    fc.assert(
      fc.property(histories, fc.integer({ min: 1, max: 50 }), (flushes, truncated) => {
        let group: AlertGroup | undefined;
        for (const { at, report: arrived } of play(flushes).deliveries) {
          const before = firingOf(group);
          const named = new Set(arrived.alerts.map(({ fingerprint }) => fingerprint));
          group = applyNotification(group, { ...arrived, truncated }, at + 10 * MINUTE);
          expect(firingOf(group)).toEqual(expect.arrayContaining(before.filter((name) => !named.has(name))));
        }
        expect(group === undefined || isOpen(group)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

it("keeps every alert's times in order whatever is reported", () => {
  const anyAlert = fc.record({
    name: fc.constantFrom(...NAMES),
    isFiring: fc.boolean(),
    startsAt: fc.integer({ min: NOON - 60 * MINUTE, max: NOON + 60 * MINUTE }),
    endsAt: fc.option(fc.integer({ min: NOON - 60 * MINUTE, max: NOON + 60 * MINUTE }), { nil: undefined }),
  });
  const anyReport = fc.record({
    alerts: fc.array(anyAlert, { maxLength: 6 }),
    at: fc.integer({ min: NOON - 60 * MINUTE, max: NOON + 180 * MINUTE }),
    truncated: fc.nat(3),
    isAllResolved: fc.boolean(),
    isCopy: fc.boolean(),
    mayBeRepetition: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anyReport, { maxLength: 20 }), (reports) => {
      let group: AlertGroup | undefined;
      for (const { at, alerts, ...of } of reports) {
        const told = alerts.map(({ name, isFiring, startsAt, endsAt }) =>
          alert(name, {
            status: isFiring ? "firing" : "resolved",
            startsAt,
            ...(!isFiring && endsAt !== undefined && { endsAt }),
          }),
        );
        const next = applyNotification(group, report(told, of), at);
        expect(next?.revision ?? 0).toBe((group?.revision ?? 0) + (next === group ? 0 : 1));
        group = next;
      }
      const names = (group?.alerts ?? []).map(({ fingerprint }) => fingerprint);
      expect(new Set(names).size).toBe(names.length);
      for (const { state, closedAt, endsAt } of group?.alerts ?? []) {
        expect(closedAt === undefined).toBe(state === "firing");
        expect(state === "firing" && endsAt !== undefined).toBe(false);
      }
    }),
    { numRuns: 300 },
  );
});
