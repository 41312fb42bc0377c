import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { seconds } from "../../core/duration.ts";
import { watchSilence } from "./silence.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What is done to a socket, each with its second, when bytes come at these seconds. */
function watch({ isBusy, heardAt = [] }: { isBusy: boolean; heardAt?: readonly number[] }): string[] {
  const done: string[] = [];
  let second = 0;
  let bytes = 0;
  const stop = watchSilence(seconds(20), {
    bytesRead: () => bytes,
    isBusy: () => isBusy,
    ask: () => done.push(`asked at ${second}`),
    drop: () => {
      done.push(`dropped at ${second}`);
      stop();
    },
  });
  for (second = 1; second <= 120; second++) {
    if (heardAt.includes(second)) bytes++;
    vi.advanceTimersByTime(1_000);
  }
  stop();
  expect(vi.getTimerCount()).toBe(0);
  return done;
}

it("a socket without calls is asked after the silence, and dropped after half as long again", () => {
  expect(watch({ isBusy: false })).toEqual(["asked at 20", "dropped at 30"]);
});

it("a socket with a call under way is asked after a quarter of it", () => {
  expect(watch({ isBusy: true })).toEqual(["asked at 5", "dropped at 15"]);
});

it("a byte that comes starts the silence anew", () => {
  expect(watch({ isBusy: false, heardAt: [18, 42, 58] })).toEqual(["asked at 40", "asked at 80", "dropped at 90"]);
});
