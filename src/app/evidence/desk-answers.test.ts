import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { evidenceSchema } from "../../config/evidence-schema.ts";
import type { AlertGroup } from "../../core/alert-group.ts";
import type { Bundle } from "../../core/evidence.ts";
import { alertOf, groupOf, MINUTE } from "../deliveries/__fixtures__/world.ts";
import { EvidenceDesk } from "./desk.ts";
import type { DeskStore } from "./desk-options.ts";

const began = Date.now() - 20 * MINUTE;
const signal = new AbortController().signal;
const DSN = "postgres://shop:planted-secret@db/x";

const late = alertOf("late", { startsAt: began + MINUTE, labels: { alertname: "Late", service: "shop" } });
const first = alertOf("first", { startsAt: began, labels: { alertname: "First", service: "shop", dsn: DSN } });
const group = groupOf("shop", [late, first], { updatedAt: began + 2 * MINUTE });

let kept: Map<string, Bundle>;
let groups: readonly AlertGroup[];
let desk: EvidenceDesk;

beforeEach(async () => {
  kept = new Map();
  groups = [group];
  const store: Partial<DeskStore> = {
    groups: async ({ afterId }) => (afterId === undefined ? groups : []),
    changes: async () => [],
    bundle: async (id) => kept.get(id),
    saveBundle: async (bundle) => void kept.set(bundle.id, bundle),
  };
  desk = await EvidenceDesk.open({
    evidence: evidenceSchema.parse({ scrub: ["cust-[0-9]+"] }),
    prometheus: undefined,
    externalUrl: "http://watchkeeper.example.org",
    relations: [],
    inhibitions: [],
    store: store as DeskStore,
  });
});
afterEach(() => desk.close());

describe("what a desk is asked", () => {
  it("is answered about an alert, in the time around its beginning", async () => {
    const bundle = await desk.aboutAlert(late.fingerprint.slice(0, 8), signal);
    const from = Math.floor((late.startsAt - 10 * MINUTE) / 1_000) * 1_000;
    expect(bundle?.question).toMatchObject({
      alert: { groupId: group.id, fingerprint: late.fingerprint, name: "Late", startsAt: late.startsAt },
      scope: { filter: { services: ["shop"] } },
      window: { from },
      baseline: { to: from },
    });
    expect([...kept.keys()]).toEqual([bundle?.id]);
  });

  it("is answered about a group by the alert that began first, also when none fires any more", async () => {
    expect((await desk.aboutGroup(group, signal))?.question.alert?.name).toBe("First");
    const over = group.alerts.map((alert) => ({ ...alert, state: "resolved", endsAt: began + 5 * MINUTE }) as const);
    expect((await desk.aboutGroup({ ...group, alerts: over }, signal))?.question.alert?.name).toBe("First");
  });

  it("is not answered about what is not known, and nothing is kept", async () => {
    expect(await desk.aboutAlert("ffff", signal)).toBeUndefined();
    expect(await desk.aboutGroup({ ...group, alerts: [] }, signal)).toBeUndefined();
    expect(await desk.rerun("0".repeat(16), signal)).toBeUndefined();
    expect(await desk.bundle("0".repeat(16))).toBeUndefined();
    expect(kept.size).toBe(0);
  });

  it("is asked again with the very same question", async () => {
    const bundle = await desk.aboutGroup(group, signal);
    const again = await desk.rerun(bundle?.id ?? "", signal);
    expect(again).toMatchObject({ isSame: true, differences: [], bundle: { question: bundle?.question } });
    const [one, other] = [...kept.values()];
    expect(other?.question).toEqual(one?.question);
  });

  it("is answered the same again after another alert fired anew, began late or was forgotten", async () => {
    const other = alertOf("other", {
      startsAt: began - 2 * MINUTE,
      labels: { alertname: "Other", service: "shop", dsn: DSN },
    });
    const withOthers = (...alerts: readonly (typeof other)[]) => [
      group,
      groupOf("other", alerts, { updatedAt: began }),
    ];
    groups = withOthers(other);
    const bundle = await desk.aboutGroup(group, signal);
    const changesOf = (one: Bundle | undefined): readonly unknown[] =>
      one?.reports.flatMap(({ items }) =>
        items.flatMap(({ detail }) => (detail.kind === "change" ? [detail.change] : [])),
      ) ?? [];
    expect(changesOf(bundle)).toMatchObject([{ at: other.startsAt }, { at: late.startsAt }]);
    const newcomer = alertOf("newcomer", {
      startsAt: began - MINUTE,
      labels: { alertname: "Newcomer", service: "shop" },
    });
    for (const now of [withOthers({ ...other, startsAt: Date.now() }), withOthers(other, newcomer), []]) {
      groups = now;
      const again = await desk.rerun(bundle?.id ?? "", signal);
      expect(again).toMatchObject({ isSame: true, differences: [] });
      expect(changesOf(again?.bundle)).toEqual(changesOf(bundle));
      expect(await desk.rerun(again?.bundle.id ?? "", signal)).toMatchObject({ isSame: true });
    }
    expect(JSON.stringify([bundle, await desk.bundle(bundle?.id ?? "")])).not.toContain("planted-secret");
  });

  it("is given up when whoever asked is gone", async () => {
    await expect(desk.aboutGroup(group, AbortSignal.abort(new Error("gone")))).rejects.toThrow("gone");
    expect(kept.size).toBe(0);
  });

  it("is shown without its secrets, and kept as it was asked", async () => {
    const made = await desk.aboutGroup(group, signal);
    const id = made?.id ?? "";
    const named = await desk.aboutLabels(
      { labels: { service: "cust-4711" }, window: { from: began, to: began + MINUTE } },
      signal,
    );
    const shown = JSON.stringify([made, named, await desk.bundle(id), await desk.rerun(id, signal)]);
    for (const secret of ["planted-secret", "cust-4711"]) {
      expect(shown).not.toContain(secret);
      expect(JSON.stringify([...kept.values()])).toContain(secret);
    }
    expect(made?.question.alert).toMatchObject({ name: "First", fingerprint: first.fingerprint });
    expect([...kept.values()].filter(({ question }) => question.alert?.labels["dsn"] === DSN)).toHaveLength(2);
  });
});
