import { expect, test } from "vitest";
import { PendingCalls } from "./pending.ts";

const never = new AbortController().signal;

/** Calls under way with the ids 1, 2, ... and what became of each: its result or the reason of its failure. */
function begin(count: number): { pending: PendingCalls; ended: Map<number, unknown> } {
  const pending = new PendingCalls();
  const ended = new Map<number, unknown>();
  for (let id = 1; id <= count; id += 1)
    void pending.wait(id, { where: `call ${id}`, params: [] }, never).then(
      (result) => ended.set(id, result),
      ({ reason }: { reason: unknown }) => ended.set(id, reason),
    );
  return { pending, ended };
}

const soon = () => new Promise(setImmediate);

test("calls of which none has a readable answer end when there is one unreadable message for each", async () => {
  const { pending, ended } = begin(3);
  pending.unreadable();
  pending.unreadable();
  await soon();
  expect(ended.size).toBe(0);
  pending.unreadable();
  await soon();
  expect([...ended.values()]).toEqual(Array(3).fill("invalid_response"));
  expect(pending.size).toBe(0);
});

test("an answer that comes leaves the unreadable messages to the others", async () => {
  const { pending, ended } = begin(3);
  pending.unreadable();
  pending.unreadable();
  pending.result(2, "yes");
  await soon();
  expect(Object.fromEntries(ended)).toEqual({ 1: "invalid_response", 2: "yes", 3: "invalid_response" });
});

test("a call that began after an unreadable message is not taken for the one that it was meant for", async () => {
  const { pending, ended } = begin(1);
  pending.unreadable();
  const late = pending.wait(7, { where: "call 7", params: [] }, never);
  pending.result(7, "yes");
  expect(await late).toBe("yes");
  expect(Object.fromEntries(ended)).toEqual({ 1: "invalid_response" });
});
