import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";
import { conversationOf, request, send, settle, tell } from "./store-fixtures.ts";
import { MINUTE, type StoreWorld } from "./store-world.ts";

/** Who may deliver what, and when. */
export function describeClaims(world: StoreWorld): void {
  const { another, elapse } = world;
  let store: DeliveryStore;
  beforeEach(() => {
    store = world.store();
  });

  describe("a claim", () => {
    it("leases what is due, the most urgent first and then the oldest", async () => {
      for (const [name, priority] of [
        ["late", 1],
        ["low", 3],
        ["top", 0],
        ["early", 1],
      ] as const) {
        await tell(store, [name], { priority });
      }
      const { id } = await conversationOf(store, "early");
      await store.changeConversation(id, (c) => ({ ...c, notBefore: c.notBefore - MINUTE }));
      const claims = await store.claim(request({ limit: 3 }));
      const names = claims.map(({ group }) => group.alerts[0]?.annotations["summary"]);
      expect(names).toEqual(["top is down", "early is down", "late is down"]);
      expect(claims[0]).toMatchObject({
        action: "open",
        conversation: { attempted: true, attempts: 1 },
        before: { attempted: false, attempts: 0 },
      });
      expect(await conversationOf(store, "top")).toMatchObject({ attempted: true, attempts: 1, state: "pending" });
    });

    it("is of one destination", async () => {
      await tell(store, ["a"], { destinations: ["chat", "page"] });
      expect(await store.claim(request({ destination: "page" }))).toMatchObject([
        { conversation: { destination: "page" } },
      ]);
      expect(await store.claim(request({ destination: "other" }))).toEqual([]);
    });

    it("is bounded by the allowance, which is spent once for all that begins", async () => {
      await tell(store, ["a", "b", "c"]);
      const spent: number[] = [];
      const bounded = request({
        allowance: ({ tokens }) => Math.min(2, tokens),
        spend: (state, count) => {
          spent.push(count);
          return { ...state, tokens: Math.min(2, state.tokens) - count };
        },
      });
      expect(await store.claim(bounded)).toHaveLength(2);
      expect(await store.claim(bounded)).toEqual([]);
      expect(spent).toEqual([2]);
      expect(await store.destinations()).toMatchObject([{ destination: "chat", tokens: 0 }]);
    });

    it("gives nothing while the destination bears nothing, and decides nothing then", async () => {
      await tell(store, ["a"]);
      const decided: string[] = [];
      const decide = (c: Parameters<typeof send>[0]) => {
        decided.push(c.id);
        return send(c);
      };
      expect(await store.claim(request({ allowance: () => 0, decide }))).toEqual([]);
      expect(await store.claim(request({ limit: 0, decide }))).toEqual([]);
      expect(decided).toEqual([]);
    });

    it("does not count what is only settled or put off", async () => {
      const names = Array.from({ length: 150 }, (_, i) => `g${i}`);
      await tell(store, names, { priority: 0 });
      await tell(store, ["last"], { priority: 3 });
      const claims = await store.claim(
        request({ limit: 1, allowance: () => 1, decide: (c) => (c.priority === 0 ? settle(c) : send(c)) }),
      );
      expect(claims).toMatchObject([{ conversation: { priority: 3 } }]);
      expect(await store.counts()).toMatchObject([
        { state: "pending", count: 1 },
        { state: "settled", count: 150 },
      ]);
    });

    it("saves what was decided, and leaves alone what was decided to be left alone", async () => {
      await tell(store, ["a", "b"]);
      const before = await conversationOf(store, "b");
      const { id } = await conversationOf(store, "a");
      await store.claim(
        request({ decide: (c, _, now) => ({ next: c.id === id ? { ...c, held: true, notBefore: now + MINUTE } : c }) }),
      );
      expect(await conversationOf(store, "a")).toMatchObject({ held: true, state: "pending" });
      expect(await conversationOf(store, "b")).toEqual(before);
    });

    it("is not given again before its lease has run out", async () => {
      await tell(store, ["a"]);
      expect(await store.claim(request())).toHaveLength(1);
      const other = await another();
      expect(await other.claim(request({ owner: "other" }))).toEqual([]);
      expect(await store.claim(request())).toEqual([]);
      expect(await store.nextDueAt("chat")).toBeUndefined();
      await elapse(MINUTE - 5_000);
      expect(await other.claim(request({ owner: "other" }))).toEqual([]);
      await elapse(5_001);
      expect(await other.claim(request({ owner: "other" }))).toMatchObject([
        { before: { attempted: true, attempts: 1 }, conversation: { attempts: 2 } },
      ]);
    });

    it("is not given before its time, and the time is known", async () => {
      expect(await store.nextDueAt("chat")).toBeUndefined();
      await tell(store, ["a", "b"]);
      const later = (await store.now()) + 5 * MINUTE;
      for (const [name, at] of [
        ["a", later],
        ["b", later + 1],
      ] as const) {
        await store.changeConversation((await conversationOf(store, name)).id, (c) => ({ ...c, notBefore: at }));
      }
      expect(await store.claim(request())).toEqual([]);
      expect(await store.nextDueAt("chat")).toBe(later);
      await elapse(5 * MINUTE + 2);
      expect(await store.claim(request())).toHaveLength(2);
    });

    it("survives a clock that was put back: nothing waits for hours, and no lease lasts for hours", async () => {
      await tell(store, ["a", "b"]);
      const { id } = await conversationOf(store, "a");
      await store.changeConversation(id, (c, now) => ({ ...c, notBefore: now + 120 * MINUTE }));
      expect((await store.nextDueAt("chat")) ?? 0).toBeLessThanOrEqual(await store.now());
      await elapse(-120 * MINUTE);
      expect(await store.claim(request({ leaseMs: 1_000 }))).toHaveLength(2);
      await elapse(-120 * MINUTE);
      expect(await store.claim(request({ owner: "other" }))).toHaveLength(2);
    });

    it("gives each conversation to one of those who ask at the same time, and spends no token twice", async () => {
      await tell(
        store,
        Array.from({ length: 120 }, (_, i) => `g${i}`),
      );
      const stores = [store, await another(), await another(), await another()];
      await store.changeDestination("chat", (state) => ({ ...state, tokens: 100 }));
      const claimed: string[] = [];
      const ask = async (one: DeliveryStore, owner: string): Promise<void> => {
        for (let round = 0; round < 10; round++) {
          const claims = await one.claim(
            request({
              owner,
              limit: 7,
              allowance: ({ tokens }) => tokens,
              spend: (state, count) => ({ ...state, tokens: state.tokens - count }),
            }),
          );
          claimed.push(...claims.map(({ conversation }) => conversation.id));
        }
      };
      await Promise.all(stores.map((one, i) => ask(one, `owner-${i}`)));
      expect(claimed).toHaveLength(100);
      expect(new Set(claimed).size).toBe(100);
      expect(await store.destinations()).toMatchObject([{ tokens: 0 }]);
    });

    it("sees each group as it is while others change it", async () => {
      const other = await another();
      const names = Array.from({ length: 20 }, (_, i) => `g${i}`);
      await tell(store, names);
      const behind: unknown[] = [];
      const changing = (async () => {
        for (let round = 0; round < 10; round++) await tell(other, names);
      })();
      for (let round = 0; round < 20; round++) {
        const claims = await store.claim(request());
        behind.push(...claims.filter(({ group, conversation }) => group.revision < conversation.desiredRevision));
        for (const { conversation } of claims) await store.release(conversation.id, "me", conversation);
      }
      await changing;
      expect(behind).toEqual([]);
      expect((await store.claim(request())).map(({ group }) => group.revision)).toEqual(names.map(() => 11));
    });
  });
}
