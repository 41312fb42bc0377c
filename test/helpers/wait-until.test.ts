import { expect, it } from "vitest";
import { GivenUp, waitUntil } from "./wait-until.ts";

it("returns the first result", async () => {
  const answers = [undefined, false, new Error("not yet"), 0, 1] as const;
  let asked = 0;
  const check = (): 0 | 1 | false | undefined => {
    const answer = answers[asked++];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  expect(await waitUntil("there is an answer", check, { everyMs: 1 })).toBe(0);
  expect(asked).toBe(4);
});

it("says at the deadline what it waited for, and what the last try said", async () => {
  const silent = waitUntil("the moon is blue", () => false, { deadlineMs: 20, everyMs: 1 });
  await expect(silent).rejects.toThrow(/^Waited 0\.02 s in vain until the moon is blue$/);
  const failing = waitUntil("it answers", () => Promise.reject(new Error("refused")), { deadlineMs: 20, everyMs: 1 });
  await expect(failing).rejects.toThrow("Waited 0.02 s in vain until it answers; the last try failed: refused");
});

it("waits no longer when the check gives up", async () => {
  const check = (): never => {
    throw new GivenUp("it is gone");
  };
  await expect(waitUntil("it answers", check)).rejects.toThrow("it is gone");
});
