import { setTimeout as pause } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { type Claimed, type DeliveryStore } from "../../src/core/delivery-store.ts";
import { attemptOf, conversationOf, delivered, request, tell } from "./store-fixtures.ts";
import { MINUTE, type StoreWorld } from "./store-world.ts";

/** What becomes of a claim, and what else changes a conversation or a destination. */
export function describeEnds(world: StoreWorld): void {
  const { another, elapse } = world;
  let store: DeliveryStore;
  beforeEach(() => {
    store = world.store();
  });

  describe("the end of a claim", () => {
    it("saves what became of it, frees it, and is in the journal", async () => {
      await tell(store, ["a"]);
      const [claim] = await store.claim(request());
      const id = claim?.conversation.id ?? "";
      const failure = { reason: "timeout", detail: "no answer" } as const;
      const at = Date.now();
      expect(
        await store.finish(id, "me", attemptOf(id, { ...failure, startedAt: at - 1.5 }), (c, now) => ({
          ...c,
          excused: 1,
          unanswered: 1,
          notBefore: now,
          lastReason: "timeout",
          lastError: "no answer",
        })),
      ).toBe(true);
      expect(await conversationOf(store, "a")).toMatchObject({
        unanswered: 1,
        lastReason: "timeout",
        attempts: 1,
        excused: 1,
      });
      expect(await store.claim(request())).toHaveLength(1);
      expect(await store.finish(id, "me", attemptOf(id, { startedAt: at }), delivered)).toBe(true);
      const shown = await store.show(id);
      expect(shown?.conversation).toMatchObject({ state: "settled", told: { revision: 1 }, remote: { channel: "C1" } });
      expect(shown?.attempts).toMatchObject([{ detail: "ok" }, failure]);
    });

    it("sees the revision that came meanwhile", async () => {
      await tell(store, ["a"]);
      const [claim] = await store.claim(request());
      const id = claim?.conversation.id ?? "";
      await tell(store, ["a"], { priority: 0 });
      const seen: number[] = [];
      await store.finish(id, "me", attemptOf(id), (c, now) => {
        seen.push(c.desiredRevision);
        return { ...delivered(c, now), state: "pending" };
      });
      expect(seen).toEqual([2]);
      expect(await store.claim(request())).toMatchObject([{ group: { revision: 2 }, conversation: { priority: 0 } }]);
    });

    it("loses no revision that comes at the same moment", async () => {
      const other = await another();
      const names = Array.from({ length: 12 }, (_, i) => `g${i}`);
      const end = ({ conversation: { id }, group: { revision } }: Claimed): Promise<boolean> =>
        store.finish(id, "me", attemptOf(id), (c, now) => ({
          ...delivered(c, now),
          state: c.desiredRevision > revision ? "pending" : "settled",
          told: { revision, status: "firing", at: 1, firing: [] },
        }));
      for (let round = 0; round < 12; round++) {
        await tell(store, names);
        const claims = await store.claim(request());
        const ends = claims.map(async (claim, i) => {
          await pause(i * 2);
          await end(claim);
        });
        await Promise.all([tell(other, names), ...ends]);
        await Promise.all((await store.claim(request())).map(end));
        for (const { conversation, group } of await store.list({ limit: 100 })) {
          expect(conversation).toMatchObject({ state: "settled", told: { revision: group.revision } });
        }
      }
    });

    it("changes nothing when another has it by now", async () => {
      await tell(store, ["a"]);
      const [claim] = await store.claim(request());
      const id = claim?.conversation.id ?? "";
      await elapse(2 * MINUTE);
      expect(await store.claim(request({ owner: "other" }))).toHaveLength(1);
      const before = await store.show(id);
      expect(await store.finish(id, "me", attemptOf(id), delivered)).toBe(false);
      await store.release(id, "me", claim?.before as never);
      expect(await store.show(id)).toEqual(before);
      expect(await store.finish(id, "other", attemptOf(id), delivered)).toBe(true);
      expect(await store.finish(id, "other", attemptOf(id), delivered)).toBe(false);
      expect(await store.finish("0".repeat(32), "me", attemptOf(id), delivered)).toBe(false);
    });

    it("may be that it was never made: all is as before, but for what came meanwhile", async () => {
      await tell(store, ["a"]);
      const [claim] = await store.claim(request());
      await tell(store, ["a"], { priority: 1 });
      await store.release(claim?.conversation.id ?? "", "me", claim?.before as never);
      const after = await conversationOf(store, "a");
      expect(after).toMatchObject({ attempted: false, attempts: 0, desiredRevision: 2, priority: 1 });
      expect(await store.claim(request())).toHaveLength(1);
    });

    it("comes for those of a former process when the store is recovered, unless other processes may be at work", async () => {
      await tell(store, ["a", "b"]);
      await store.claim(request({ owner: "former", limit: 1 }));
      await store.claim(request({ owner: "me" }));
      await store.recover("me");
      expect(await store.claim(request())).toHaveLength(world.isShared() ? 0 : 1);
    });

    it("comes early for what an interval holds, when the intervals may have changed", async () => {
      await tell(store, ["a", "b"]);
      const { id } = await conversationOf(store, "a");
      await store.changeConversation(id, (c, now) => ({ ...c, held: true, notBefore: now + 4 * MINUTE }));
      const failed = await conversationOf(store, "b");
      await store.changeConversation(failed.id, (c, now) => ({ ...c, notBefore: now + 4 * MINUTE }));
      expect(await store.claim(request())).toEqual([]);
      await store.recover("me");
      expect(await store.claim(request())).toMatchObject([{ conversation: { id } }]);
    });
  });

  describe("a change of one conversation", () => {
    it("is made when it is not in flight", async () => {
      await tell(store, ["a"]);
      const { id } = await conversationOf(store, "a");
      expect(await store.changeConversation(id, (c) => ({ ...c, state: "dropped" }))).toBe(true);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "dropped" });
      expect(await store.claim(request())).toEqual([]);
      expect(await store.changeConversation("0".repeat(32), (c) => c)).toBe(false);
    });

    it("is refused while it is", async () => {
      await tell(store, ["a"]);
      const [claim] = await store.claim(request());
      expect(await store.changeConversation(claim?.conversation.id ?? "", (c) => ({ ...c, state: "dropped" }))).toBe(
        false,
      );
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending" });
    });
  });

  describe("a destination", () => {
    it("is well and has all its tokens until something else is said", async () => {
      expect(await store.destinations()).toEqual([]);
      let seen: unknown;
      await store.changeDestination("chat", (state, now) => {
        seen = state;
        return { ...state, pausedUntil: now + 5, brokenReason: "forbidden" };
      });
      expect(seen).toMatchObject({ destination: "chat", pausedUntil: 0, failures: 0, probeAt: 0 });
      expect(seen).toMatchObject({ tokens: expect.closeTo(Number.MAX_SAFE_INTEGER) as number });
      expect(await store.destinations()).toMatchObject([{ destination: "chat", brokenReason: "forbidden" }]);
    });

    it("loses no change when several make one at the same time", async () => {
      const stores = [store, await another()];
      const add = (one: DeliveryStore) => one.changeDestination("chat", (s) => ({ ...s, failures: s.failures + 1 }));
      await Promise.all(Array.from({ length: 30 }, (_, i) => add(stores[i % 2] as DeliveryStore)));
      expect(await store.destinations()).toMatchObject([{ failures: 30 }]);
    });
  });
}
