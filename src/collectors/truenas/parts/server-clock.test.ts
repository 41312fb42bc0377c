import { describe, expect, it } from "vitest";
import { bootTimeOf, serverClock } from "./server-clock.ts";

const START = 1_700_000_000;

describe("the moment of a server's start", () => {
  it("does not wander with the answers' own time", () => {
    const clock = serverClock.create();
    const seen = Array.from({ length: 500 }, (_, i) => {
      const now = START + 1000 + 60 * i;
      // an answer takes up to a second, and the two clocks drift apart by 5 s a day
      return bootTimeOf(clock, now + (i % 10) / 10, 1000 + 60 * i - (5 * 60 * i) / 86_400);
    });
    expect(new Set(seen)).toEqual(new Set([START]));
  });

  it("is another after a restart, however soon it came", () => {
    const clock = serverClock.create();
    expect(bootTimeOf(clock, START + 20, 20)).toBe(START);
    expect(bootTimeOf(clock, START + 50, 2)).toBe(START + 48);
  });

  it("follows when our own clock was set right", () => {
    const clock = serverClock.create();
    expect(bootTimeOf(clock, START + 100, 100)).toBe(START);
    expect(bootTimeOf(clock, START + 3_760, 160)).toBe(START + 3_600);
  });

  it("is unknown without an uptime, and is what it was when there is one again", () => {
    const clock = serverClock.create();
    expect(bootTimeOf(clock, START + 100, 100)).toBe(START);
    expect(bootTimeOf(clock, START + 160, undefined)).toBeUndefined();
    expect(bootTimeOf(clock, START + 160, -1)).toBeUndefined();
    expect(bootTimeOf(clock, START + 221, 220)).toBe(START);
  });
});
