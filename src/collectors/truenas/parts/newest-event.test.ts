import { describe, expect, it } from "vitest";
import { milliseconds, seconds } from "../../../core/duration.ts";
import type { LatestEvent } from "../client.ts";
import { newestEvent, type WantedEvent } from "./newest-event.ts";

/** Answers each look with the next of these, and then with the last one. */
function wait(looks: readonly (LatestEvent | undefined)[], options: Partial<WantedEvent> = {}): Promise<unknown> {
  const left = [...looks];
  const latest = (): LatestEvent | undefined => (left.length > 1 ? left.shift() : left[0]);
  const usual = { name: "reporting.realtime", stale: seconds(15), patience: seconds(20) };
  return newestEvent({ latest }, { ...usual, signal: AbortSignal.timeout(10_000), ...options });
}

const event = (fields: string, ageMs = 0): LatestEvent => ({ fields, receivedAt: Date.now() - ageMs });

describe("the newest event", () => {
  it("is there at once when one came", async () => expect(await wait([event("new")])).toBe("new"));

  it("is waited for when none came yet", async () =>
    expect(await wait([undefined, undefined, event("first")])).toBe("first"));

  it("is never an old one", async () => {
    expect(await wait([event("old", 15_500), event("new")])).toBe("new");
    const never = wait([event("old", 15_500)], { patience: milliseconds(1) });
    await expect(never).rejects.toMatchObject({
      reason: "timeout",
      message: expect.stringContaining("REPORTING_READ"),
    });
  });

  it("is none that came before the clock was set back", async () =>
    expect(await wait([event("old", -3_600_000), event("new")])).toBe("new"));

  it("is not waited for any longer than the signal", async () => {
    const stop = new AbortController();
    const waiting = wait([undefined], { signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });
});
