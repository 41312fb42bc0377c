import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createSlicedWork } from "./sliced-work.ts";

function* countTo(n: number, log: string[], name: string): Generator<void, number> {
  for (let i = 1; i <= n; i++) {
    const end = performance.now() + 1;
    while (performance.now() < end);
    log.push(name);
    yield;
  }
  return n;
}

describe("createSlicedWork", () => {
  it("lets the event loop turn between slices, also when several computations wait", async () => {
    const run = createSlicedWork();
    const log: string[] = [];
    const work = Promise.all(["a", "b", "c"].map((name) => run(countTo(20, log, name))));
    let most = 0;
    const state = { isDone: false };
    void work.then(() => (state.isDone = true));
    while (!state.isDone) {
      const before = log.length;
      await setImmediate();
      most = Math.max(most, log.length - before);
    }
    expect(await work).toEqual([20, 20, 20]);
    expect(log).toEqual([..."a".repeat(20), ..."b".repeat(20), ..."c".repeat(20)]);
    expect(most).toBeLessThanOrEqual(4);
  });

  it("rejects what throws and goes on with the rest", async () => {
    const run = createSlicedWork();
    const failing = run(
      (function* (): Generator<void, number> {
        yield;
        throw new Error("broken");
      })(),
    );
    const next = run(countTo(1, [], "x"));
    await expect(failing).rejects.toThrow("broken");
    expect(await next).toBe(1);
  });
});
