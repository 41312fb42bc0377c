import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { milliseconds, seconds } from "../core/duration.ts";
import { repeat } from "./repeat.ts";

describe("repeat", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("runs after the first wait and then at every interval, moved by at most a twentieth either way", async () => {
    const times: number[] = [];
    const begun = performance.now();
    const job = repeat({
      every: seconds(10),
      after: seconds(1),
      run: async () => void times.push(performance.now() - begun),
    });
    await vi.advanceTimersByTimeAsync(60_000);
    await job.stop();
    expect(times).toHaveLength(6);
    times.forEach((time, i) => expect(Math.abs(time - (1_000 + i * 10_000))).toBeLessThanOrEqual(i === 0 ? 0 : 501));
  });

  it("never runs twice at once, and lets the runs that a slow one overlaps fall out", async () => {
    let underWay = 0;
    let most = 0;
    let runs = 0;
    const job = repeat({
      every: seconds(10),
      after: milliseconds(0),
      random: () => 0.5,
      run: async () => {
        runs += 1;
        most = Math.max(most, (underWay += 1));
        await new Promise((resolve) => setTimeout(resolve, 25_000));
        underWay -= 1;
      },
    });
    await vi.advanceTimersByTimeAsync(89_000);
    expect({ most, runs }).toEqual({ most: 1, runs: 3 });
    const stopping = job.stop();
    await vi.advanceTimersByTimeAsync(25_000);
    await stopping;
  });

  it("comes back soon after runs that ask for another, later after each, and keeps its pace when one does not", async () => {
    const times: number[] = [];
    const begun = performance.now();
    const wishes = ["again", "again", "again", undefined, "again", undefined] as const;
    const job = repeat({
      every: seconds(600),
      after: milliseconds(0),
      random: () => 0.5,
      run: async () => {
        times.push((performance.now() - begun) / 60_000);
        return wishes[times.length - 1];
      },
    });
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    await job.stop();
    expect(times).toEqual([0, 1, 3, 7, 17, 18, 28]);
  });

  it("does not run more often than its interval because of them", async () => {
    let runs = 0;
    const job = repeat({
      every: seconds(600),
      after: milliseconds(0),
      random: () => 0.5,
      run: async () => ((runs += 1), "again"),
    });
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    await job.stop();
    expect(runs).toBe(4 + Math.floor((24 * 60 - 7) / 10));
  });

  it("goes on after a run that throws", async () => {
    let runs = 0;
    const job = repeat({
      every: seconds(1),
      after: milliseconds(0),
      run: () => Promise.reject(new Error(`run ${(runs += 1)}`)),
    });
    await vi.advanceTimersByTimeAsync(3_500);
    await job.stop();
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  it("aborts the run under way when stopped, waits for its end, and leaves no timer behind", async () => {
    let ended = false;
    const job = repeat({
      every: seconds(1),
      after: milliseconds(0),
      run: (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => {
            ended = true;
            reject(signal.reason as Error);
          }),
        ),
    });
    await vi.advanceTimersByTimeAsync(10);
    await job.stop();
    await job.first;
    expect(ended).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("settles `first` when it is stopped before the first run", async () => {
    const job = repeat({ every: seconds(1), after: seconds(1), run: async () => undefined });
    await job.stop();
    await expect(job.first).resolves.toBeUndefined();
  });
});
