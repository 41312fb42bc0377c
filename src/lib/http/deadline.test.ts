import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { seconds } from "../../core/duration.ts";
import { startDeadline } from "./deadline.ts";

const timeoutOf = (whose: string) => new Error(`timeout: ${whose}`);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("startDeadline", () => {
  it("aborts with an own timeout when the time is over", () => {
    const { signal } = startDeadline(seconds(2), undefined, timeoutOf);
    vi.advanceTimersByTime(1_999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toEqual(new Error("timeout: own"));
  });

  it("follows the caller, whose own timeouts it tells apart", () => {
    const reason = new Error("shutting down");
    expect(startDeadline(seconds(2), AbortSignal.abort(reason), timeoutOf).signal.reason).toBe(reason);
    const caller = new AbortController();
    const { signal } = startDeadline(seconds(2), caller.signal, timeoutOf);
    caller.abort(new DOMException("late", "TimeoutError"));
    expect(signal.reason).toEqual(new Error("timeout: caller"));
  });

  it("leaves nothing behind when stopped", () => {
    const caller = new AbortController();
    const { signal, stop } = startDeadline(seconds(2), caller.signal, timeoutOf);
    expect([vi.getTimerCount(), getEventListeners(caller.signal, "abort").length]).toEqual([1, 1]);
    stop();
    expect([vi.getTimerCount(), getEventListeners(caller.signal, "abort").length]).toEqual([0, 0]);
    caller.abort();
    expect(signal.aborted).toBe(false);
  });
});
