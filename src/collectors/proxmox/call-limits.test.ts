import { describe, expect, it } from "vitest";
import { milliseconds, seconds } from "../../core/duration.ts";
import { CallLimits } from "./call-limits.ts";

const SHORT = { timeout: milliseconds(30) };
const LONG = { timeout: seconds(60) };
const never = () => new Promise<string>(() => {});
const quick = async () => "done";

describe("CallLimits", () => {
  it("lets three calls to a node begin at once, and the next when one of them ends", async () => {
    const turns = new CallLimits();
    const ends = [1, 2, 3].map(() => Promise.withResolvers<string>());
    const begun: number[] = [];
    const calls = [0, 1, 2, 3].map((i) =>
      turns.take("a", {}, () => {
        begun.push(i);
        return ends[i]?.promise ?? quick();
      }),
    );
    await Promise.resolve();
    expect(begun).toEqual([0, 1, 2]);
    expect(await turns.take("b", {}, quick)).toBe("done");
    ends[1]?.resolve("second");
    expect(await calls[1]).toBe("second");
    expect(await calls[3]).toBe("done");
  });

  it("keeps a call waiting no longer than it may take itself, and does not ask after that", async () => {
    const turns = new CallLimits();
    const end = Promise.withResolvers<string>();
    const hung = [1, 2, 3].map(() => turns.take("a", {}, () => end.promise));
    let isAsked = false;
    const ask = async () => (isAsked = true);
    await expect(turns.take("a", SHORT, ask)).rejects.toMatchObject({
      reason: "timeout",
      message: "other calls to node a left no turn within 30ms",
    });
    end.resolve("late");
    await Promise.all(hung);
    expect(await turns.take("a", SHORT, quick)).toBe("done");
    expect(isAsked).toBe(false);
  });

  it("leaves a place to short calls however many long ones hang", async () => {
    const turns = new CallLimits();
    // those that get no turn fail a minute later, when nobody looks any more
    for (let i = 0; i < 5; i++) turns.take("a", LONG, never).catch(() => {});
    expect(await turns.take("a", SHORT, quick)).toBe("done");
  });

  it("passes on why a call failed", async () => {
    const failing = new CallLimits().take("a", {}, () => Promise.reject(new Error("broken")));
    await expect(failing).rejects.toThrow("broken");
  });
});
