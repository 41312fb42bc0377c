import pino from "pino";
import { expect, it } from "vitest";
import type { DestinationState } from "../../core/conversation.ts";
import type { ClaimRequest, Decision, DeliveryStore } from "../../core/delivery-store.ts";
import { hours, seconds } from "../../core/duration.ts";
import type { Destination } from "../../core/notifier.ts";
import { conversationAt, groupAt } from "./__fixtures__/conversations.ts";
import { startWorker } from "./worker.ts";

const HOUR = 3_600_000;
const NOON = 1_795_000_000_000;

const destination: Destination = {
  name: "page",
  type: "pagerduty",
  policy: {
    rate: { perSecond: 1, burst: 1 },
    concurrency: 1,
    timeout: seconds(10),
    giveUpAfter: hours(24),
  },
  open: () => Promise.reject(new Error("nothing is sent here")),
};

/** What a worker decides of a conversation that has waited for three days, given the state of its destination. */
async function decisionOn(state: Partial<DestinationState>): Promise<Decision> {
  const asked = Promise.withResolvers<ClaimRequest>();
  const store: Partial<DeliveryStore> = {
    claim: (request) => {
      asked.resolve(request);
      return Promise.resolve([]);
    },
    nextDueAt: () => Promise.resolve(undefined),
    now: () => Promise.resolve(NOON),
  };
  const worker = startWorker(destination, {
    store: store as DeliveryStore,
    owner: "me",
    externalUrl: "http://watchkeeper",
    heldUntil: () => undefined,
    beforeClaim: () => Promise.resolve(),
    notifierOf: () => Promise.reject(new Error("nothing is sent here")),
    observer: new Proxy({}, { get: () => () => undefined }) as never,
    log: pino({ enabled: false }),
  });
  const request = await asked.promise;
  request.allowance(
    { destination: "page", tokens: 1, refilledAt: NOON, pausedUntil: 0, failures: 0, probeAt: 0, ...state },
    NOON,
  );
  const waiting = conversationAt({ pendingSince: NOON - 72 * HOUR });
  const decision = request.decide(waiting, groupAt(NOON), NOON);
  await worker.stop(0);
  return decision;
}

it("gives up what could not be delivered for long, but nothing while only a person can mend the destination", async () => {
  const failures = 900;
  const down = await decisionOn({ failures, brokenReason: "unreachable", brokenSince: NOON - 72 * HOUR });
  expect(down.next.state).toBe("dead");
  const locked = await decisionOn({ failures, brokenReason: "unauthorized", brokenSince: NOON - 72 * HOUR });
  expect(locked).toMatchObject({ send: "open", next: { state: "pending" } });
});
