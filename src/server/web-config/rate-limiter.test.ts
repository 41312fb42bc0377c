import { describe, expect, it } from "vitest";
import { milliseconds, seconds } from "../../core/duration.ts";
import { RateLimiter } from "./rate-limiter.ts";

describe("RateLimiter", () => {
  it("lets a burst pass, then one request each interval", () => {
    let now = 0;
    const limiter = new RateLimiter(() => now);
    const limit = { interval: seconds(1), burst: 2 };
    const take = () => limiter.take(limit);
    expect([take(), take(), take()]).toEqual([0, 0, 1_000]);
    now = 400;
    expect(take()).toBe(600);
    now = 1_000;
    expect([take(), take()]).toEqual([0, 1_000]);
    now = 60_000;
    expect([take(), take(), take()]).toEqual([0, 0, 1_000]);
  });

  it("starts anew with another limit and has none without", () => {
    const limiter = new RateLimiter(() => 0);
    const one = { interval: milliseconds(500), burst: 1 };
    expect([limiter.take(one), limiter.take({ ...one }), limiter.take(undefined)]).toEqual([0, 500, 0]);
    expect(limiter.take({ ...one, burst: 3 })).toBe(0);
  });
});
