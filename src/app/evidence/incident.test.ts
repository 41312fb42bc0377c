import { describe, expect, it } from "vitest";
import type { GroupAlert } from "../../core/alert-group.ts";
import type { Attempt, ConversationView } from "../../core/delivery-store.ts";
import type { Bundle } from "../../core/evidence.ts";
import type { BundleHead } from "../../core/evidence-store.ts";
import { alertOf, groupOf, MINUTE, viewOf } from "../deliveries/__fixtures__/world.ts";
import { BEGAN, bundleOf } from "./__fixtures__/bundle.ts";
import { readIncident, type IncidentSources } from "./incident.ts";

const alert = alertOf("shop", { fingerprint: "a1b2c3d4e5f60718", startsAt: BEGAN });
const headOf = (id: string): BundleHead => ({
  id,
  createdAt: 1,
  groupId: "g1",
  about: "CheckoutDown",
  window: { from: 0, to: 1 },
});

interface World {
  readonly bundle?: Bundle;
  readonly alerts?: readonly GroupAlert[] | undefined;
  readonly attempts?: Readonly<Record<string, readonly Partial<Attempt>[]>>;
}

/** A store with one bundle, the group of it, and a conversation of each destination that has attempts. */
function storeOf({ bundle = bundleOf(), alerts = [alert], attempts = {} }: World): IncidentSources {
  const group = groupOf("shop", alerts, { id: "g1" });
  const views = Object.keys(attempts).map((destination): ConversationView => viewOf(group, destination));
  const store: Partial<IncidentSources["store"]> = {
    bundle: async (id) => (id === bundle.id ? bundle : undefined),
    bundles: async ({ groupId }) => (groupId === "g1" ? [headOf("newer"), headOf(bundle.id), headOf("older")] : []),
    group: async (id) => (id === "g1" && alerts.length > 0 ? group : undefined),
    list: async ({ groupId }) => (groupId === "g1" ? views : []),
    show: async (id) => {
      const view = views.find(({ conversation }) => conversation.id === id);
      const made = attempts[view?.conversation.destination ?? ""];
      return view && { ...view, attempts: made as readonly Attempt[], destination: undefined };
    },
  };
  return { store: store as IncidentSources["store"] };
}

describe("readIncident", () => {
  const { id } = bundleOf();

  it("is nothing where there is no such bundle", async () => {
    expect(await readIncident("ffff", storeOf({}))).toBeUndefined();
  });

  it("is the bundle alone where it is about no alert", async () => {
    const { alert: _, ...question } = bundleOf().question;
    const bundle = bundleOf({ question });
    expect(await readIncident(id, storeOf({ bundle }))).toEqual({ bundle, deliveries: [], others: [] });
  });

  it("has its alert, who was told of it in the order of time, and the other looks at it", async () => {
    const attempts = {
      chat: [
        { destination: "chat", action: "update", startedAt: BEGAN + 3 * MINUTE, reason: "server_error" },
        { destination: "chat", action: "open", startedAt: BEGAN + MINUTE },
      ],
      oncall: [{ destination: "oncall", action: "open", startedAt: BEGAN + 2 * MINUTE }],
    } as const;
    const incident = await readIncident(id, storeOf({ attempts }));
    expect(incident).toMatchObject({ bundle: { id }, alert: { fingerprint: alert.fingerprint } });
    expect(
      incident?.deliveries.map(({ at, destination, isDone }) => [(at - BEGAN) / MINUTE, destination, isDone]),
    ).toEqual([
      [1, "chat", true],
      [2, "oncall", true],
      [3, "chat", false],
    ]);
    expect(incident?.conversationId).toMatch(/^[0-9a-f]{32}$/);
    expect(incident?.others.map((other) => other.id)).toEqual(["newer", "older"]);
  });

  it("goes without an alert that is forgotten", async () => {
    const incident = await readIncident(id, storeOf({ alerts: [] }));
    expect(incident).toMatchObject({ bundle: { id }, deliveries: [] });
    expect(incident).not.toHaveProperty("alert");
    expect(incident).not.toHaveProperty("conversationId");
  });

  it("tells of its own occurrence, and since when the alert fires anew", async () => {
    const again = BEGAN + 60 * MINUTE;
    const attempts = {
      chat: [BEGAN - MINUTE, BEGAN + MINUTE, again + MINUTE].map((startedAt) => ({ destination: "chat", startedAt })),
    };
    const incident = await readIncident(id, storeOf({ alerts: [{ ...alert, startsAt: again }], attempts }));
    expect(incident).toMatchObject({ firedAgainAt: again, deliveries: [{ at: BEGAN + MINUTE }] });
    expect(incident).not.toHaveProperty("alert");
  });
});
