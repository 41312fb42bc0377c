import { describe, expect, it } from "vitest";
import type { Conversation, DestinationState } from "../../core/conversation.ts";
import type { Destination } from "../../core/notifier.ts";
import type { Route } from "../../core/routing.ts";
import {
  alertOf,
  destinationState,
  groupOf,
  MINUTE,
  NOON,
  ROOT,
  storeOf,
  toldAt,
  viewOf,
  type World,
} from "./__fixtures__/world.ts";
import { dropOne, retryDead, retryOne } from "./change-deliveries.ts";
import { listConversations, listUrgentFirst, readOverview, showConversation } from "./read-deliveries.ts";
import { stateNamed } from "./standing.ts";

const now = NOON + 30 * MINUTE;
const nodes = groupOf("nodes", [alertOf("db-1"), alertOf("db-2")]);
const closed = groupOf("closed", [
  alertOf("db-9", { state: "resolved", endsAt: NOON + MINUTE, closedAt: NOON + MINUTE }),
]);

const sourceOf = (world: Partial<World>, route: Route = ROOT) => ({
  store: storeOf({ views: [], now, ...world }),
  alerting: {
    destinations: ["oncall", "chat"].map((name): Destination => ({ name, type: "webhook" }) as Destination),
    route,
    timeIntervals: [{ name: "night", ranges: [{ times: [{ start: 0, end: 13 * 60 }], location: "UTC" }] }],
  },
  externalUrl: "https://watchkeeper.example.org",
});

describe("where a delivery stands", () => {
  const wordsOf = async (change: Partial<Conversation>, world: Partial<World> = {}, route = ROOT): Promise<string> => {
    const source = sourceOf({ views: [viewOf(nodes, "chat", change)], ...world }, route);
    const { conversations } = await listConversations(source, { limit: 1 });
    return conversations[0]?.standing.words ?? "";
  };

  it.each<[string, Partial<Conversation>]>([
    ["waits", {}],
    ["waits", { attempts: 2, notBefore: now }],
    ["in backoff, next try in 1.5 min", { attempts: 2, notBefore: now + 90_000 }],
    ["held by a time interval", { held: true, notBefore: now + MINUTE }],
    ["delivered", toldAt(NOON)],
    ["over before it was told", { state: "settled" }],
    ["dead", { state: "dead" }],
    ["dropped", { state: "dropped" }],
    ["rolled up", { state: "rolled_up" }],
  ])("is said in words: %s", async (words, change) => {
    expect(await wordsOf(change)).toBe(words);
  });

  it("says until when a time interval holds it", async () => {
    const route = { ...ROOT, muteTimeIntervals: ["night"] };
    expect(await wordsOf({ held: true }, {}, route)).toBe("held until 2026-03-01 13:00 UTC");
  });

  it("says what it waits for at its destination", async () => {
    const broken = destinationState("chat", { brokenReason: "unauthorized", brokenSince: NOON });
    expect(await wordsOf({}, { destinations: [broken] })).toBe("waits until its destination is mended");
    const paused = destinationState("chat", { pausedUntil: now + MINUTE });
    expect(await wordsOf({}, { destinations: [paused] })).toBe("waits: its destination asked for a pause");
    const removed = { views: [viewOf(nodes, "former")] };
    expect(await wordsOf({}, removed)).toBe("waits: its destination is not configured any more");
  });

  it("is found by the words that are shown, and by the names of the API", () => {
    expect(["waits", "Pending", "delivered", "rolled-up", "rolled up", "rolled_up"].map(stateNamed)).toEqual([
      "pending",
      "pending",
      "settled",
      "rolled_up",
      "rolled_up",
      "rolled_up",
    ]);
    expect(["constructor", "", "lost"].map(stateNamed)).toEqual([undefined, undefined, undefined]);
  });
});

describe("the overview", () => {
  const views = [
    viewOf(nodes, "chat", { state: "dead", lastReason: "timeout", lastError: "no answer within 30s" }),
    viewOf(nodes, "oncall", toldAt(NOON + MINUTE)),
    viewOf(closed, "oncall", toldAt(NOON + 2 * MINUTE, "resolved")),
    viewOf(closed, "chat", { held: true }),
    viewOf(closed, "former"),
  ];

  it("sorts what could not be told, what waits, what fires and what is over", async () => {
    const overview = await readOverview(sourceOf({ views }));
    const about = (list: typeof overview.dead) => list.map(({ destination, title }) => `${destination}: ${title}`);
    expect(about(overview.dead)).toEqual(["chat: NodeDown: 2 alerts on db-1, db-2 [cluster=prod]"]);
    expect(about(overview.waiting)).toEqual(["chat: Node db-9 is down", "former: Node db-9 is down"]);
    expect(overview.open.map(({ destination }) => destination)).toEqual(["chat", "oncall"]);
    expect(about(overview.over)).toEqual(["oncall: Node db-9 is down"]);
  });

  it("says how each destination does, with the reason in words", async () => {
    const states = [
      destinationState("oncall", { brokenReason: "unauthorized", brokenSince: NOON, probeAt: now + MINUTE }),
      destinationState("never-used", { failures: 1 }),
    ];
    const { destinations } = await readOverview(sourceOf({ views, destinations: states }));
    expect(destinations).toEqual([
      {
        name: "oncall",
        type: "webhook",
        health: "broken",
        since: NOON,
        until: now + MINUTE,
        failure: {
          reason: "unauthorized",
          meaning: "The destination does not accept the credential.",
          action: "Renew the credential; deliveries go on by themselves.",
        },
        waiting: 0,
        held: 0,
        dead: 0,
      },
      { name: "chat", type: "webhook", health: "well", waiting: 1, held: 1, dead: 1 },
      { name: "former", type: undefined, health: "removed", waiting: 1, held: 0, dead: 0, oldestWaitingSince: NOON },
    ]);
  });

  it("lists what is not delivered first, within its limit", async () => {
    const { conversations } = await listUrgentFirst(sourceOf({ views: views.toReversed() }), { limit: 4 });
    expect(conversations.map(({ state }) => state)).toEqual(["dead", "pending", "pending", "settled"]);
  });
});

describe("one delivery", () => {
  const storm = groupOf("storm", [alertOf("db-1")], { source: "watchkeeper" });
  const views = [
    viewOf(nodes, "chat", {
      attempts: 1,
      remote: { routingKey: "planted-secret" },
      rolledInto: storm.id,
      state: "rolled_up",
      told: { revision: 1, status: "firing", at: NOON, firing: [`${nodes.alerts[0]?.fingerprint}@${NOON}`] },
    }),
    viewOf(nodes, "oncall", toldAt(NOON)),
    viewOf(storm, "chat", toldAt(NOON)),
  ];
  const id = views[0]?.conversation.id ?? "";
  const attempt = { conversationId: id, destination: "chat", revision: 1, startedAt: NOON, durationMs: 12 };

  it("has its message, its attempts in words, and the others of its group and storm", async () => {
    const attempts = [
      { ...attempt, action: "open" as const, reason: "timeout" as const, detail: "no answer within 30s" },
      { ...attempt, action: "open" as const, detail: "posted" },
    ];
    const found = await showConversation(sourceOf({ views, attempts }), id.slice(0, 8));
    expect(found?.message.links.watchkeeper).toBe(`https://watchkeeper.example.org/alerts/${id}`);
    expect(found?.message.changes?.firing).toHaveLength(1);
    expect(found?.attempts).toMatchObject([
      { failure: { reason: "timeout", detail: "no answer within 30s" } },
      { answer: "posted" },
    ]);
    expect(found?.others.map(({ destination, group }) => [destination, group.source])).toEqual([
      ["oncall", "main"],
      ["chat", "watchkeeper"],
    ]);
    expect(JSON.stringify(found)).not.toContain("planted-secret");
  });

  it("is not there when nothing, or more than one, begins so", async () => {
    expect(await showConversation(sourceOf({ views }), "zzzzzzzz")).toBeUndefined();
    expect(await showConversation(sourceOf({ views }), "")).toBeUndefined();
  });
});

describe("a change that a person asks for", () => {
  const dead = { state: "dead", attempts: 9, plain: true, pendingSince: NOON } as const;
  const stateOf = async (store: ReturnType<typeof storeOf>) => (await store.list({ limit: 1 }))[0]?.conversation;
  const storeWith = (change: Partial<Conversation>, of: Partial<World> = {}) =>
    storeOf({ views: [viewOf(nodes, "chat", change)], now, ...of });
  const id = viewOf(nodes, "chat").conversation.id;

  it("tries again at once, with the whole time and the full form", async () => {
    const store = storeWith(dead);
    expect(await retryOne(store, id.slice(0, 8))).toEqual({ id, destination: "chat" });
    expect(await stateOf(store)).toMatchObject({
      state: "pending",
      attempts: 0,
      plain: false,
      pendingSince: now,
      notBefore: now,
    });
  });

  it("tries again at once also where a destination is paused, or waits for its next probe", async () => {
    const broken: DestinationState = {
      destination: "chat",
      tokens: 1,
      refilledAt: NOON,
      pausedUntil: now + 60_000,
      failures: 9,
      brokenReason: "unreachable",
      brokenSince: NOON,
      probeAt: now + 300_000,
    };
    const store = storeWith(dead, { destinations: [broken] });
    await retryOne(store, id);
    expect(await store.destinations()).toMatchObject([{ pausedUntil: 0, probeAt: 0, brokenReason: "unreachable" }]);
  });

  it("gives up, and what was given up can be tried again", async () => {
    const store = storeWith({ attempts: 3 });
    expect(await dropOne(store, id)).toEqual({ id, destination: "chat" });
    expect(await stateOf(store)).toMatchObject({ state: "dropped" });
    expect((await dropOne(store, id)).refusal).toBe("it was dropped already");
    expect((await retryOne(store, id)).refusal).toBeUndefined();
  });

  it.each<[string, Partial<Conversation>]>([
    ["it is delivered already", toldAt(NOON)],
    ["it was over before anybody was told", { state: "settled" }],
    ["the summary of a storm tells of it", { state: "rolled_up" }],
    ["a time interval of its route holds it; it is told when that ends", { held: true }],
  ])("is refused with the reason: %s", async (refusal, change) => {
    const store = storeWith(change);
    const before = await stateOf(store);
    expect((await retryOne(store, id)).refusal).toBe(refusal);
    expect(await stateOf(store)).toEqual(before);
  });

  it("is refused while a delivery is under way, and for what is not there", async () => {
    expect((await retryOne(storeWith({}, { leased: [id] }), id)).refusal).toContain("being delivered");
    expect((await retryOne(storeWith({}), "ffffffff")).refusal).toContain("no delivery whose id begins so");
  });

  it("is refused when the delivery has changed since it was looked at", async () => {
    const store = storeWith(dead);
    const raced = {
      ...store,
      show: async (wanted: string) => {
        const found = await store.show(wanted);
        await store.changeConversation(id, (conversation) => ({ ...conversation, ...toldAt(NOON) }));
        return found;
      },
    };
    expect((await retryOne(raced, id)).refusal).toBe("it is delivered already");
    expect(await stateOf(store)).toMatchObject({ state: "settled" });
  });

  it("tries all dead letters of a destination again, those in flight but once", async () => {
    const views = [
      viewOf(nodes, "chat", dead),
      viewOf(closed, "chat", dead),
      viewOf(closed, "oncall", dead),
      viewOf(nodes, "oncall"),
    ];
    const store = storeOf({ views, now, leased: [id] });
    const changed = await retryDead(store, "chat");
    expect(changed.map(({ refusal }) => refusal === undefined)).toEqual([false, true]);
    expect(await retryDead(store, undefined)).toHaveLength(2);
  });
});
