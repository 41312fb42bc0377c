import { expect, it } from "vitest";
import { DeliveryError } from "../../core/delivery-errors.ts";
import { conversationAt, groupAt } from "./__fixtures__/conversations.ts";
import { decide } from "./decide.ts";
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

it("what was sent to a destination that refused it was tried, though nothing is held against the message", () => {
  const told = { revision: 1, status: "firing", at: NOON, firing: [] } as const;
  let waiting = conversationAt({ pendingSince: NOON - 48 * 3_600_000 });
  const context = { now: NOON, heldUntil: undefined, giveUpAfterMs: 60_000, destinationFailures: 0 };
  const reasons = ["rate_limited", "unauthorized", "forbidden", "credential_unreadable", "tls_untrusted"] as const;
  for (const reason of [...reasons, ...reasons, ...reasons]) {
    const before = waiting;
    const { next, send } = decide(before, groupAt(NOON), context);
    expect(send).toBe("open");
    waiting = failed(next, { before, group: groupAt(NOON) }, new DeliveryError(reason, "no"), NOON);
  }
  expect(waiting.attempts).toBe(12);
  const { next: last } = decide(waiting, groupAt(NOON), context);
  // it waits as after the first failure
  const away = failed(last, { before: waiting, group: groupAt(NOON) }, new DeliveryError("timeout", "no"), NOON);
  expect(away.notBefore - NOON).toBeLessThanOrEqual(1_000);
  const claim = { action: "open", group: groupAt(NOON) } as const;
  const done = delivered(last, claim, { remote: {}, answer: "ok" }, told, NOON);
  expect(done).toMatchObject({ attempts: 0, excused: undefined, told: { tries: 13 } });
});

it("what was excused of former attempts excuses none that count anew", () => {
  const retried = conversationAt({ attempts: 0, excused: 9 });
  const context = { now: NOON, heldUntil: undefined, giveUpAfterMs: 60_000, destinationFailures: 0 };
  let waiting = retried;
  for (let tries = 0; tries < 8; tries++) {
    const { next } = decide(waiting, groupAt(NOON), context);
    expect(next.state).toBe("pending");
    waiting = failed(next, { before: waiting, group: groupAt(NOON) }, new DeliveryError("timeout", "no"), NOON);
  }
  expect(decide(waiting, groupAt(NOON), context).next.state).toBe("dead");
});

it("nothing is taken for what was told before the group was forgotten, or before a backup was restored", () => {
  const forgotten = conversationAt({ episode: 1, createdAt: NOON - 40 * 86_400_000 });
  const anew = conversationAt({ episode: 1, createdAt: NOON });
  expect(idempotencyKeyOf(anew, groupAt(NOON))).not.toBe(idempotencyKeyOf(forgotten, groupAt(NOON)));
  expect(threadKeyOf(anew)).not.toBe(threadKeyOf(forgotten));
});
