import { expect, it } from "vitest";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { conversationAt, groupAt } from "./__fixtures__/conversations.ts";
import { delivered, failed, idempotencyKeyOf, threadKeyOf } from "./outcome.ts";

const NOON = 1_795_000_000_000;
const refused = new DeliveryError("message_rejected", "no");
const before = conversationAt({ attempted: true, episode: 1, plain: true });

it("a message that was refused twice is a dead letter, unless a newer one waits already", () => {
  const claim = { before, group: groupAt(NOON) };
  expect(failed(before, claim, refused, NOON)).toMatchObject({ state: "dead" });
  const ended = { ...before, desiredRevision: 2, notBefore: NOON - 1 };
  expect(failed(ended, claim, refused, NOON)).toMatchObject({ state: "pending", plain: false, notBefore: NOON });
});

it("what was delivered knows how many attempts that took", () => {
  const claim = { action: "open", group: groupAt(NOON) } as const;
  const told = { revision: 1, status: "firing", at: NOON, firing: [] } as const;
  const receipt = { remote: {}, answer: "ok" };
  for (const attempts of [1, 3])
    expect(delivered({ ...before, attempts }, claim, receipt, told, NOON)).toMatchObject({
      state: "settled",
      attempts: 0,
      told: { tries: attempts },
    });
});

it("nothing is taken for what was told before the group was forgotten, or before a backup was restored", () => {
  const forgotten = conversationAt({ episode: 1, createdAt: NOON - 40 * 86_400_000 });
  const anew = conversationAt({ episode: 1, createdAt: NOON });
  expect(idempotencyKeyOf(anew, groupAt(NOON))).not.toBe(idempotencyKeyOf(forgotten, groupAt(NOON)));
  expect(threadKeyOf(anew)).not.toBe(threadKeyOf(forgotten));
});
