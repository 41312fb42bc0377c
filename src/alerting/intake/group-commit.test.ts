import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { StoreUnavailable, type GroupWork, type GroupWorkResult } from "../../core/delivery-store.ts";
import { GroupCommit } from "./group-commit.ts";

const workOf = (name: string): GroupWork => ({ heartbeats: [name], changes: [] });
const resultOf = (name: string): GroupWorkResult => ({ isCopy: false, changed: 1, destinations: [name] });
const namesOf = (works: readonly GroupWork[]): readonly string[] => works.flatMap(({ heartbeats }) => heartbeats ?? []);

/** A store that answers when it is let, and remembers its transactions. */
class FakeStore {
  readonly transactions: (readonly string[])[] = [];
  behave: (names: readonly string[]) => Promise<void> = async () => undefined;

  async changeGroups(works: readonly GroupWork[]): Promise<readonly GroupWorkResult[]> {
    const names = namesOf(works);
    this.transactions.push(names);
    await this.behave(names);
    return names.map(resultOf);
  }
}

const submitAll = (commit: GroupCommit, names: readonly string[], bytes = 100) =>
  Promise.allSettled(names.map((name) => commit.submit(workOf(name), bytes)));

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `w${index}`);

const told = (results: readonly PromiseSettledResult<GroupWorkResult>[]): readonly string[] =>
  results.map((one) => (one.status === "fulfilled" ? String(one.value.destinations[0]) : String(one.reason.message)));

describe("works", () => {
  it("share a transaction and each get their own result", async () => {
    const store = new FakeStore();
    const results = await submitAll(new GroupCommit({ store }), ["a", "b", "c"]);
    expect(told(results)).toEqual(["a", "b", "c"]);
    expect(store.transactions).toEqual([["a", "b", "c"]]);
  });

  it("that arrive while a transaction runs go into the next, in their order", async () => {
    const store = new FakeStore();
    const commit = new GroupCommit({ store });
    const gate = Promise.withResolvers<void>();
    store.behave = () => gate.promise;
    const first = commit.submit(workOf("a"), 1);
    await expect.poll(() => store.transactions).toHaveLength(1);
    const others = submitAll(commit, ["b", "c"]);
    gate.resolve();
    expect(await first).toEqual(resultOf("a"));
    expect(told(await others)).toEqual(["b", "c"]);
    expect(store.transactions).toEqual([["a"], ["b", "c"]]);
  });

  it("are at most 256 in one transaction", async () => {
    const store = new FakeStore();
    const names = numbers(600);
    expect(told(await submitAll(new GroupCommit({ store }), names))).toEqual(names);
    expect(store.transactions.map(({ length }) => length)).toEqual([256, 256, 88]);
  });

  it("of many bytes share none, but each is written however large it is", async () => {
    const store = new FakeStore();
    const commit = new GroupCommit({ store, mostBytes: 1_000 });
    const sizes = [400, 600, 1, 5_000, 400];
    await Promise.all(sizes.map((bytes, index) => commit.submit(workOf(`w${index}`), bytes)));
    expect(store.transactions).toEqual([["w0", "w1"], ["w2"], ["w3"], ["w4"]]);
  });

  it("are written again after a pause", async () => {
    const store = new FakeStore();
    const commit = new GroupCommit({ store });
    await commit.submit(workOf("a"), 1);
    await pause(5);
    await commit.submit(workOf("b"), 1);
    expect(store.transactions).toEqual([["a"], ["b"]]);
  });
});

describe("a transaction that fails", () => {
  it("because of one work rejects that one alone", async () => {
    const store = new FakeStore();
    store.behave = async (names) => {
      if (names.includes("poison")) throw new TypeError("broken");
    };
    const results = await submitAll(new GroupCommit({ store }), ["a", "poison", "b"]);
    expect(told(results)).toEqual(["a", "broken", "b"]);
    expect(store.transactions).toEqual([["a", "poison", "b"], ["a"], ["poison"], ["b"]]);
  });

  it("because nothing can be written rejects all that wait, at once", async () => {
    const store = new FakeStore();
    store.behave = async () => {
      throw new StoreUnavailable("the disk is full");
    };
    const commit = new GroupCommit({ store, mostWorks: 2 });
    const results = await submitAll(commit, ["a", "b", "c"]);
    expect(new Set(told(results))).toEqual(new Set(["the disk is full"]));
    expect(results.every((one) => one.status === "rejected" && one.reason instanceof StoreUnavailable)).toBe(true);
    expect(store.transactions).toHaveLength(1);
    store.behave = async () => undefined;
    expect(told(await submitAll(commit, ["d"]))).toEqual(["d"]);
  });
});

describe("the queue", () => {
  it.each([
    ["works", { mostWaiting: 2 }],
    ["bytes", { mostWaitingBytes: 250 }],
  ])("refuses more %s than it holds, at once, and has room again afterwards", async (_, limits) => {
    const store = new FakeStore();
    const commit = new GroupCommit({ store, ...limits });
    const gate = Promise.withResolvers<void>();
    store.behave = () => gate.promise;
    const running = commit.submit(workOf("running"), 100);
    await expect.poll(() => store.transactions).toHaveLength(1);
    const waiting = submitAll(commit, ["a", "b"]);
    await expect(commit.submit(workOf("c"), 100)).rejects.toThrow(StoreUnavailable);
    gate.resolve();
    await running;
    expect(told(await waiting)).toEqual(["a", "b"]);
    expect(told(await submitAll(commit, ["d", "e"]))).toEqual(["d", "e"]);
  });

  it("takes one work however large when it is empty", async () => {
    const commit = new GroupCommit({ store: new FakeStore(), mostWaitingBytes: 10 });
    expect(await commit.submit(workOf("a"), 1_000)).toEqual(resultOf("a"));
  });

  it("is written out when it closes, and takes nothing more", async () => {
    const store = new FakeStore();
    store.behave = () => pause(5);
    const commit = new GroupCommit({ store, mostWorks: 1 });
    const results = submitAll(commit, ["a", "b"]);
    const closed = commit.close();
    await expect(commit.submit(workOf("c"), 1)).rejects.toThrow("Watchkeeper is stopping");
    await closed;
    expect(store.transactions).toEqual([["a"], ["b"]]);
    expect(told(await results)).toEqual(["a", "b"]);
  });
});
