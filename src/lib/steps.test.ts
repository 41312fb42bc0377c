import { describe, expect, it } from "vitest";
import { computeAtOnce, computeInTurns, mapInSteps, type Steps } from "./steps.ts";

/** Ends when somebody else was served, which never happens at once. */
function* untilServed(isServed: () => boolean): Steps<string> {
  while (!isServed()) yield;
  return "served";
}

describe("a computation in steps", () => {
  it("gives the same at once and in turns", async () => {
    const steps = (): Steps<number[]> => mapInSteps([1, 2, 3, 4, 5], 2, (item, at) => item * 10 + at);
    expect(computeAtOnce(steps())).toStrictEqual([10, 21, 32, 43, 54]);
    expect(await computeInTurns(steps(), new AbortController().signal)).toStrictEqual([10, 21, 32, 43, 54]);
  });

  it("lets others have the event loop", async () => {
    let isServed = false;
    setImmediate(() => {
      isServed = true;
    });
    const steps = untilServed(() => isServed);
    expect(await computeInTurns(steps, new AbortController().signal)).toBe("served");
  });

  it("can be left after so many items, and not before the first or after the last", () => {
    const stepsOf = (count: number): number =>
      [...mapInSteps(Array.from({ length: count }), 2, () => undefined)].length;
    expect([0, 1, 2, 3, 4, 5].map(stepsOf)).toStrictEqual([0, 0, 0, 1, 1, 2]);
  });

  it("ends when it is aborted, with the reason, and when it throws, with the error", async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error("closing")));
    await expect(
      computeInTurns(
        untilServed(() => false),
        controller.signal,
      ),
    ).rejects.toThrow("closing");
    const failing = mapInSteps([1], 1, () => {
      throw new Error("no such item");
    });
    await expect(computeInTurns(failing, new AbortController().signal)).rejects.toThrow("no such item");
  });
});
