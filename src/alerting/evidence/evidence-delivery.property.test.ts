import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOpen, type AlertGroup } from "../../core/alert-group.ts";
import type { Conversation } from "../../core/conversation.ts";
import { DeliveryError } from "../../core/delivery-errors.ts";
import type { DeliveryAction } from "../../core/notifier.ts";
import { conversationAt } from "../delivery/__fixtures__/conversations.ts";
import { decide } from "../delivery/decide.ts";
import { delivered, failed } from "../delivery/outcome.ts";
import { alert, MINUTE, NOON, over, report } from "../groups/__fixtures__/reports.ts";
import { applyNotification } from "../groups/apply-notification.ts";
import { buildMessage, toldOf } from "../messages/build-message.ts";
import { attachEvidence } from "./attach-evidence.ts";

/** What happens; each takes three minutes. */
type Event =
  /** A notification: these of the alerts fire. When nothing changes it is a repetition. */
  | { readonly kind: "notify"; readonly firing: readonly string[] }
  | { readonly kind: "evidence"; readonly says: string; readonly foundNothing: boolean }
  | { readonly kind: "wait" }
  /** All that waits is delivered, after so many attempts that fail. */
  | { readonly kind: "deliver"; readonly failures: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ kind: fc.constant("notify" as const), firing: fc.subarray(["a", "b"]) }),
  fc.record({
    kind: fc.constant("evidence" as const),
    says: fc.constantFrom("disk is full", "version 2", "certificate is over"),
    foundNothing: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("deliver" as const), failures: fc.nat(2) }),
);
const histories = fc.array(event, { maxLength: 30 });

interface Delivery {
  readonly action: DeliveryAction;
  /** Whether the message says that nothing but evidence is new. */
  readonly isEvidenceOnly: boolean;
  readonly foundNothing: boolean;
  /** How often the group had begun to fire. */
  readonly begun: number;
  /** All of the message that is not evidence. */
  readonly rest: object;
  readonly evidence: string | undefined;
  readonly hasNewEvidence: boolean;
  readonly firing: readonly string[];
}

class World {
  group: AlertGroup | undefined;
  conversation: Conversation | undefined;
  readonly log: Delivery[] = [];
  #now = NOON;
  #bundles = 0;
  #begun = 0;
  readonly #began = new Map<string, number>();

  play(one: Event): void {
    this.#now += 3 * MINUTE;
    if (one.kind === "notify") this.#notify(one.firing);
    else if (one.kind === "evidence") this.#find(one.says, one.foundNothing);
    else if (one.kind === "deliver") this.deliver(one.failures);
  }

  #notify(firing: readonly string[]): void {
    const ended = [...this.#began].filter(([name]) => !firing.includes(name));
    for (const name of firing) if (!this.#began.has(name)) this.#began.set(name, this.#now);
    for (const [name] of ended) this.#began.delete(name);
    const alerts = [
      ...[...this.#began].map(([name, startsAt]) => alert(name, { startsAt })),
      ...ended.map(([name, startsAt]) => over(name, startsAt, this.#now)),
    ];
    this.#save(applyNotification(this.group, report(alerts), this.#now));
  }

  #find(says: string, foundNothing: boolean): void {
    if (this.group === undefined) return;
    const bundleId = String((this.#bundles += 1));
    const evidence = { bundleId, at: this.#now, lines: [says], ...(foundNothing && { foundNothing: true as const }) };
    this.#save(attachEvidence(this.group, evidence).apply(this.group, false));
  }

  #save(next: AlertGroup | undefined): void {
    if (next === undefined || next === this.group) return;
    if (isOpen(next) && (this.group === undefined || !isOpen(this.group))) this.#begun += 1;
    this.group = next;
    if (this.conversation === undefined) {
      if (isOpen(next)) this.conversation = conversationAt({ desiredRevision: next.revision });
    } else this.conversation = { ...this.conversation, desiredRevision: next.revision, state: "pending" };
  }

  deliver(failures = 0): void {
    for (let left = failures; this.conversation?.state === "pending"; left -= 1) this.#turn(left > 0);
  }

  #turn(isFailing: boolean): void {
    const { group, conversation: before } = this;
    if (group === undefined || before === undefined) return;
    const now = (this.#now = Math.max(this.#now, before.notBefore));
    const context = { now, heldUntil: undefined, giveUpAfterMs: 1e15, destinationFailures: 0 };
    const { next, send: action } = decide(before, group, context);
    this.conversation = next;
    if (action === undefined) return;
    const claim = { conversation: next, group, action, before };
    if (isFailing) this.conversation = failed(next, claim, new DeliveryError("unreachable", "no"), now);
    if (isFailing) return;
    const { told } = before;
    const message = buildMessage({ group, told, action, externalUrl: "https://w.example.org", conversationId: "c" });
    const { evidence: _, foundNothing, changes, revision: __, links, ...rest } = message;
    this.log.push({
      action,
      isEvidenceOnly: changes?.isEvidenceOnly === true,
      foundNothing: foundNothing === true,
      begun: this.#begun,
      rest: { ...rest, links: { ...links, evidence: undefined } },
      evidence: message.evidence === undefined ? undefined : group.evidence?.bundleId,
      hasNewEvidence: changes?.hasNewEvidence === true,
      firing: group.alerts.filter(({ state }) => state === "firing").map(({ fingerprint }) => fingerprint),
    });
    this.conversation = delivered(next, claim, { remote: {}, answer: "ok" }, toldOf(group, now), now);
  }
}

const run = (events: readonly Event[]): World => {
  const world = new World();
  for (const one of events) world.play(one);
  world.deliver();
  return world;
};

describe("evidence among whatever else happens to a group", () => {
  it("loses, delays and adds no other message", () => {
    fc.assert(
      fc.property(histories, (events) => {
        const news = ({ log }: World) =>
          log.filter((one) => !one.isEvidenceOnly).map(({ action, firing }) => [action, firing]);
        const without = events.map((one): Event => (one.kind === "evidence" ? { kind: "wait" } : one));
        expect(news(run(events))).toEqual(news(run(without)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("is told once, and of an open group always, in the end", () => {
    fc.assert(
      fc.property(histories, (events) => {
        const { log, group, conversation } = run(events);
        const edits = log.filter(({ isEvidenceOnly }) => isEvidenceOnly);
        expect(new Set(edits.map(({ evidence }) => evidence)).size).toBe(edits.length);
        const announced = log.filter(({ hasNewEvidence }) => hasNewEvidence);
        expect(new Set(announced.map(({ evidence }) => evidence)).size).toBe(announced.length);
        const isUntold = group !== undefined && isOpen(group) && log.at(-1)?.evidence !== group.evidence?.bundleId;
        expect(isUntold).toBe(false);
        expect(conversation?.told?.evidence).toBe(log.at(-1)?.evidence);
      }),
      { numRuns: 1_000 },
    );
  });

  it("alone changes nothing else of a message, and is announced when it found something", () => {
    fc.assert(
      fc.property(histories, (events) => {
        const { log } = run(events);
        for (const [at, one] of log.entries()) {
          if (!one.isEvidenceOnly) continue;
          expect(one.action).toBe("update");
          expect(one.rest).toEqual(log[at - 1]?.rest);
          expect(one.evidence).not.toBe(log[at - 1]?.evidence);
          expect(one.hasNewEvidence).toBe(!one.foundNothing);
        }
        expect(log.filter(({ hasNewEvidence, foundNothing }) => hasNewEvidence && foundNothing)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("that found something is never replaced by what found nothing while the group is open", () => {
    fc.assert(
      fc.property(histories, (events) => {
        const { log } = run(events);
        const worse = log.filter(({ begun, foundNothing }, at) => {
          const former = log[at - 1];
          return foundNothing && former?.begun === begun && former.evidence !== undefined && !former.foundNothing;
        });
        expect(worse).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is never told of a group that fires anew, of the time before", () => {
    fc.assert(
      fc.property(histories, (events) => {
        const { log } = run(events);
        const former = (at: number) => log.slice(0, at).map(({ evidence }) => evidence);
        const old = log.filter(
          ({ action, evidence }, at) => action === "open" && evidence !== undefined && former(at).includes(evidence),
        );
        expect(old).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps a reminder that waits from becoming a silent edit, and repeats none that was told", () => {
    const firing: Event = { kind: "notify", firing: ["a"] };
    const found = (says: string): Event => ({ kind: "evidence", says, foundNothing: false });
    const now: Event = { kind: "deliver", failures: 0 };
    const actions = (...events: readonly Event[]) => run(events).log.map(({ action }) => action);
    expect(actions(firing, now, firing, found("x"), now)).toEqual(["open", "remind"]);
    expect(actions(firing, now, firing, found("x"), found("y"), now)).toEqual(["open", "remind"]);
    expect(actions(firing, now, firing, now, found("x"), now, found("y"), now)).toEqual([
      "open",
      "remind",
      "update",
      "update",
    ]);
  });
});
