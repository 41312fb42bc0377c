import { describe, expect, it } from "vitest";
import type { Told } from "../../core/conversation.ts";
import { build } from "./__fixtures__/build.ts";
import { aGroup, NOON, onHost } from "./__fixtures__/groups.ts";
import { toldOf } from "./build-message.ts";

const MINUTE = 60_000;

describe("what changed", () => {
  const before = aGroup([onHost("a"), onHost("b"), onHost("c")]);
  const told = toldOf(before, NOON + MINUTE);
  const changesTo = (alerts: typeof before.alerts) => build(aGroup(alerts), { told, action: "update" }).changes;
  const hosts = (alerts: readonly { fingerprint: string }[] = []) =>
    alerts.map(({ fingerprint }) => fingerprint.slice(12));

  it("is absent from the first message, and when it is not known what was told", () => {
    expect(build(before, { told, action: "open" }).changes).toBeUndefined();
    expect(build(before, { action: "update" }).changes).toBeUndefined();
  });

  it("is nothing when nothing did", () => {
    expect(changesTo(before.alerts)).toEqual({ firing: [], moreFiring: 0, closed: [], moreClosed: 0 });
  });

  it("names what fires now and what is over", () => {
    const changes = changesTo([onHost("a", { state: "resolved" }), onHost("b"), onHost("c"), onHost("d")]);
    expect([hosts(changes?.firing), hosts(changes?.closed)]).toEqual([["d"], ["a"]]);
  });

  it("tells of an alert that began anew, and not that it is over", () => {
    const changes = changesTo([onHost("a", { startsAt: NOON + 5 * MINUTE }), onHost("b"), onHost("c")]);
    expect([hosts(changes?.firing), hosts(changes?.closed)]).toEqual([["a"], []]);
  });

  it("counts what the group has forgotten, and what began and ended unseen not at all", () => {
    const changes = changesTo([onHost("a"), onHost("b"), onHost("unseen", { state: "resolved" })]);
    expect(changes).toMatchObject({ firing: [], closed: [], moreClosed: 1 });
  });

  it("is bounded", () => {
    const many = Array.from({ length: 30 }, (_, i) => onHost(`new-${i}`));
    const changes = changesTo([...before.alerts, ...many]);
    expect([changes?.firing.length, changes?.moreFiring]).toEqual([10, 20]);
  });

  it("does not call old alerts new when they are too many to remember", () => {
    const many = Array.from({ length: 2_500 }, (_, i) => onHost(`${(i * 7_919) % 10_007}`));
    const told: Told = toldOf(aGroup(many), NOON + MINUTE);
    expect(told.firing).toHaveLength(1_000);
    const unchanged = build(aGroup(many), { told, action: "update" }).changes;
    expect(unchanged).toEqual({ firing: [], moreFiring: 0, closed: [], moreClosed: 0 });
    const closedAt = NOON + 2 * MINUTE;
    const ended = many.map((alert, i) => (i < 100 ? { ...alert, state: "resolved" as const, closedAt } : alert));
    const later = [...ended, onHost("99999", { startsAt: NOON + 2 * MINUTE })];
    const changes = build(aGroup(later), { told, action: "update" }).changes;
    expect([hosts(changes?.firing), changes?.closed.length, changes?.moreClosed]).toEqual([["99999"], 10, 90]);
  });
});
