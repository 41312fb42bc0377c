import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertGroup } from "../../core/alert-group.ts";
import { DELIVERY_REASONS, DeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";
import type { Conversation } from "../../core/conversation.ts";
import type { Claimed } from "../../core/delivery-store.ts";
import type { DeliveryAction } from "../../core/notifier.ts";
import { conversationAt, groupAt } from "./__fixtures__/conversations.ts";
import { decide } from "./decide.ts";
import { delivered, failed, idempotencyKeyOf } from "./outcome.ts";

const HOUR = 3_600_000;

const groupOf = (isFiring: boolean, revision: number, at: number): AlertGroup => groupAt(at, { isFiring, revision });

/** What happens between two looks at the conversation. */
type Event =
  | { readonly kind: "change"; readonly isFiring: boolean }
  /** The attempt is taken by the destination, or not, and the answer is one of these. */
  | { readonly kind: "deliver"; readonly isTaken: boolean; readonly reason: DeliveryReason | undefined }
  /** The process dies within the attempt. */
  | { readonly kind: "crash"; readonly isTaken: boolean };

const reasons = Object.keys(DELIVERY_REASONS) as DeliveryReason[];
/** Failures after which the destination has the message perhaps; after all others it has not. */
const AMBIGUOUS = new Set<DeliveryReason>(["timeout", "connection_lost", "server_error", "invalid_answer", "internal"]);

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("change" as const), isFiring: fc.boolean() }),
  fc.constant({ kind: "deliver" as const, isTaken: true, reason: undefined }),
  fc
    .record({ kind: fc.constant("deliver" as const), isTaken: fc.boolean(), reason: fc.constantFrom(...reasons) })
    .map((one) => ({ ...one, isTaken: one.isTaken && AMBIGUOUS.has(one.reason) })),
  fc.record({ kind: fc.constant("crash" as const), isTaken: fc.boolean() }),
);

/** A destination as PagerDuty is one: an incident is open or not, and a close without an open one is dropped. */
class World {
  group = groupOf(true, 1, 0);
  conversation: Conversation = conversationAt({});
  now = 1;
  isIncidentOpen = false;
  readonly log: { readonly action: DeliveryAction; readonly key: string }[] = [];

  change(isFiring: boolean): void {
    this.now += 1_000;
    const wasFiring = this.group.alerts[0]?.state === "firing";
    if (wasFiring === isFiring) return;
    this.group = groupOf(isFiring, this.group.revision + 1, this.now);
    this.conversation = { ...this.conversation, desiredRevision: this.group.revision, state: "pending" };
  }

  /** One turn of the worker. Gives false when there was nothing to send. */
  turn(event: Exclude<Event, { kind: "change" }>): boolean {
    this.now = Math.max(this.now + 1_000, this.conversation.notBefore);
    const before = this.conversation;
    if (before.state !== "pending") return false;
    const context = { now: this.now, heldUntil: undefined, giveUpAfterMs: HOUR * 1e6, destinationFailures: 0 };
    const { next, send } = decide(before, this.group, context);
    this.conversation = next;
    if (send === undefined) return false;
    const claim: Claimed = { conversation: next, group: this.group, action: send, before };
    if (event.isTaken) this.take(send, idempotencyKeyOf(next, this.group));
    if (event.kind === "crash") return true;
    const { reason } = event;
    this.conversation =
      reason === undefined
        ? delivered(next, claim, { remote: {}, answer: "ok" }, this.told(), this.now)
        : failed(next, claim, new DeliveryError(reason, "no"), this.now);
    return true;
  }

  take(action: DeliveryAction, key: string): void {
    this.log.push({ action, key });
    this.isIncidentOpen = action !== "close";
  }

  told(): NonNullable<Conversation["told"]> {
    const isFiring = this.group.alerts[0]?.state === "firing";
    return { revision: this.group.revision, status: isFiring ? "firing" : "resolved", at: this.now, firing: [] };
  }

  /** The destination is well again: everything that waits is delivered. */
  settle(): void {
    if (this.conversation.state === "dead") this.conversation = { ...this.conversation, state: "pending" };
    for (let turns = 0; this.conversation.state === "pending" && turns < 10; turns += 1)
      this.turn({ kind: "deliver", isTaken: true, reason: undefined });
  }
}

const run = (events: readonly Event[]): World => {
  const world = new World();
  for (const one of events) {
    if (one.kind === "change") world.change(one.isFiring);
    else world.turn(one);
  }
  return world;
};

describe("a conversation, whatever happens to it", () => {
  it("ends with what is true", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const world = run(events);
        world.settle();
        expect(world.conversation.state).toBe("settled");
        expect(world.isIncidentOpen).toBe(world.group.alerts[0]?.state === "firing");
      }),
      { numRuns: 2_000 },
    );
  });

  it("opens and closes in turn as long as every answer arrives", () => {
    const answered = event.filter(
      (one) =>
        one.kind === "change" || (one.kind === "deliver" && (one.reason === undefined || !AMBIGUOUS.has(one.reason))),
    );
    fc.assert(
      fc.property(fc.array(answered, { maxLength: 40 }), (events) => {
        const world = run(events);
        world.settle();
        const turns = world.log.map(({ action }) => action).filter((action) => action === "open" || action === "close");
        expect(turns).toEqual(turns.map((_, i) => (i % 2 === 0 ? "open" : "close")));
        expect(new Set(world.log.map(({ key }) => key)).size).toBe(world.log.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it("tells nothing of what was over before anybody could be told", () => {
    const world = new World();
    world.turn({ kind: "deliver", isTaken: false, reason: "unreachable" });
    world.change(false);
    world.settle();
    expect(world.log).toEqual([]);
  });

  it("closes what may have been opened by an attempt whose answer never came", () => {
    const world = new World();
    world.turn({ kind: "crash", isTaken: true });
    world.change(false);
    world.settle();
    expect(world.log.map(({ action }) => action)).toEqual(["open", "close"]);
  });

  it("uses the same key for every attempt to tell the same", () => {
    const world = new World();
    world.turn({ kind: "deliver", isTaken: true, reason: "timeout" });
    world.turn({ kind: "deliver", isTaken: true, reason: "connection_lost" });
    world.settle();
    expect(new Set(world.log.map(({ key }) => key)).size).toBe(1);
    expect(world.log).toHaveLength(3);
  });
});
