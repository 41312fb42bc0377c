import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";
import { change, conversationOf, deliverAll, groupId, send, tell, work } from "./store-fixtures.ts";
import { MINUTE, type StoreWorld } from "./store-world.ts";

/** What is shown, and what is deleted. */
export function describeLooks(world: StoreWorld): void {
  const { elapse, execute } = world;
  let store: DeliveryStore;
  beforeEach(() => {
    store = world.store();
  });

  describe("a look", () => {
    it("gives groups in pages", async () => {
      await tell(store, ["a", "b", "c"]);
      await tell(store, ["other"], { source: "other" });
      await tell(store, ["closed"], { firing: false });
      const ids = ["a", "b", "c"].map(groupId).toSorted();
      const first = await store.groups({ source: "main", openOnly: true, limit: 2 });
      expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 2));
      const rest = await store.groups({ source: "main", openOnly: true, limit: 2, afterId: ids[1] ?? "" });
      expect(rest.map(({ id }) => id)).toEqual(ids.slice(2));
      expect(await store.groups({ openOnly: true, limit: 10 })).toHaveLength(4);
      expect(await store.groups({ openOnly: false, limit: 10 })).toHaveLength(5);
      expect(await store.group(groupId("none"))).toBeUndefined();
    });

    it("gives conversations, the newest first", async () => {
      for (const name of ["a", "b", "c"]) {
        await tell(store, [name]);
        await elapse(1_000);
      }
      await deliverAll(store, { limit: 1 });
      const ids = async (filter: object) =>
        (await store.list({ limit: 10, ...filter })).map(({ conversation }) => conversation.groupId);
      expect(await ids({})).toEqual(["a", "c", "b"].map(groupId));
      expect(await ids({ limit: 1 })).toEqual([groupId("a")]);
      expect(await ids({ states: ["pending"] })).toEqual(["c", "b"].map(groupId));
      expect(await ids({ states: ["settled", "dead"] })).toEqual([groupId("a")]);
      expect(await ids({ states: [] })).toEqual([]);
      expect(await ids({ destination: "page" })).toEqual([]);
      expect(await ids({ groupId: groupId("b") })).toEqual([groupId("b")]);
    });

    it("finds one by the beginning of its id", async () => {
      await tell(store, ["a", "b"]);
      const { id } = await conversationOf(store, "a");
      expect((await store.show(id.slice(0, 8)))?.conversation.id).toBe(id);
      expect(await store.show(id)).toMatchObject({ attempts: [], group: { id: groupId("a") } });
      for (const nothing of [id.slice(0, 5), "", "%%%%%%%%", "ffffff0", `${id}0`])
        expect(await store.show(nothing)).toBeUndefined();
    });

    it("does not guess when several begin so", async () => {
      await tell(store, ["a", "b"]);
      const ids = [await conversationOf(store, "a"), await conversationOf(store, "b")].map(({ id }) => id);
      await execute(`update conversations set id = 'abcdef0' where id = '${ids[0]}'`);
      await execute(`update conversations set id = 'abcdef1' where id = '${ids[1]}'`);
      expect(await store.show("abcdef")).toBeUndefined();
      expect(await store.show("abcdef1")).toBeDefined();
    });

    it("counts what is in which state, and since when the oldest waits", async () => {
      await tell(store, ["a"]);
      const { id, pendingSince } = await conversationOf(store, "a");
      await store.changeConversation(id, (c) => ({ ...c, held: true }));
      await tell(store, ["b"], { destinations: ["page"] });
      await deliverAll(store, { destination: "page" });
      expect(await store.counts()).toMatchObject([
        { destination: "chat", state: "pending", held: true, count: 1, oldestPendingSince: pendingSince },
        { destination: "page", state: "settled", held: false, count: 1 },
      ]);
    });
  });

  describe("pruning", () => {
    it("deletes what is over for long, and nothing else", async () => {
      await store.changeGroups([work("h", [change("open"), change("waits"), change("over")])]);
      await tell(store, ["closed-unheard"], { firing: false });
      await deliverAll(store, { decide: (c) => (c.groupId === groupId("waits") ? { next: c } : send(c)) });
      await tell(store, ["waits", "over"], { firing: false });
      await deliverAll(store, { decide: (c) => (c.groupId === groupId("waits") ? { next: c } : send(c)) });
      await elapse(60 * MINUTE);
      await store.changeGroups([work("young", [change("young", { firing: false })])]);
      const now = await store.now();
      const before = now - 30 * MINUTE;
      const limits = { inboundBefore: before, closedBefore: before, destinations: ["chat"] };
      // a notification, three attempts, and two groups
      expect(await store.prune(limits)).toBe(6);
      const left = await store.groups({ openOnly: false, limit: 10 });
      expect(left.map(({ id }) => id)).toEqual(["open", "waits", "young"].map(groupId).toSorted());
      expect((await store.show((await conversationOf(store, "open")).id))?.attempts).toEqual([]);
      expect(await store.prune(limits)).toBe(0);
    });

    it("deletes what waits for a destination that is not configured any more, once it is over", async () => {
      await tell(store, ["over", "open"], { destinations: ["former"] });
      await tell(store, ["over"], { destinations: ["former"], firing: false });
      await elapse(60 * MINUTE);
      const now = await store.now();
      const limits = { inboundBefore: now, closedBefore: now };
      expect(await store.prune({ ...limits, destinations: ["chat", "former"] })).toBe(0);
      expect(await store.prune({ ...limits, destinations: ["chat"] })).toBe(1);
      expect((await store.groups({ openOnly: false, limit: 10 })).map(({ id }) => id)).toEqual([groupId("open")]);
    });

    it("deletes thousands", async () => {
      const names = Array.from({ length: 1_200 }, (_, i) => `g${i}`);
      await store.changeGroups(names.map((name) => work(name, [change(name, { firing: false })])));
      await elapse(60 * MINUTE);
      const now = await store.now();
      expect(await store.prune({ inboundBefore: now, closedBefore: now, destinations: [] })).toBe(2_400);
    });
  });
}
