import { describe, expect, it } from "vitest";
import { createSilenceWatch } from "./silence-watch.ts";

const sign = (id: string, beat: string) => ({ id, beat });

describe("a watch for silence", () => {
  const create = () => createSilenceWatch({ silence: 15_000, worry: 7_000 });

  it("finds who showed no other beat for long enough, from when it was first seen", () => {
    const watch = create();
    for (let at = 0; at < 15_000; at += 5_000)
      expect(watch.look([sign("dead", "1"), sign("well", String(at))], [at, at + 100])).toEqual([]);
    expect(watch.suspects(10_000)).toBe(true);
    // seen at 100, and asked for before 15,100
    expect(watch.look([sign("dead", "1"), sign("well", "x")], [15_050, 15_200])).toEqual([]);
    expect(watch.look([sign("dead", "1"), sign("well", "y")], [16_000, 16_100])).toEqual([sign("dead", "1")]);
    expect(watch.look([sign("dead", "2")], [17_000, 17_100])).toEqual([]);
    expect(watch.suspects(18_000)).toBe(false);
  });

  it("holds nothing against anybody that it could not hear of by itself", () => {
    const watch = create();
    watch.look([sign("other", "1")], [0, 100]);
    watch.look([sign("other", "1")], [5_000, 5_100]);
    expect(watch.look([sign("other", "1")], [30_000, 30_100])).toEqual([]);
    for (let at = 35_000; at < 45_000; at += 5_000) expect(watch.look([sign("other", "1")], [at, at])).toEqual([]);
    expect(watch.look([sign("other", "1")], [45_100, 45_100])).toEqual([sign("other", "1")]);
  });
});
