import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreUnavailable, StoreUnusable, type DeliveryStore } from "../../src/core/delivery-store.ts";
import {
  attemptOf,
  change,
  conversationOf,
  deliverAll,
  delivered,
  groupId,
  request,
  send,
  settle,
  tell,
  viewOf,
  work,
} from "./store-fixtures.ts";
import { anyEvent, Replay } from "./store-replay.ts";

/** A database for one test. */
export interface StoreDatabase {
  /** Opens a store on it: one of several when it is called again. */
  open(): Promise<DeliveryStore>;
  /** Runs SQL on it, past the store. */
  execute(sql: string): Promise<void>;
  remove(): Promise<void>;
}

const MINUTE = 60_000;

/** What is promised of every store: the same tests run on SQLite and PostgreSQL. */
export function describeStoreContract(create: () => Promise<StoreDatabase>): void {
  let database: StoreDatabase;
  let store: DeliveryStore;
  let opened: DeliveryStore[];

  beforeEach(async () => {
    database = await create();
    opened = [];
    store = await another();
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await database.remove();
  });

  const another = async (): Promise<DeliveryStore> => {
    const one = await database.open();
    opened.push(one);
    return one;
  };

  /** Lets time pass, by moving into the past what was done. */
  const elapse = async (ms: number): Promise<void> => {
    for (const [table, columns] of [
      ["inbound", ["received_at"]],
      ["alert_groups", ["updated_at"]],
      ["conversations", ["not_before", "lease_until", "pending_since", "created_at", "updated_at"]],
      ["attempts", ["started_at"]],
      ["heartbeats", ["seen_at"]],
    ] as const) {
      await database.execute(`update ${table} set ${columns.map((name) => `${name} = ${name} - ${ms}`).join(", ")}`);
    }
    await database.execute(`update inbound set bucket = received_at / 120000`);
  };

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
      await fc.assert(check, { numRuns: 25 });
    });
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
          unanswered: 1,
          notBefore: now,
          lastReason: "timeout",
          lastError: "no answer",
        })),
      ).toBe(true);
      expect(await conversationOf(store, "a")).toMatchObject({ unanswered: 1, lastReason: "timeout", attempts: 1 });
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
      await store.finish(id, "me", attemptOf(id), (c) => {
        seen.push(c.desiredRevision);
        return { ...delivered(c), state: "pending" };
      });
      expect(seen).toEqual([2]);
      expect(await store.claim(request())).toMatchObject([{ group: { revision: 2 }, conversation: { priority: 0 } }]);
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

    it("comes for those of a former process when the store is recovered, and for no others", async () => {
      await tell(store, ["a", "b"]);
      await store.claim(request({ owner: "former", limit: 1 }));
      await store.claim(request({ owner: "me" }));
      await store.recover("me");
      expect(await store.claim(request())).toHaveLength(1);
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

  describe("a storm", () => {
    const STORM = "the-storm";

    it("is counted by what was begun", async () => {
      await tell(store, ["old"]);
      await elapse(2 * MINUTE);
      await tell(store, ["a", "b"]);
      await tell(store, ["c"], { destinations: ["page"] });
      const now = await store.now();
      expect(await store.countBegun("chat", now - MINUTE)).toBe(2);
      expect(await store.countBegun("chat", now - 10 * MINUTE)).toBe(3);
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
      expect(await store.rollUp("chat", groupId(STORM), 1)).toBe(2);
      expect(await store.rollUp("chat", groupId(STORM), 1)).toBe(0);
      for (const name of ["a", "b"]) {
        expect(await conversationOf(store, name)).toMatchObject({ state: "rolled_up", rolledInto: groupId(STORM) });
      }
      expect(await store.list({ states: ["pending"], limit: 10 })).toHaveLength(5);
    });

    it("is told by the names of its alerts", async () => {
      await tell(store, ["a", "b"], { alertname: "NodeDown", priority: 2 });
      await tell(store, ["c"], { alertname: "NodeDown", priority: 1 });
      await tell(store, ["d"], { alertname: "DiskFull", priority: 3 });
      await store.rollUp("chat", groupId(STORM), 1);
      await tell(store, ["b"], { alertname: "NodeDown", firing: false });
      expect(await store.stormLines(groupId(STORM))).toEqual([
        { name: "NodeDown", groups: 3, open: 2, worstPriority: 1 },
        { name: "DiskFull", groups: 1, open: 1, worstPriority: 3 },
      ]);
      expect(await store.stormLines(groupId("another"))).toEqual([]);
    });

    it("lasts until none of its groups is open, and what comes after that is told by itself", async () => {
      await tell(store, ["a", "b"]);
      await store.rollUp("chat", groupId(STORM), 1);
      await tell(store, ["a"], { firing: false });
      expect(await conversationOf(store, "a")).toMatchObject({ state: "rolled_up", desiredRevision: 2 });
      expect(await store.endStorm(groupId(STORM))).toBe(false);
      await tell(store, ["b"], { firing: false });
      expect(await store.endStorm(groupId(STORM))).toBe(true);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "settled", attempted: false });
      await tell(store, ["a"]);
      expect(await conversationOf(store, "a")).toMatchObject({ state: "pending", rolledInto: undefined });
    });
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
      await database.execute(`update conversations set id = 'abcdef0' where id = '${ids[0]}'`);
      await database.execute(`update conversations set id = 'abcdef1' where id = '${ids[1]}'`);
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
      const limits = { inboundBefore: now - 30 * MINUTE, closedBefore: now - 30 * MINUTE };
      // a notification, three attempts, and two groups
      expect(await store.prune(limits)).toBe(6);
      const left = await store.groups({ openOnly: false, limit: 10 });
      expect(left.map(({ id }) => id)).toEqual(["open", "waits", "young"].map(groupId).toSorted());
      expect((await store.show((await conversationOf(store, "open")).id))?.attempts).toEqual([]);
      expect(await store.prune(limits)).toBe(0);
    });

    it("deletes thousands", async () => {
      const names = Array.from({ length: 1_200 }, (_, i) => `g${i}`);
      await store.changeGroups(names.map((name) => work(name, [change(name, { firing: false })])));
      await elapse(60 * MINUTE);
      const now = await store.now();
      expect(await store.prune({ inboundBefore: now, closedBefore: now })).toBe(2_400);
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
      await database.execute(
        `insert into watchkeeper_migrations (name, timestamp) values ('${migration}', '2099-01-01T00:00:00.000Z')`,
      );
      const error: unknown = await database.open().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(StoreUnusable);
      expect(String(error)).toContain(`newer version of Watchkeeper (it has ${migration})`);
      await database.execute(`delete from watchkeeper_migrations where name = '${migration}'`);
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
