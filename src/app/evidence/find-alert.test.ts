import { describe, expect, it } from "vitest";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { alertOf, groupOf, MINUTE, NOON } from "../deliveries/__fixtures__/world.ts";
import { findAlert, subjectOf } from "./find-alert.ts";

/** A store of groups that gives them page by page, in the order of their ids. */
const storeOf = (...groups: readonly AlertGroup[]): Pick<DeliveryStore, "groups"> => ({
  groups: async ({ afterId = "", limit }) =>
    groups
      .filter(({ id }) => id > afterId)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit),
});

const one = alertOf("db-1", { fingerprint: "a1b2c3d4e5f60718" });
const sibling = alertOf("db-2", { fingerprint: "a1b2ffffffffffff" });
const short = alertOf("db-3", { fingerprint: "a1b2" });

describe("findAlert", () => {
  it("finds an alert by its fingerprint or the beginning of it, with its group", async () => {
    const group = groupOf("nodes", [sibling, one]);
    const store = storeOf(groupOf("other", [alertOf("nas-1", { fingerprint: "ffff" })]), group);
    for (const text of [one.fingerprint, "a1b2c"]) expect(await findAlert(store, text)).toEqual({ group, alert: one });
  });

  it("finds nothing where none begins so, and names those of several that do", async () => {
    const store = storeOf(groupOf("nodes", [one]), groupOf("others", [sibling]));
    expect(await findAlert(store, "c3")).toBeUndefined();
    await expect(findAlert(store, "a1b2")).rejects.toThrow(
      /^2 alerts begin with a1b2: a1b2c3d4e5f60718 \(\w+\), a1b2ffffffffffff \(\w+\); write more/,
    );
  });

  it("takes the fingerprint that is just this before those that only begin so", async () => {
    const store = storeOf(groupOf("nodes", [one, sibling, short]));
    expect((await findAlert(store, "a1b2"))?.alert).toBe(short);
  });

  it("takes of several groups with the alert the one where it fires, else the newest", async () => {
    const over = { state: "resolved", endsAt: NOON + MINUTE } as const;
    const oldest = groupOf("oldest", [{ ...one, startsAt: NOON - MINUTE }]);
    const older = groupOf("older", [{ ...one, ...over }]);
    const newest = groupOf("newest", [{ ...one, ...over, startsAt: NOON + MINUTE }]);
    expect((await findAlert(storeOf(older, newest, oldest), one.fingerprint))?.group).toBe(oldest);
    expect((await findAlert(storeOf(older, newest), one.fingerprint))?.group).toBe(newest);
  });

  it("looks at all pages", async () => {
    const many = Array.from({ length: 120 }, (_, i) => groupOf(`g${i}`, [alertOf(`host-${i}`)]));
    const last = many.toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1);
    const wanted = last?.alerts[0]?.fingerprint ?? "";
    expect((await findAlert(storeOf(...many), wanted))?.group.id).toBe(last?.id);
  });
});

describe("subjectOf", () => {
  it("is the alert that fires, of several the first that began, and of none that fires the first too", () => {
    const early = { ...one, state: "resolved", startsAt: NOON - MINUTE } as const;
    const late = { ...sibling, startsAt: NOON + MINUTE };
    expect(subjectOf(groupOf("g", [early, late, short]))).toBe(short);
    expect(subjectOf(groupOf("g", [{ ...short, state: "silenced" }, early]))).toBe(early);
    expect(subjectOf(groupOf("g", []))).toBeUndefined();
  });
});
