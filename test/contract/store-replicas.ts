import { beforeEach, describe, expect, it } from "vitest";
import type { ReplicaCard, ReplicaStore } from "../../src/core/replica-store.ts";
import type { StoreWorld } from "./store-world.ts";

const KEYS = ["vault/a", "vault/b", "proxmox/home"];

function cardOf(id: string, beat = "1", targets: readonly string[] = KEYS): ReplicaCard {
  return { id, beat, fingerprint: targets.join(), targets };
}

/** Replicas that divide the targets. */
export function describeReplicas(world: StoreWorld): void {
  describe("replicas that divide targets", () => {
    let store: ReplicaStore;
    beforeEach(() => {
      store = world.store();
    });
    const claim = (id: string, ...keys: string[]) => store.exchangeTargets(id, { release: [], claim: keys });

    it("are seen by each other once they have joined, with their newest beat", async () => {
      expect(await store.renewReplica(cardOf("one"))).toBeUndefined();
      await store.joinReplicas(cardOf("one"));
      await store.joinReplicas(cardOf("two"));
      expect(await store.renewReplica(cardOf("one", "2"))).toEqual({
        members: [
          { id: "one", beat: "2", fingerprint: KEYS.join(), joinedAt: expect.any(Number) as number },
          { id: "two", beat: "1", fingerprint: KEYS.join(), joinedAt: expect.any(Number) as number },
        ],
        owned: [],
      });
    });

    it("get what nobody has, and nothing else, until it is given up", async () => {
      await store.joinReplicas(cardOf("one"));
      await store.joinReplicas(cardOf("two"));
      expect(await claim("one", "vault/a", "vault/b")).toEqual(["vault/a", "vault/b"]);
      expect(await claim("two", "vault/b", "proxmox/home")).toEqual(["proxmox/home"]);
      // what is another's is not given up
      await store.exchangeTargets("two", { release: ["vault/a"], claim: [] });
      expect(await claim("two", "vault/a")).toEqual(["proxmox/home"]);
      await store.exchangeTargets("one", { release: ["vault/a"], claim: [] });
      expect((await claim("two", "vault/a"))?.toSorted()).toEqual(["proxmox/home", "vault/a"]);
      expect(await store.targetOwners()).toEqual(
        new Map([
          ["vault/b", "one"],
          ["proxmox/home", "two"],
          ["vault/a", "two"],
        ]),
      );
      expect((await store.renewReplica(cardOf("two", "2")))?.owned.toSorted()).toEqual(["proxmox/home", "vault/a"]);
    });

    it("are taken out only when no beat came since, and have nothing then", async () => {
      await store.joinReplicas(cardOf("one"));
      await store.joinReplicas(cardOf("two"));
      await claim("one", ...KEYS);
      await store.renewReplica(cardOf("one", "2"));
      expect(await store.removeReplicas([{ id: "one", beat: "1" }])).toBe(0);
      expect(await claim("two", "vault/a")).toEqual([]);
      expect(await store.removeReplicas([{ id: "one", beat: "2" }])).toBe(1);
      expect(await store.renewReplica(cardOf("one", "3"))).toBeUndefined();
      expect(await claim("one", "vault/b")).toBeUndefined();
      expect(await claim("two", "vault/a")).toEqual(["vault/a"]);
      await store.joinReplicas(cardOf("one", "4"));
      expect((await store.renewReplica(cardOf("one", "5")))?.owned).toEqual([]);
    });

    it("keep what they have when they join once more, and leave it when they leave", async () => {
      await store.joinReplicas(cardOf("one"));
      await claim("one", "vault/a");
      await store.joinReplicas(cardOf("one", "2"));
      expect((await store.renewReplica(cardOf("one", "3")))?.owned).toEqual(["vault/a"]);
      await store.leaveReplicas("one");
      await store.leaveReplicas("one");
      expect([...(await store.targetOwners())]).toEqual([]);
    });

    it("say what they could poll, and when that has changed", async () => {
      await store.joinReplicas(cardOf("one"));
      await store.joinReplicas(cardOf("two", "1", ["vault/a"]));
      expect(await store.knownTargets([KEYS.join(), "vault/a", "of nobody"])).toEqual(
        new Map([
          [KEYS.join(), KEYS],
          ["vault/a", ["vault/a"]],
        ]),
      );
      expect(await store.knownTargets([])).toEqual(new Map());
      const view = await store.renewReplica(cardOf("two", "2", ["vault/b"]));
      expect(view?.members.map(({ fingerprint }) => fingerprint)).toEqual([KEYS.join(), "vault/b"]);
      expect(await store.knownTargets(["vault/a", "vault/b"])).toEqual(new Map([["vault/b", ["vault/b"]]]));
    });

    it("all claim thousands at once, and each target has one owner", async () => {
      const names = ["one", "two", "three", "four"];
      const others = await Promise.all(names.slice(1).map(async () => (world.isShared() ? world.another() : store)));
      const pairs = [store, ...others].map((one, i) => [one, names[i] ?? ""] as const);
      const keys = Array.from({ length: 2_000 }, (_, i) => `vault/t${i}`);
      await Promise.all(pairs.map(([one, id]) => one.joinReplicas(cardOf(id, "1", keys))));
      const got = await Promise.all(
        pairs.map(([one, id], i) =>
          one.exchangeTargets(id, { release: [], claim: i % 2 === 0 ? keys : keys.toReversed() }),
        ),
      );
      expect(got.flatMap((owned) => owned ?? []).toSorted()).toEqual(keys.toSorted());
      const owners = await store.targetOwners();
      for (const [i, id] of names.entries())
        expect(new Set(got[i])).toEqual(new Set(keys.filter((key) => owners.get(key) === id)));
    });

    it("are either renewed or taken out when both come at the same moment", async () => {
      const pairs = Array.from({ length: 20 }, (_, i) => [`a${i}`, `b${i}`] as const);
      await Promise.all(pairs.flat().map((id) => store.joinReplicas(cardOf(id))));
      const answers = await Promise.all(
        pairs.flatMap(([a, b]) => [
          store.removeReplicas([{ id: b, beat: "1" }]),
          store.renewReplica(cardOf(b, "2")),
          store.exchangeTargets(a, { release: [], claim: [`vault/${a}`] }),
        ]),
      );
      for (let i = 0; i < pairs.length; i += 1) {
        const [removed, renewed, claimed] = answers.slice(3 * i, 3 * i + 3);
        // either it was there still, or it was gone before
        expect(removed === 0).toBe(renewed !== undefined);
        expect(claimed).toEqual([`vault/a${i}`]);
      }
    });
  });
}
