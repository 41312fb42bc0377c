import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type DeliveryStore, StoreUnavailable, StoreUnusable } from "../../src/core/delivery-store.ts";
import { deliverAll, request, tell } from "./store-fixtures.ts";
import { anyEvent, Replay } from "./store-replay.ts";
import type { StoreWorld } from "./store-world.ts";

/** The store as a whole. */
export function describeLifetime(world: StoreWorld): void {
  const { another, create, elapse, execute } = world;
  let store: DeliveryStore;
  beforeEach(() => {
    store = world.store();
  });

  describe("whatever happens", () => {
    it("ends with each destination knowing all, no delivery twice at the same time, and no result of a lost lease", async () => {
      let runs = 0;
      const history = fc.array(anyEvent, { minLength: 5, maxLength: 40 });
      const check = fc.asyncProperty(history, async (events) => {
        const replay = new Replay(store, elapse, `run-${(runs += 1)}`);
        for (const event of events) await replay.apply(event);
        await replay.drain();
        await replay.verify();
      });
      await expect(fc.assert(check, { numRuns: 25 })).resolves.toBeUndefined();
    });
  });

  describe("a job that only one may run", () => {
    it("is not run while it runs", async () => {
      const ran: string[] = [];
      const first = Promise.withResolvers<void>();
      const running = store.exclusively("job", async () => {
        ran.push("first");
        await first.promise;
      });
      await expect.poll(() => ran).toEqual(["first"]);
      expect(await store.exclusively("job", async () => void ran.push("second"))).toBe(false);
      expect(await store.exclusively("other", async () => void ran.push("other"))).toBe(true);
      first.resolve();
      expect(await running).toBe(true);
      expect(await store.exclusively("job", async () => void ran.push("third"))).toBe(true);
      expect(ran).toEqual(["first", "other", "third"]);
    });

    it("may fail, and is free again", async () => {
      await expect(store.exclusively("job", () => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
      expect(await store.exclusively("job", () => Promise.resolve())).toBe(true);
    });
  });

  describe("the store itself", () => {
    it("knows whether it can write", async () => {
      expect(store.isWritable()).toBeUndefined();
      expect(await store.claim(request())).toEqual([]);
      expect(store.isWritable()).toBeUndefined();
      await tell(store, ["a"]);
      expect(store.isWritable()).toBe(true);
    });

    it("keeps everything when it is opened again", async () => {
      await tell(store, ["a"]);
      await deliverAll(store);
      const before = await store.list({ limit: 10 });
      await store.close();
      expect(await (await another()).list({ limit: 10 })).toEqual(before);
    });

    it("refuses everything once it is closed, in words", async () => {
      await store.close();
      await store.close();
      await expect(tell(store, ["a"])).rejects.toThrow(StoreUnavailable);
      await expect(store.list({ limit: 1 })).rejects.toThrow(StoreUnavailable);
    });

    it("is opened by several at once when there is nothing yet", async () => {
      const empty = await create();
      const stores = await Promise.all(Array.from({ length: 5 }, () => empty.open()));
      await Promise.all(stores.map((one, i) => tell(one, [`g${i}`])));
      expect(await stores[0]?.groups({ openOnly: true, limit: 10 })).toHaveLength(5);
      await Promise.all(stores.map((one) => one.close()));
      await empty.remove();
    });

    it("refuses what a newer version wrote, and leaves it as it is", async () => {
      const migration = "9999-from-the-future";
      await execute(
        `insert into watchkeeper_migrations (name, timestamp) values ('${migration}', '2099-01-01T00:00:00.000Z')`,
      );
      const error: unknown = await another().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnusable);
      expect(String(error)).toContain(`newer version of Watchkeeper (it has ${migration})`);
      await execute(`delete from watchkeeper_migrations where name = '${migration}'`);
      await another();
    });

    it("hears no hint of its own", async () => {
      const heard: unknown[] = [];
      const stop = store.onHint((destinations) => void heard.push(destinations));
      await tell(store, ["a"]);
      await pause(50);
      expect(heard).toEqual([]);
      stop();
    });
  });
}
