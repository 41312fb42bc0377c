import { describe, expect, it } from "vitest";
import { conversationAt, groupAt } from "./__fixtures__/conversations.ts";
import { decide } from "./decide.ts";

const HOUR = 3_600_000;
const NOON = 1_795_000_000_000;
const context = { now: NOON, heldUntil: undefined, giveUpAfterMs: 6 * HOUR, destinationFailures: 0 };

describe("a message that can not be delivered", () => {
  const waiting = conversationAt({ attempts: 40, pendingSince: NOON - 7 * HOUR });

  it("is a dead letter after its time and enough attempts, its own or the destination's", () => {
    expect(decide(waiting, groupAt(NOON), context).next.state).toBe("dead");
    const behindOthers = { ...waiting, attempts: 0 };
    expect(decide(behindOthers, groupAt(NOON), { ...context, destinationFailures: 40 }).next.state).toBe("dead");
  });

  it("is tried on before its time, and after a jump of the clock that the number of attempts belies", () => {
    expect(decide({ ...waiting, pendingSince: NOON - 5 * HOUR }, groupAt(NOON), context).send).toBe("open");
    expect(decide({ ...waiting, attempts: 20 }, groupAt(NOON), { ...context, destinationFailures: 20 }).send).toBe(
      "open",
    );
  });
});

describe("a route that tells nothing new now", () => {
  const quiet = { ...context, heldUntil: NOON + 8 * HOUR };

  it("holds what is new, uses up no attempt, and looks again within five minutes", () => {
    const { next, send } = decide(conversationAt({ pendingSince: NOON }), groupAt(NOON), quiet);
    expect(send).toBeUndefined();
    expect(next).toMatchObject({ state: "pending", held: true, attempts: 0, attempted: false });
    expect(next.notBefore).toBe(NOON + 5 * 60_000);
  });

  it("still closes what was told", () => {
    const told = { revision: 1, status: "firing", at: NOON - HOUR, firing: [] } as const;
    const open = conversationAt({ attempted: true, told, episode: 1 });
    expect(decide(open, groupAt(NOON, { isFiring: false }), quiet).send).toBe("close");
  });

  it("does not count the time of waiting against the message", () => {
    const held = conversationAt({ held: true, attempts: 40, pendingSince: NOON - 9 * HOUR, notBefore: NOON - 1_000 });
    const { next, send } = decide(held, groupAt(NOON), context);
    expect(send).toBe("open");
    expect(next.pendingSince).toBe(NOON - 1_000);
  });
});

it("nothing is left to tell when the group was over before anybody was told", () => {
  const { next, send } = decide(conversationAt({}), groupAt(NOON, { isFiring: false }), context);
  expect(send).toBeUndefined();
  expect(next.state).toBe("settled");
});

it("a repetition that changes nothing reminds, and a change is an update", () => {
  const told = { revision: 1, status: "firing", at: NOON - HOUR, firing: ["f@1"] } as const;
  const open = conversationAt({ attempted: true, told, episode: 1, desiredRevision: 2 });
  expect(decide(open, groupAt(NOON, { revision: 2, remindedAt: NOON }), context).send).toBe("remind");
  expect(decide(open, groupAt(NOON, { revision: 2 }), context).send).toBe("update");
});
