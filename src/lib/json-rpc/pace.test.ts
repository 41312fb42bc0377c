import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { milliseconds, minutes, seconds } from "../../core/duration.ts";
import type { CollectReason } from "../../core/errors.ts";
import type { RpcPace } from "./contract.ts";
import { SocketPace } from "./pace.ts";

const PACE: RpcPace = {
  open: seconds(15),
  firstWait: seconds(1),
  lastWait: seconds(60),
  refusedWait: seconds(60),
  openings: 8,
  window: minutes(1),
  silence: seconds(20),
};

/** The waits after each of several failures, each tried as soon as it may be. */
function waitsAfter(reasons: readonly CollectReason[]): number[] {
  const pace = new SocketPace({ ...PACE, openings: 1_000 });
  let now = 0;
  return reasons.map((reason) => {
    pace.opened(now);
    pace.failed(now, reason);
    const wait = pace.waitAt(now);
    now += wait;
    return wait / 1_000;
  });
}

describe("the pace of sockets", () => {
  it("waits twice as long after each failure, a minute at most", () => {
    expect(waitsAfter(Array.from({ length: 9 }, () => "connection_refused"))).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("waits long after a refused login, ten minutes at most", () => {
    const refused = Array.from({ length: 6 }, (): CollectReason => "unauthorized");
    expect(waitsAfter(refused)).toEqual([60, 120, 240, 480, 600, 600]);
    expect(waitsAfter(["rate_limited"])).toEqual([60]);
  });

  it("forgets refusals at a login, and failures at a life that was long enough", () => {
    const pace = new SocketPace(PACE);
    pace.failed(0, "unauthorized");
    pace.failed(0, "timeout");
    pace.loggedIn();
    pace.failed(0, "unauthorized");
    expect(pace.waitAt(0)).toBe(60_000);
    pace.lost(100_000, 90_000, "connection_reset");
    expect(pace.waitAt(100_000)).toBe(0);
    pace.lost(100_000, 99_000, "connection_reset");
    expect(pace.waitAt(100_000)).toBe(1_000);
  });

  it("lets a socket that drops every ten seconds be opened anew at once, for as long as it goes on", () => {
    const pace = new SocketPace(PACE);
    for (let now = 0; now < 3_600_000; now += 10_000) {
      expect(pace.waitAt(now)).toBe(0);
      pace.opened(now);
      pace.loggedIn();
      pace.lost(now + 10_000, now, "connection_reset");
    }
  });

  it("never lets more be opened within the window than it takes, and never waits for ever", () => {
    const step = fc.record({
      idle: fc.integer({ min: 0, max: 20_000 }),
      life: fc.option(fc.integer({ min: 0, max: 90_000 })),
      reason: fc.constantFrom<CollectReason>("connection_reset", "timeout", "unauthorized"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pace = new SocketPace({ ...PACE, firstWait: milliseconds(1), lastWait: milliseconds(50) });
        const opened: number[] = [];
        let now = 0;
        for (const { idle, life, reason } of steps) {
          now += idle;
          const wait = pace.waitAt(now);
          expect(wait).toBeLessThanOrEqual(600_000);
          now += wait;
          expect(pace.waitAt(now)).toBe(0);
          pace.opened(now);
          opened.push(now);
          if (life === null) pace.failed(now, reason);
          else pace.lost((now += life), now - life, reason);
        }
        for (const [i, at] of opened.entries()) {
          expect((opened[i + 8] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(60_000);
        }
      }),
    );
  });
});
