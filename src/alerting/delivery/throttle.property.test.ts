import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeliveryError } from "../../core/delivery-errors.ts";
import type { DestinationState } from "../../core/conversation.ts";
import { backoffMs } from "./backoff.ts";
import { afterFailure, afterSuccess, allowance, spend } from "./throttle.ts";

const rate = { perSecond: 1, burst: 4 };
const fresh: DestinationState = {
  destination: "d",
  tokens: Number.MAX_SAFE_INTEGER,
  refilledAt: 0,
  pausedUntil: 0,
  failures: 0,
  probeAt: 0,
};
const refused = (reason: ConstructorParameters<typeof DeliveryError>[0], retryAfterMs?: number) =>
  new DeliveryError(reason, "no", { retryAfterMs });

describe("the token bucket", () => {
  it("lets through no more than its burst and its rate in any stretch of time", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3_000), fc.nat(10)), { minLength: 1, maxLength: 60 }), (steps) => {
        let state = fresh;
        let now = 1_000_000;
        const sent: number[] = [];
        for (const [wait, wanted] of steps) {
          now += wait;
          const count = Math.min(wanted, allowance(state, rate, now));
          state = spend(state, rate, count, now);
          sent.push(...Array.from({ length: count }, () => now));
        }
        for (const [i, from] of sent.entries())
          for (let j = i; j < sent.length; j += 1)
            expect(j - i + 1).toBeLessThanOrEqual(
              rate.burst + (((sent[j] ?? 0) - from) / 1000) * rate.perSecond + 1e-6,
            );
      }),
    );
  });

  it("goes on when the clock was put back, or forward by a day", () => {
    const empty = spend(fresh, rate, 4, 10_000_000);
    expect(allowance(empty, rate, 10_000_000)).toBe(0);
    expect(allowance(empty, rate, 1_000)).toBe(1);
    const back = spend(empty, rate, 1, 1_000);
    expect(allowance(back, rate, 3_000)).toBe(2);
    expect(allowance(empty, rate, 10_000_000 + 86_400_000)).toBe(4);
  });

  it("gives nothing away to a replica whose transaction waited for another one's", () => {
    const empty = spend(fresh, rate, 4, 10_000_000);
    expect(allowance(empty, rate, 10_000_000 - 4_000)).toBe(0);
  });
});

describe("a destination that refuses", () => {
  it("pauses for as long as it asks, but not for longer than a quarter of an hour", () => {
    const paused = afterFailure(fresh, refused("rate_limited", 20_000), 1_000);
    expect(allowance(paused, rate, 20_999)).toBe(0);
    expect(allowance(paused, rate, 21_000)).toBeGreaterThan(0);
    const lied = afterFailure(fresh, refused("rate_limited", 10 ** 9), 1_000);
    expect(allowance(lied, rate, 1_000 + 15 * 60_000)).toBeGreaterThan(0);
  });

  it("does not wait for a pause that a clock put back made endless", () => {
    const paused = afterFailure(fresh, refused("rate_limited", 60_000), 10 ** 9);
    expect(allowance(paused, rate, 1_000)).toBeGreaterThan(0);
  });

  it("is broken at once when a person must mend it, and after five failures in a row otherwise", () => {
    const wrongKey = afterFailure(fresh, refused("unauthorized"), 1_000);
    expect(wrongKey).toMatchObject({ brokenReason: "unauthorized", brokenSince: 1_000 });
    let down = fresh;
    for (let i = 0; i < 4; i += 1) down = afterFailure(down, refused("unreachable"), 1_000 + i);
    expect(down.brokenReason).toBeUndefined();
    expect(afterFailure(down, refused("unreachable"), 2_000).brokenReason).toBe("unreachable");
  });

  it("is probed after the same time however many deliveries were under way when it broke", () => {
    let down = fresh;
    for (let i = 0; i < 5; i += 1) down = afterFailure(down, refused("unreachable"), 1_000, 500);
    expect(down.brokenReason).toBe("unreachable");
    for (let i = 0; i < 20; i += 1)
      expect(afterFailure(down, refused("unreachable"), 1_100 + i, 500 + i)).toEqual(down);
    const probed = spend(down, rate, 1, down.probeAt);
    const probedInVain = afterFailure(probed, refused("unreachable"), down.probeAt + 500, 400);
    expect(probedInVain.failures).toBe(6);
    expect(probedInVain.probeAt).toBeGreaterThan(probed.probeAt);
  });

  it("gets one probe at a time while it is broken, and everything after a success", () => {
    const broken = afterFailure(fresh, refused("unauthorized"), 1_000);
    expect(allowance(broken, rate, 2_000)).toBe(0);
    const { probeAt } = broken;
    expect(allowance(broken, rate, probeAt)).toBe(1);
    const probing = spend(broken, rate, 1, probeAt);
    expect(allowance(probing, rate, probeAt + 1)).toBe(0);
    expect(allowance(afterSuccess(probing), rate, probeAt + 60_000)).toBe(4);
  });

  it("does not count against its messages, once it fails otherwise, for how long a person had to mend it", () => {
    let locked = fresh;
    for (let i = 0; i < 500; i += 1) locked = afterFailure(locked, refused("unauthorized"), 1_000 + i);
    const down = afterFailure(locked, refused("unreachable"), 2_000);
    expect(down).toMatchObject({ brokenReason: "unreachable", failures: 5 });
  });

  it("is not broken by a message that it refuses for its content", () => {
    expect(afterFailure(fresh, refused("message_rejected"), 1_000)).toBe(fresh);
  });
});

describe("backoffMs", () => {
  it("is at least a quarter of a second, at most five minutes, and at least what the destination asks for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.option(fc.nat(10 ** 9), { nil: undefined }),
        (attempts, after) => {
          const wait = backoffMs(attempts, after);
          expect(wait).toBeGreaterThanOrEqual(250);
          expect(wait).toBeLessThanOrEqual(15 * 60_000);
          expect(wait).toBeGreaterThanOrEqual(Math.min(after ?? 0, 15 * 60_000));
          expect(wait).toBeLessThanOrEqual(Math.max(after ?? 0, 5 * 60_000));
        },
      ),
    );
  });
});
