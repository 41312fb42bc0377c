import { beforeEach, describe, expect, it } from "vitest";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";
import { change, groupId, work } from "./store-fixtures.ts";
import { MINUTE, type StoreWorld } from "./store-world.ts";

/** How copies of a notification are told from repetitions. */
export function describeCopies(world: StoreWorld): void {
  const { another, elapse } = world;
  let store: DeliveryStore;
  beforeEach(() => {
    store = world.store();
  });

  describe("a notification", () => {
    const isCopy = async (hash: string, source?: string, by = store): Promise<boolean | undefined> => {
      let seen: boolean | undefined;
      const spy = { ...change("a"), apply: (_: unknown, copy: boolean) => void (seen = copy) };
      const [result] = await by.changeGroups([work(hash, [spy], source)]);
      expect(result?.isCopy).toBe(seen);
      return seen;
    };

    it("is a copy when the same one arrived less than two minutes ago, wherever", async () => {
      expect(await isCopy("h")).toBe(false);
      expect(await isCopy("h")).toBe(true);
      expect(await isCopy("h", "main", await another())).toBe(true);
      // into the two minutes before these, or most of the way
      await elapse(Math.min(100_000, ((await store.now()) % (2 * MINUTE)) + 1));
      expect(await isCopy("h")).toBe(true);
    });

    it("is a repetition after that, however many copies there were", async () => {
      expect(await isCopy("h")).toBe(false);
      await elapse(MINUTE);
      expect(await isCopy("h")).toBe(true);
      await elapse(MINUTE + 1_000);
      expect(await isCopy("h")).toBe(false);
      expect(await isCopy("h")).toBe(true);
    });

    it("is no copy of another one, nor of one from another source", async () => {
      expect(await isCopy("h")).toBe(false);
      expect(await isCopy("i")).toBe(false);
      expect(await isCopy("h", "other")).toBe(false);
    });

    it("is a copy of one in the same transaction too", async () => {
      const results = await store.changeGroups([work("h", [change("a")]), work("i", []), work("h", [change("a")])]);
      expect(results.map(({ isCopy }) => isCopy)).toEqual([false, false, true]);
    });

    it("that two replicas take in at the same moment is new for one of them only", async () => {
      const stores = [store, await another(), await another()];
      for (let round = 0; round < 10; round++) {
        // two of the groups are new and one is not
        const changes = ["a", `b${round}`, `c${round}`].map((name) => change(name));
        const seen = await Promise.all(stores.map((one) => one.changeGroups([work(`h${round}`, changes)])));
        expect(
          seen
            .flat()
            .map(({ isCopy }) => isCopy)
            .toSorted(),
        ).toEqual([false, true, true]);
      }
      expect(await store.group(groupId("a"))).toMatchObject({ revision: 30 });
      expect(await store.group(groupId("b9"))).toMatchObject({ revision: 3 });
    });
  });
}
