import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";
import { attemptOf, conversationOf, groupId, request, send, settle, tell } from "./store-fixtures.ts";
import { MINUTE, type StoreWorld } from "./store-world.ts";

/** How a storm is rolled up. */
export function describeStorms(world: StoreWorld): void {
  const { elapse } = world;
  let store: DeliveryStore;
  beforeEach(() => {
    store = world.store();
  });

  describe("a storm", () => {
    const STORM = "the-storm";

    it("is counted by what was begun", async () => {
      await tell(store, ["old"]);
      await elapse(2 * MINUTE);
      await tell(store, ["a", "b"]);
      await tell(store, ["c"], { destinations: ["page"] });
      const now = await store.now();
      expect(await store.countBegun("chat", now - MINUTE, [])).toBe(2);
      expect(await store.countBegun("chat", now - 10 * MINUTE, [])).toBe(3);
    });

    it("rolls up what waits and was never tried, but what is urgent, elsewhere or in flight", async () => {
      await tell(store, ["told", "in-flight"], { priority: 1 });
      const ids = await Promise.all(["told", "in-flight"].map((name) => conversationOf(store, name)));
      await store.claim(request({ decide: (c) => ({ ...send(c), next: { ...c, attempted: c.id === ids[0]?.id } }) }));
      await store.finish(ids[0]?.id ?? "", "me", attemptOf("x"), (c) => ({ ...c, notBefore: 0 }));
      await tell(store, ["urgent"], { priority: 0 });
      await tell(store, ["elsewhere"], { destinations: ["page"] });
      await tell(store, ["a", "b"], { priority: 1 });
      await tell(store, [STORM], { priority: 1 });
      expect(await store.rollUp("chat", groupId(STORM), [])).toBe(2);
      expect(await store.rollUp("chat", groupId(STORM), [])).toBe(0);
      for (const name of ["a", "b"]) {
        expect(await conversationOf(store, name)).toMatchObject({ state: "rolled_up", rolledInto: groupId(STORM) });
      }
      expect(await store.list({ states: ["pending"], limit: 10 })).toHaveLength(5);
    });

    it("is told by the names of its alerts", async () => {
      await tell(store, ["a", "b"], { alertname: "NodeDown", priority: 2 });
      await tell(store, ["c"], { alertname: "NodeDown", priority: 1 });
      await tell(store, ["d"], { alertname: "DiskFull", priority: 3 });
      await store.rollUp("chat", groupId(STORM), []);
      await tell(store, ["b"], { alertname: "NodeDown", firing: false });
      expect(await store.stormLines(groupId(STORM))).toEqual([
        { name: "NodeDown", groups: 3, open: 2, worstPriority: 1 },
        { name: "DiskFull", groups: 1, open: 1, worstPriority: 3 },
      ]);
      expect(await store.stormLines(groupId("another"))).toEqual([]);
    });

    it("lasts until none of its groups is open, and what comes after that is told by itself", async () => {
      await tell(store, ["a", "b"]);
      await store.rollUp("chat", groupId(STORM), []);
      await tell(store, ["a"], { firing: false });
      expect(await conversationOf(store, "a")).toMatchObject({ state: "rolled_up", desiredRevision: 2 });
      expect(await store.endStorm(groupId(STORM))).toBe(false);
      await tell(store, ["b"], { firing: false });
      expect(await store.endStorm(groupId(STORM))).toBe(true);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "settled", attempted: false });
      await tell(store, ["a"]);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending", rolledInto: undefined });
    });

    it("counts what begins again after it was over", async () => {
      await tell(store, ["a", "b"]);
      await tell(store, ["a", "b"], { firing: false });
      await store.claim(request({ decide: settle }));
      await elapse(10 * MINUTE);
      const begun = async () => store.countBegun("chat", (await store.now()) - MINUTE, []);
      expect(await begun()).toBe(0);
      await tell(store, ["a", "b"]);
      expect(await begun()).toBe(2);
    });

    it("leaves what became critical to be told by itself, and what is over to be told by nobody", async () => {
      await tell(store, ["a", "b"]);
      await tell(store, ["over"]);
      await tell(store, ["over"], { firing: false });
      expect(await store.rollUp("chat", groupId(STORM), [])).toBe(2);
      expect((await conversationOf(store, "over")).state).toBe("pending");
      await tell(store, ["a"], { priority: 0 });
      await tell(store, ["b"], { priority: 1 });
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending", rolledInto: undefined });
      expect(await conversationOf(store, "b")).toMatchObject({ state: "rolled_up" });
    });

    it("has nothing of a route that is quiet, until that is no longer so", async () => {
      await tell(store, ["a", "b"]);
      const now = await store.now();
      expect(await store.countBegun("chat", now - MINUTE, ["{}"])).toBe(0);
      expect(await store.rollUp("chat", groupId(STORM), ["{}"])).toBe(0);
      await store.claim(request({ decide: (c) => ({ next: { ...c, held: true, notBefore: now + MINUTE } }) }));
      await elapse(10 * MINUTE);
      expect(await store.countBegun("chat", now - MINUTE, ["{}"])).toBe(0);
      expect(await store.countBegun("chat", now - MINUTE, ["another"])).toBe(2);
      expect(await store.rollUp("chat", groupId(STORM), ["another"])).toBe(2);
    });

    it("is not summed up itself by a later one", async () => {
      await tell(store, ["a"]);
      await store.rollUp("chat", groupId(STORM), []);
      await tell(store, [STORM, "b"]);
      expect(await store.rollUp("chat", groupId("later"), [])).toBe(1);
      expect((await conversationOf(store, STORM)).state).toBe("pending");
    });

    it("that is over, or never began, keeps nothing", async () => {
      await tell(store, ["a", "b"]);
      await store.rollUp("chat", groupId(STORM), []);
      expect(await store.releaseStrays(MINUTE)).toBe(0);
      await elapse(2 * MINUTE);
      await tell(store, [STORM]);
      expect(await store.releaseStrays(MINUTE)).toBe(0);
      await tell(store, [STORM], { firing: false });
      expect(await store.releaseStrays(MINUTE)).toBe(2);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending", rolledInto: undefined });
      expect(await store.countBegun("chat", (await store.now()) - MINUTE, [])).toBe(3);
    });
  });
}
