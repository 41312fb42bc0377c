import { beforeEach, describe, expect, it } from "vitest";
import type { Bundle, EvidenceItem } from "../../src/core/evidence.ts";
import type { Store } from "../../src/core/store.ts";
import type { Change } from "../../src/core/telemetry.ts";
import { change as groupChange, conversationOf, deliverAll, evidenceChange, groupId, tell } from "./store-fixtures.ts";
import { MINUTE, type StoreWorld } from "./store-world.ts";

const AT = Date.UTC(2026, 10, 20, 10);

const item = (id: string, isSignificant: boolean): EvidenceItem => ({
  id,
  signal: "metrics",
  title: "errors rise",
  score: 0.9,
  isSignificant,
  numbers: { statistic: "exceedance_ks", value: 0.9 },
  detail: {
    kind: "metric",
    metric: "errors",
    expr: "errors",
    labels: {},
    window: [[AT, 1.5]],
    before: [],
    yesterday: [],
    lastWeek: [],
  },
});

const bundle = (id: string, of: Partial<Bundle> = {}): Bundle => ({
  id: id.padStart(16, "0"),
  createdAt: AT,
  tookMs: 12.5,
  question: {
    scope: { entities: [], filter: { services: [], namespaces: [], pods: [], hosts: [] }, notes: [] },
    window: { from: AT - MINUTE, to: AT },
    baseline: { from: AT - 60 * MINUTE, to: AT - MINUTE },
    limits: { lines: 10, series: 10, traces: 10 },
    seed: 1,
  },
  reports: [
    {
      signal: "metrics",
      verdict: "significant",
      said: "1 of 2",
      items: [item("a", true), item("b", false)],
      notes: [],
    },
  ],
  top: ["a"],
  queries: [],
  histogram: [],
  ...of,
});

const ofAlert = (id: string, group: string, createdAt: number, name = "NodeDown"): Bundle =>
  bundle(id, {
    createdAt,
    question: {
      ...bundle(id).question,
      alert: { groupId: groupId(group), fingerprint: "1", name, labels: {}, startsAt: AT },
    },
  });

const change = (title: string, at = AT, of: Partial<Change> = {}): Change => ({
  kind: "deploy",
  at,
  title,
  labels: { service: "shop", namespace: "web" },
  source: "api",
  ...of,
});

/** What is kept of evidence, and who is told of it. */
export function describeEvidence(world: StoreWorld): void {
  const { another, elapse } = world;
  let store: Store;
  beforeEach(() => {
    store = world.store();
  });

  describe("a bundle", () => {
    it("comes back as it was saved, from another replica and after a restart too", async () => {
      const odd = "\0 \ud83d \u2028 '; drop table bundles; -- 日本語";
      const saved = bundle("1", { histogram: [{ at: AT, lines: 1, failed: 0 }] });
      const strange = ofAlert("2", "g", AT + 0.5, odd);
      await store.saveBundle(saved);
      await store.saveBundle(strange);
      expect(await (await another()).bundle(saved.id)).toEqual(saved);
      expect(await store.bundle(strange.id)).toEqual(strange);
      expect(await store.bundle("f".repeat(16))).toBeUndefined();
      await store.close();
      expect(await (await another()).bundle(saved.id)).toEqual(saved);
    });

    it("takes the place of the one of its id", async () => {
      await store.saveBundle(bundle("1"));
      await store.saveBundle(bundle("1", { tookMs: 99, createdAt: AT + 1 }));
      expect(await store.bundle(bundle("1").id)).toMatchObject({ tookMs: 99 });
      expect(await store.bundles({ limit: 10 })).toHaveLength(1);
    });

    it("may have megabytes, and is refused in words when it has too many", async () => {
      const large = bundle("1", { top: ["x".repeat(2 * 1024 * 1024)] });
      await store.saveBundle(large);
      expect(await store.bundle(large.id)).toEqual(large);
      const larger = bundle("2", { top: ["é".repeat(4 * 1024 * 1024)] });
      await expect(store.saveBundle(larger)).rejects.toThrow(/has 8\.0 MiB, and the store takes 8 MiB: lower/);
      expect(await store.bundle(larger.id)).toBeUndefined();
      expect(store.isWritable()).toBe(true);
    });

    it("is listed by what it is about, the newest first", async () => {
      await store.saveBundle(ofAlert("1", "g", AT));
      await store.saveBundle(ofAlert("2", "g", AT + 2, "DiskFull\n\u202efull"));
      await store.saveBundle(ofAlert("3", "other", AT + 1));
      const { question } = bundle("4");
      const entity = { kind: "service", name: "shop", distance: 0, because: "", labels: {} } as const;
      await store.saveBundle(
        bundle("4", { question: { ...question, scope: { ...question.scope, entities: [entity] } } }),
      );
      const common = { window: question.window, best: "errors rise" };
      expect(await store.bundles({ groupId: groupId("g"), limit: 10 })).toEqual([
        { id: "2".padStart(16, "0"), createdAt: AT + 2, groupId: groupId("g"), about: "DiskFull full", ...common },
        { id: "1".padStart(16, "0"), createdAt: AT, groupId: groupId("g"), about: "NodeDown", ...common },
      ]);
      const all = await store.bundles({ limit: 10 });
      expect(all.map(({ id }) => Number(id))).toEqual([2, 3, 1, 4]);
      expect(all.at(-1)).toEqual({ id: "4".padStart(16, "0"), createdAt: AT, about: "service shop", ...common });
      expect(await store.bundles({ limit: 1 })).toHaveLength(1);
    });
  });

  describe("a change", () => {
    it("is kept once, however often and in whatever order of its labels it is told", async () => {
      await Promise.all([store, await another()].map((one) => one.saveChange(change("2.3 -> 2.4"))));
      await store.saveChange(change("2.3 -> 2.4", AT, { labels: { namespace: "web", service: "shop" } }));
      await store.saveChange(change("2.3 -> 2.4", AT, { link: "https://ci.example.org/1" }));
      await store.saveChange(change("2.3 -> 2.4", AT + 1));
      expect(await store.changes({ from: AT, to: AT + 10 }, 10)).toHaveLength(3);
    });

    it("is found by the id that was given when it was kept, the same one whenever it is told", async () => {
      const id = await store.saveChange(change("2.3 -> 2.4"));
      expect(await (await another()).saveChange(change("2.3 -> 2.4"))).toBe(id);
      expect(await store.change(id)).toEqual({ id, ...change("2.3 -> 2.4") });
      for (const other of ["f".repeat(32), "", "\0"]) {
        expect(await store.change(other)).toBeUndefined();
        expect(await store.bundle(other)).toBeUndefined();
        expect(await store.bundles({ groupId: other, limit: 1 })).toEqual([]);
        expect(await store.group(other)).toBeUndefined();
      }
    });

    it("is found in its time, in order, the newest when there are too many", async () => {
      for (const [i, title] of ["d", "a", "c", "b"].entries()) await store.saveChange(change(title, AT + i * 1_000));
      const titles = async (from: number, to: number, limit = 10) =>
        (await store.changes({ from, to }, limit)).map(({ title }) => title);
      expect(await titles(AT, AT + 4_000)).toEqual(["d", "a", "c", "b"]);
      expect(await titles(AT + 1, AT + 3_000)).toEqual(["a", "c"]);
      expect(await titles(AT, AT + 4_000, 2)).toEqual(["c", "b"]);
      const [first] = await store.changes({ from: AT, to: AT + 1 }, 1);
      expect(first).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/) as string, ...change("d") });
    });
  });

  it("deletes evidence that is old, hundreds at a time, and changes that a wrong clock put into the future", async () => {
    const now = await store.now();
    for (let i = 0; i < 120; i++) await store.saveBundle(bundle(String(i), { createdAt: now - 60 * MINUTE }));
    await store.saveBundle(bundle("fff", { createdAt: now }));
    await store.saveChange(change("future", now + 1e9));
    await store.saveChange(change("past", now - 60 * MINUTE));
    await elapse(60 * MINUTE);
    await store.saveChange(change("young", now));
    expect(await store.pruneEvidence(now - 30 * MINUTE)).toBe(122);
    expect(await store.pruneEvidence(now - 30 * MINUTE)).toBe(0);
    expect(await store.bundles({ limit: 10 })).toHaveLength(1);
    expect((await store.changes({ from: 0, to: now + 1e10 }, 10)).map(({ title }) => title)).toEqual(["young"]);
  });

  describe("a group that gets evidence", () => {
    const attach = async (name: string): Promise<readonly string[]> => {
      const [result] = await store.changeGroups([{ changes: [evidenceChange(name)] }]);
      return result?.destinations ?? [];
    };

    it("is told of where it was told already", async () => {
      await tell(store, ["a"], { destinations: ["chat", "page"] });
      await deliverAll(store);
      await deliverAll(store, { destination: "page" });
      expect((await attach("a")).toSorted()).toEqual(["chat", "page"]);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending", desiredRevision: 2 });
      expect(await deliverAll(store)).toHaveLength(1);
    });

    it("does not wake whom nobody tells any more, before there is news", async () => {
      await tell(store, ["a", "b"]);
      await deliverAll(store);
      for (const [name, state] of [
        ["a", "dropped"],
        ["b", "dead"],
      ] as const) {
        await store.changeConversation((await conversationOf(store, name)).id, (c) => ({ ...c, state }));
        expect(await attach(name)).toEqual([]);
        expect(await attach(name)).toEqual([]);
        expect(await conversationOf(store, name)).toMatchObject({ state });
      }
      await store.changeGroups([{ changes: [groupChange("a"), evidenceChange("a")] }]);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending" });
      await tell(store, ["b"], { firing: false });
      expect(await conversationOf(store, "b")).toMatchObject({ state: "pending" });
    });
  });
}
