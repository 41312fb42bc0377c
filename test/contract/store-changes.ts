import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";
import {
  attemptOf,
  change,
  conversationOf,
  deliverAll,
  groupId,
  request,
  tell,
  viewOf,
  work,
} from "./store-fixtures.ts";
import { MINUTE, type StoreWorld } from "./store-world.ts";

/** What changes of groups make of their conversations. */
export function describeChanges(world: StoreWorld): void {
  const { another, elapse } = world;
  let store: DeliveryStore;
  beforeEach(() => {
    store = world.store();
  });

  describe("changing groups", () => {
    it("begins a conversation with each destination of an open group", async () => {
      const before = await store.now();
      const [result] = await store.changeGroups([
        { changes: [change("a", { destinations: ["chat", "page"], priority: 0 })] },
      ]);
      expect(result).toMatchObject({ isCopy: false, changed: 1 });
      expect(result?.destinations.toSorted()).toEqual(["chat", "page"]);
      for (const destination of ["chat", "page"]) {
        const { conversation, group } = await viewOf(store, "a", destination);
        expect(conversation).toMatchObject({
          groupId: groupId("a"),
          destination,
          state: "pending",
          priority: 0,
          desiredRevision: 1,
          told: undefined,
          episode: 0,
          attempted: false,
          attempts: 0,
          unanswered: undefined,
          held: false,
          plain: false,
        });
        expect(conversation.id).toMatch(/^[0-9a-f]{32}$/);
        expect(conversation.pendingSince).toBeGreaterThanOrEqual(before);
        expect(conversation.notBefore).toBe(conversation.pendingSince);
        expect(group).toEqual(await store.group(groupId("a")));
      }
    });

    it("begins none for a group that was over before anybody was told", async () => {
      const [result] = await store.changeGroups([{ changes: [change("a", { firing: false })] }]);
      expect(result).toEqual({ isCopy: false, changed: 1, destinations: [] });
      expect(await store.list({ limit: 10 })).toEqual([]);
      expect(await store.group(groupId("a"))).toMatchObject({ revision: 1 });
    });

    it("changes nothing when the change gives the same group, or none", async () => {
      await tell(store, ["a"]);
      await deliverAll(store);
      const nothing = [
        { ...change("a"), apply: (current: unknown) => current as never },
        { ...change("b"), apply: () => undefined },
      ];
      expect(await store.changeGroups([{ changes: nothing }])).toEqual([
        { isCopy: false, changed: 0, destinations: [] },
      ]);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "settled", desiredRevision: 1 });
      expect(await store.group(groupId("b"))).toBeUndefined();
    });

    it("applies works in their order, each on what the one before left", async () => {
      const results = await store.changeGroups([
        { changes: [change("a"), change("a")] },
        { changes: [change("b")] },
        { changes: [change("a", { firing: false }), change("a", { destinations: ["page"] })] },
      ]);
      expect(results.map(({ changed }) => changed)).toEqual([2, 1, 2]);
      expect(results[2]?.destinations.toSorted()).toEqual(["chat", "page"]);
      expect(await store.group(groupId("a"))).toMatchObject({ revision: 4 });
      expect(await conversationOf(store, "a")).toMatchObject({ desiredRevision: 4 });
      expect(await conversationOf(store, "a", "page")).toMatchObject({ desiredRevision: 4 });
    });

    it("rejects all works when one can not be applied, and keeps nothing of them", async () => {
      const broken = {
        ...change("b"),
        apply: () => {
          throw new TypeError("broken");
        },
      };
      const works = [work("h1", [change("a")]), work("h2", [broken])];
      await expect(store.changeGroups(works)).rejects.toThrow(TypeError);
      expect(await store.groups({ openOnly: false, limit: 10 })).toEqual([]);
      expect(await store.changeGroups([work("h1", [change("a")])])).toMatchObject([{ isCopy: false, changed: 1 }]);
    });

    it("makes what was settled, dead or dropped pending again at once, with all its attempts before it", async () => {
      for (const state of ["settled", "dead", "dropped"] as const) {
        await tell(store, [state]);
        await deliverAll(store);
        const { id } = await conversationOf(store, state);
        const later = (await store.now()) + 2 * MINUTE;
        await store.changeConversation(id, (c) => ({
          ...c,
          state,
          attempts: 9,
          notBefore: later,
          lastReason: "timeout",
        }));
        await elapse(MINUTE);
        const [result] = await store.changeGroups([{ changes: [change(state, { priority: 1 })] }]);
        expect(result?.destinations).toEqual(["chat"]);
        const now = await store.now();
        const after = await conversationOf(store, state);
        expect(after).toMatchObject({
          state: "pending",
          attempts: 0,
          desiredRevision: 2,
          priority: 1,
          attempted: true,
        });
        expect(after).toMatchObject({ told: { revision: 1 }, remote: { ts: "1.5" }, lastReason: "timeout" });
        expect(now - after.notBefore).toBeLessThan(30_000);
        expect(now - after.pendingSince).toBeLessThan(30_000);
        await deliverAll(store);
      }
    });

    it("leaves a conversation in backoff where it is: a destination that is down is not tried at each change", async () => {
      await tell(store, ["a"]);
      const [claim] = await store.claim(request());
      const later = (await store.now()) + 2 * MINUTE;
      await store.finish(claim?.conversation.id ?? "", "me", attemptOf("x"), (c) => ({ ...c, notBefore: later + 0.6 }));
      await tell(store, ["a"]);
      const after = await conversationOf(store, "a");
      expect(after).toMatchObject({ state: "pending", attempts: 1, desiredRevision: 2, notBefore: later + 1 });
      expect(await store.claim(request())).toEqual([]);
    });

    it("looks again at once at what is held for an interval", async () => {
      await tell(store, ["a"]);
      const { id } = await conversationOf(store, "a");
      await store.changeConversation(id, (c, now) => ({ ...c, held: true, notBefore: now + 4 * MINUTE }));
      expect(await store.claim(request())).toEqual([]);
      await tell(store, ["a"], { firing: false });
      expect(await store.claim(request())).toMatchObject([{ before: { held: true, desiredRevision: 2 } }]);
    });

    it("tells the end where the beginning was told, though the route leads elsewhere now", async () => {
      await tell(store, ["a"], { destinations: ["chat", "never-told"] });
      await deliverAll(store);
      await tell(store, ["a"], { destinations: ["page"], firing: false });
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending", desiredRevision: 2 });
      expect(await conversationOf(store, "a", "never-told")).toMatchObject({ desiredRevision: 1 });
      await expect(conversationOf(store, "a", "page")).rejects.toThrow("no conversation");
    });

    it("begins what is missing beside what is there and is woken", async () => {
      await tell(store, ["a"], { destinations: ["chat"] });
      const [result] = await store.changeGroups([{ changes: [change("a", { destinations: ["chat", "page"] })] }]);
      expect(result?.destinations.toSorted()).toEqual(["chat", "page"]);
      for (const destination of ["chat", "page"])
        expect((await viewOf(store, "a", destination)).conversation).toMatchObject({ desiredRevision: 2 });
    });

    it("begins what is missing although the group has no new revision, and wakes nobody then", async () => {
      await tell(store, ["a"]);
      await deliverAll(store);
      const touch = {
        ...change("a", { destinations: ["chat", "page"] }),
        apply: (current: unknown) => ({ ...(current as never as object), updatedAt: 99 }) as never,
      };
      expect(await store.changeGroups([{ changes: [touch] }])).toMatchObject([{ changed: 0, destinations: ["page"] }]);
      expect(await store.group(groupId("a"))).toMatchObject({ updatedAt: 99 });
      expect(await conversationOf(store, "a")).toMatchObject({ state: "settled" });
      expect(await conversationOf(store, "a", "page")).toMatchObject({ state: "pending" });
    });

    it("keeps hostile texts as they are", async () => {
      const labels = { "": "\0 \u{1f525} \u202e' \" \\ ;--", wide: "\u0000x".repeat(50_000), lone: "\ud800" };
      const alertname = "\0'); drop table conversations; --";
      const hostile = work("h'", [change("a", { labels, alertname })], "sour'ce");
      await store.changeGroups([{ ...hostile, heartbeats: ["sour'ce"] }]);
      const { group, conversation } = await viewOf(store, "a");
      expect(group.alerts[0]?.labels).toMatchObject({ ...labels, alertname });
      const [claim] = await store.claim(request());
      const detail = attemptOf(conversation.id, { detail: "\0 said" });
      expect(await store.finish(claim?.conversation.id ?? "", "me", detail, (c) => ({ ...c, lastError: "\0" }))).toBe(
        true,
      );
      expect(await store.show(conversation.id)).toMatchObject({ attempts: [{ detail: "\0 said" }] });
    });

    it("may be made by several at once, of the same groups in any order, and none is lost", async () => {
      const stores = [store, await another(), await another(), await another()];
      const names = Array.from({ length: 12 }, (_, i) => `g${i}`);
      const write = async (one: DeliveryStore, offset: number): Promise<void> => {
        for (let round = 0; round < 8; round++) {
          const some = names.slice(0, 6 + round / 2).map((_, i) => names[(i * 5 + offset + round) % 12] as string);
          await one.changeGroups(some.map((name) => ({ changes: [change(name, { destinations: ["chat", "page"] })] })));
          await deliverAll(one, { owner: `o${offset}`, limit: 5 });
        }
      };
      await Promise.all(stores.map((one, i) => write(one, i * 3)));
      const groups = await store.groups({ openOnly: true, limit: 100 });
      // 6, 6, 7, 7, 8, 8, 9 and 9 groups, by each of four
      expect(groups.reduce((sum, { revision }) => sum + revision, 0)).toBe(4 * 60);
      for (const { conversation, group } of await store.list({ limit: 100 })) {
        expect(conversation.desiredRevision).toBe(group.revision);
      }
      expect(await store.list({ limit: 100 })).toHaveLength(24);
    });

    it("takes thousands of groups in one work", async () => {
      const names = Array.from({ length: 3_001 }, (_, i) => `g${i}`);
      const changes = names.map((name) => change(name, { destinations: ["chat", "page"] }));
      expect(await store.changeGroups([{ changes }])).toMatchObject([{ changed: 3_001 }]);
      expect(await store.changeGroups([{ changes }])).toMatchObject([{ changed: 3_001 }]);
      expect((await store.counts()).map(({ count }) => count)).toEqual([3_001, 3_001]);
    });

    it("notes signs of life", async () => {
      const before = await store.now();
      await store.changeGroups([
        { heartbeats: ["b", "a"], changes: [] },
        { heartbeats: ["a"], changes: [] },
      ]);
      const seen = await store.heartbeats();
      expect([...seen.keys()].toSorted()).toEqual(["a", "b"]);
      expect(seen.get("a")).toBeGreaterThanOrEqual(before);
      await elapse(MINUTE);
      await store.changeGroups([{ heartbeats: ["a"], changes: [] }]);
      const later = await store.heartbeats();
      expect((later.get("a") ?? 0) - (later.get("b") ?? 0)).toBeGreaterThanOrEqual(MINUTE - 1_000);
    });

    it("does nothing for no works", async () => {
      expect(await store.changeGroups([])).toEqual([]);
    });
  });
}
