import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { minutes } from "../../../core/duration.ts";
import { WatchedResults } from "./watched.ts";

beforeEach(() => vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());

/** Results that are numbers: how often they were asked for. */
function watchCounts() {
  let asked = 0;
  const hints: (() => void)[] = [];
  const subscribe = (_name: string, _listener: unknown, onGap: () => void): (() => void) => {
    hints.push(onGap);
    return () => {};
  };
  const watched = new WatchedResults({ subscribe }, async () => (asked += 1));
  const call = { method: "alert.list", shape: z.number(), signal: AbortSignal.timeout(10_000) };
  const get = (): Promise<number> =>
    watched.get(call, { event: "alert.list", resync: minutes(2), parse: (result) => call.shape.parse(result) });
  return { get, hint: () => hints.forEach((tell) => tell()) };
}

describe("a watched result", () => {
  it("is kept until the server tells of a change, and until it is old", async () => {
    const { get, hint } = watchCounts();
    expect([await get(), await get()]).toEqual([1, 1]);
    hint();
    expect([await get(), await get()]).toEqual([2, 2]);
    vi.setSystemTime(Date.now() + minutes(2) - 1);
    expect(await get()).toBe(2);
    vi.setSystemTime(Date.now() + 1);
    expect(await get()).toBe(3);
  });

  it("is no younger after a sleep of the machine, or when the clock was set back", async () => {
    const { get } = watchCounts();
    expect(await get()).toBe(1);
    vi.setSystemTime(Date.now() + minutes(480));
    expect(await get()).toBe(2);
    vi.setSystemTime(Date.now() - minutes(60));
    expect([await get(), await get()]).toEqual([3, 3]);
  });
});
