import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minutes } from "../../core/duration.ts";
import { aSource } from "./__fixtures__/setting.ts";
import { SourceWatcher } from "./watchdog.ts";

const NOON = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;
const STEP = 30_000;

/** Five minutes are borne three times. */
const watched = aSource({ watchdog: { matchers: [], every: minutes(5), misses: 3 } });

/** A watcher with a clock that never jumps and one that may. */
function watching() {
  const watcher = new SourceWatcher([watched, aSource({ name: "unwatched" })]);
  let monotonic = 1_000;
  let wall = NOON;
  let heard: number | undefined;
  const check = () => {
    const watches = watcher.check(new Map(heard === undefined ? [] : [["main", heard]]), wall, monotonic);
    expect(watches).toHaveLength(1);
    return watches[0]?.state;
  };
  return {
    check,
    heard: (at: number) => void (heard = at),
    hear: () => void (heard = wall),
    jump: (ms: number) => void (wall += ms),
    /** Passes time with a check every half a minute; gives the last state. */
    pass: (ms: number) => {
      let state = check();
      for (let passed = 0; passed < ms; passed += STEP) {
        monotonic += STEP;
        wall += STEP;
        state = check();
      }
      return state;
    },
    sleep: (ms: number) => {
      monotonic += ms;
      wall += ms;
    },
  };
}

describe("a watched source", () => {
  it("is silent after so many misses, and heard again at the next sign of life", () => {
    const source = watching();
    source.hear();
    expect(source.check()).toBe("heard");
    source.hear();
    expect(source.pass(15 * MINUTE)).toBe("heard");
    expect(source.pass(STEP)).toBe("silent");
    source.hear();
    expect(source.check()).toBe("heard");
  });

  it("that was never heard is silent after as long", () => {
    const source = watching();
    expect(source.pass(15 * MINUTE)).toBe("unsure");
    expect(source.pass(STEP)).toBe("silent");
  });

  it("is listened to for an interval after a restart before an old sign of life counts as silence", () => {
    const source = watching();
    source.heard(NOON - 60 * MINUTE);
    expect(source.pass(5 * MINUTE - STEP)).toBe("unsure");
    expect(source.pass(STEP)).toBe("silent");
  });

  it.each([12 * 60 * MINUTE, -12 * 60 * MINUTE])("does not fall silent by a clock that jumps by %i ms", (jump) => {
    const source = watching();
    source.hear();
    source.check();
    source.sleep(STEP);
    source.hear();
    source.check();
    source.jump(jump);
    expect(source.pass(10 * MINUTE)).toBe("heard");
    source.hear();
    expect(source.pass(15 * MINUTE)).toBe("heard");
    expect(source.pass(STEP)).toBe("silent");
  });

  it("does not fall silent because this process was stopped for a while", () => {
    const source = watching();
    source.hear();
    source.check();
    source.sleep(STEP);
    source.hear();
    source.check();
    source.sleep(120 * MINUTE);
    expect(source.check()).toBe("heard");
    expect(source.pass(10 * MINUTE)).toBe("heard");
  });

  it("that gives signs of life in time is never silent, whatever the clock does", () => {
    const events = fc.array(
      fc.oneof(
        fc.record({ jump: fc.integer({ min: -1e9, max: 1e9 }) }),
        fc.record({ pass: fc.integer({ min: 1, max: 9 }) }),
      ),
    );
    fc.assert(
      fc.property(events, (all) => {
        const source = watching();
        source.hear();
        source.check();
        const states = all.map((event) => {
          if ("jump" in event) source.jump(event.jump);
          const state = source.pass("pass" in event ? event.pass * STEP : 0);
          source.jump(1);
          source.hear();
          source.check();
          return state;
        });
        expect(states).not.toContain("silent");
      }),
    );
  });
});
