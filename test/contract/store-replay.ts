import assert from "node:assert/strict";
import fc from "fast-check";
import { isOpen, type AlertGroup } from "../../src/core/alert-group.ts";
import type { Conversation } from "../../src/core/conversation.ts";
import type { Claimed, Decision, DeliveryStore } from "../../src/core/delivery-store.ts";
import { attemptOf, evidenceChange, groupId, request, tell } from "./store-fixtures.ts";

/** Something that happens to a store. */
type Event =
  | { readonly what: "tell"; readonly group: number; readonly firing: boolean; readonly elsewhere: boolean }
  | { readonly what: "find"; readonly group: number }
  | { readonly what: "claim"; readonly owner: string; readonly limit: number }
  | { readonly what: "succeed" | "fail" | "release" | "retry" }
  | { readonly what: "elapse"; readonly seconds: number };

/** Any event. */
export const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("tell" as const),
      group: fc.nat(3),
      firing: fc.boolean(),
      elsewhere: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("find" as const), group: fc.nat(3) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant("claim" as const),
      owner: fc.constantFrom("one", "two"),
      limit: fc.nat(3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom("succeed" as const, "fail" as const, "release" as const, "retry" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant("elapse" as const), seconds: fc.constantFrom(1, 30, 61, 600) }),
  },
);

interface Lease {
  readonly claim: Claimed;
  readonly owner: string;
  readonly until: number;
}

const LEASE_MS = 60_000;
/** Steps of the database's clock that pass while a test runs do not count. */
const TOLERANCE_MS = 30_000;

/** Plays events to a store, and knows who may hold what. */
export class Replay {
  readonly #store: DeliveryStore;
  readonly #elapse: (ms: number) => Promise<void>;
  readonly #name: string;
  readonly #leases: Lease[] = [];
  /** Where each group was routed last. */
  readonly #routes = new Map<string, string>();
  #time = 0;

  constructor(store: DeliveryStore, elapse: (ms: number) => Promise<void>, name: string) {
    this.#store = store;
    this.#elapse = elapse;
    this.#name = name;
  }

  async apply(event: Event): Promise<void> {
    if (event.what === "tell") {
      const destination = `${this.#name}-${event.elsewhere ? "page" : "chat"}`;
      const name = `${this.#name}-${event.group}`;
      await tell(this.#store, [name], { firing: event.firing, destinations: [destination] });
      this.#routes.set(groupId(name), destination);
    } else if (event.what === "find")
      await this.#store.changeGroups([{ changes: [evidenceChange(`${this.#name}-${event.group}`)] }]);
    else if (event.what === "claim") await this.#claim(event.owner, event.limit);
    else if (event.what === "elapse") {
      await this.#elapse(event.seconds * 1000);
      this.#time += event.seconds * 1000;
    } else await this.#end(event.what);
  }

  async #claim(owner: string, limit: number): Promise<void> {
    // as the engine does: its lease may have run out, while the delivery still goes on
    const decide = (conversation: Conversation, group: AlertGroup): Decision =>
      this.#leases.some((lease) => lease.owner === owner && lease.claim.conversation.id === conversation.id)
        ? { next: conversation }
        : decideSimply(conversation, group);
    for (const destination of this.#destinations()) {
      const claims = await this.#store.claim(request({ destination, owner, limit, leaseMs: LEASE_MS, decide }));
      assert.ok(claims.length <= limit);
      for (const claim of claims) {
        const held = this.#leases.filter(
          ({ claim: { conversation }, until }) =>
            conversation.id === claim.conversation.id && until > this.#time + TOLERANCE_MS,
        );
        assert.deepEqual(held, [], "it is delivered twice at the same time");
        this.#leases.push({ claim, owner, until: this.#time + LEASE_MS });
      }
    }
  }

  /** Ends the oldest delivery under way. */
  async #end(how: "succeed" | "fail" | "release" | "retry"): Promise<void> {
    const lease = this.#leases.shift();
    if (lease === undefined) return;
    const { claim, owner } = lease;
    const { id } = claim.conversation;
    const newer = this.#leases.findLast(({ claim: { conversation } }) => conversation.id === id);
    if (how === "retry") {
      await this.#store.changeConversation(id, (c) => ({ ...c, state: "pending" }));
      this.#leases.unshift(lease);
    } else if (how === "release") await this.#store.release(id, owner, claim.before);
    else {
      const isOurs = await this.#store.finish(id, owner, attemptOf(id), (c) =>
        how === "succeed" ? learned(c, claim) : c,
      );
      assert.equal(isOurs, newer === undefined);
    }
  }

  /** Lets all leases run out, and delivers what is left. */
  async drain(): Promise<void> {
    await this.#elapse(3_600_000);
    for (const destination of this.#destinations()) {
      for (let round = 0; ; round++) {
        assert.ok(round < 50, "there is no end");
        const claims = await this.#store.claim(request({ destination, owner: "last", decide: decideSimply }));
        if (claims.length === 0) break;
        for (const claim of claims)
          await this.#store.finish(claim.conversation.id, "last", attemptOf(claim.conversation.id), (c) =>
            learned(c, claim),
          );
      }
    }
  }

  async verify(): Promise<void> {
    for (const destination of this.#destinations()) {
      for (const { conversation, group } of await this.#store.list({ destination, limit: 100 })) {
        assert.equal(conversation.state, "settled");
        const status = isOpen(group) ? "firing" : "resolved";
        if (conversation.attempted) {
          assert.equal(conversation.told?.revision, group.revision);
          assert.equal(conversation.told.status, status);
        } else {
          assert.equal(conversation.told, undefined);
          assert.ok(!isOpen(group) || this.#routes.get(group.id) !== destination);
        }
      }
    }
  }

  #destinations(): readonly string[] {
    return ["chat", "page"].map((name) => `${this.#name}-${name}`);
  }
}

function decideSimply(conversation: Conversation, group: AlertGroup): Decision {
  const isKnown = conversation.told?.revision === group.revision;
  const isNothing = isKnown || (!isOpen(group) && !conversation.attempted);
  if (isNothing) return { next: { ...conversation, state: "settled" } };
  const next = { ...conversation, attempted: true, attempts: conversation.attempts + 1 };
  return { next, send: isOpen(group) ? "open" : "close" };
}

function learned(conversation: Conversation, { group }: Claimed): Conversation {
  const status = isOpen(group) ? "firing" : "resolved";
  return {
    ...conversation,
    state: conversation.desiredRevision > group.revision ? "pending" : "settled",
    attempts: 0,
    told: { revision: group.revision, status, at: 1, firing: [] },
  };
}
