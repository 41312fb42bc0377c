import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";

type Work = (item: string, isNewest: () => boolean) => Promise<void>;
interface Round {
  readonly isRunning: boolean;
  start(items: readonly string[]): Promise<boolean>;
  add(items: readonly string[]): void;
}
// plain JavaScript for browsers, which the compiler does not read
const { Rounds } = (await import(new URL("preview-rounds.js", import.meta.url).href)) as {
  Rounds: new (atATime: number, work: Work) => Round;
};

/** Rounds of two at a time, whose work ends when it is told to. */
function held() {
  const begun: string[] = [];
  const ended: string[] = [];
  const open = new Map<string, () => void>();
  const rounds = new Rounds(2, async (item, isNewest) => {
    begun.push(item);
    await new Promise<void>((resolve) => void open.set(item, resolve));
    if (isNewest()) ended.push(item);
  });
  const end = async (...items: readonly string[]) => {
    for (const item of items) {
      open.get(item)?.();
      await turn();
    }
  };
  return { rounds, begun, ended, end };
}

it("works on some at a time, and is at its end when all are", async () => {
  const { rounds, begun, ended, end } = held();
  const round = rounds.start(["a", "b", "c"]);
  expect([rounds.isRunning, begun]).toEqual([true, ["a", "b"]]);
  await end("b", "c", "a");
  expect([await round, rounds.isRunning, ended]).toEqual([true, false, ["b", "c", "a"]]);
});

it("does what is added by the round that runs, whose own items are not lost", async () => {
  const { rounds, ended, end } = held();
  const round = rounds.start(["a", "b", "c"]);
  rounds.add(["d"]);
  await end("a", "b", "c", "d");
  expect([await round, ended]).toEqual([true, ["a", "b", "c", "d"]]);
});

it("gives way to a newer round", async () => {
  const { rounds, begun, ended, end } = held();
  const older = rounds.start(["a", "b", "c"]);
  const newer = rounds.start(["x"]);
  await end("a", "b");
  expect([await older, rounds.isRunning]).toEqual([false, true]);
  await end("x");
  expect([await newer, begun, ended]).toEqual([true, ["a", "b", "x"], ["x"]]);
});

it("is not held up for ever by work that fails", async () => {
  const rounds = new Rounds(1, () => Promise.reject(new Error("no canvas")));
  await expect(rounds.start(["a"])).rejects.toThrow("no canvas");
  expect(rounds.isRunning).toBe(false);
});
