import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AlertGroup } from "../../core/alert-group.ts";
import { isOpen } from "../../core/alert-group.ts";
import type { AlertSource } from "../../core/alerting-config.ts";
import { StoreUnavailable, type DeliveryStore } from "../../core/delivery-store.ts";
import { minutes } from "../../core/duration.ts";
import { labelMatcher } from "../../core/label-matcher.ts";
import type { Route } from "../../core/routing.ts";
import { openSqliteStore } from "../../stores/index.ts";
import { alert, report } from "../groups/__fixtures__/reports.ts";
import { createIntake, type Intake } from "./intake.ts";
import { readWebhook } from "./read-webhook.ts";

const route = (id: string, of: Partial<Route> = {}): Route => ({
  id,
  matchers: [],
  continue: false,
  destinations: ["chat"],
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
  ...of,
});

const main: AlertSource = {
  name: "main",
  credentials: [],
  alertmanager: undefined,
  watchdog: { matchers: [labelMatcher("alertname", "=", "Watchdog")], every: minutes(5), misses: 3 },
};

const MINUTE = 60_000;

let folder: string;
let store: DeliveryStore;
let intake: Intake;
let root: Route;
let told: string[][];
/** Real notifications are as old as their fixtures: this clock goes on from when they were captured. */
let now: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "intake-"));
  store = await openSqliteStore({ path: join(folder, "store.db") });
  root = route("{}");
  told = [];
  now = Date.now();
  intake = createIntake({
    store,
    config: () => ({ sources: [main], route: root }),
    onAccepted: (destinations) => void told.push([...destinations]),
  });
});
afterEach(async () => {
  await intake.close();
  await store.close();
  await rm(folder, { recursive: true });
});

const accept = (body: Buffer) =>
  intake.accept(
    readWebhook("alertmanager", body, { source: "main", receivedAt: now, traceparent: undefined }).notification,
    body,
  );

const send = async (name: string) => accept(await readFile(new URL(`__fixtures__/${name}.json`, import.meta.url)));

const groups = (): Promise<readonly AlertGroup[]> => store.groups({ openOnly: false, limit: 100 });

const statesOf = (group: AlertGroup | undefined) =>
  Object.fromEntries((group?.alerts ?? []).map(({ labels, state }) => [labels["instance"], state]));

describe("the notifications of a real cluster", () => {
  it("become one group that opens, grows and closes", async () => {
    expect(await send("alertmanager-first")).toEqual({ isCopy: false, changed: 1, destinations: ["chat"] });
    now += MINUTE;
    expect(await send("alertmanager-added-replica-1")).toMatchObject({ isCopy: false, changed: 1 });
    expect(await send("alertmanager-added-replica-2")).toEqual({ isCopy: true, changed: 0, destinations: [] });
    now += MINUTE;
    expect(await send("alertmanager-some-resolved")).toMatchObject({ changed: 1 });
    expect(statesOf((await groups())[0])).toEqual({ "node-1": "resolved", "node-2": "firing" });
    now += 3 * MINUTE;
    expect(await send("alertmanager-repeat")).toMatchObject({ changed: 1 });
    expect((await groups())[0]?.remindedAt).toBe(now);
    now += MINUTE;
    expect(await send("alertmanager-all-resolved")).toMatchObject({ changed: 1 });
    const [group, ...others] = await groups();
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      revision: 5,
      receiver: "team.infra",
      labels: { alertname: "NodeDown", cluster: "north" },
    });
    expect(group && isOpen(group)).toBe(false);
    expect(told).toEqual([["chat"], ["chat"], ["chat"], ["chat"], ["chat"]]);
  });

  it("that left alerts out close nothing until all are said to be resolved", async () => {
    await send("alertmanager-truncated");
    now += 5 * MINUTE;
    await send("alertmanager-truncated-some-resolved");
    const [open] = await groups();
    expect(open && isOpen(open)).toBe(true);
    now += 5 * MINUTE;
    await send("alertmanager-truncated-all-resolved");
    const [closed] = await groups();
    expect(closed?.truncated).toEqual({});
    expect(statesOf(closed)).toEqual({ a: "resolved", b: "resolved", c: "resolved", d: "resolved" });
  });
});

const bodyOf = (...alerts: readonly Record<string, unknown>[]): Buffer =>
  Buffer.from(
    JSON.stringify({
      version: "4",
      groupKey: "{}:{}",
      receiver: "chat",
      alerts: alerts.map((labels) => ({ status: "firing", labels, annotations: {}, startsAt: "2026-01-31T12:00:00Z" })),
    }),
  );

describe("a watchdog", () => {
  const watchdog = { alertname: "Watchdog" };

  it("is a sign of life and nothing else", async () => {
    expect(await accept(bodyOf(watchdog))).toEqual({ isCopy: false, changed: 0, destinations: [] });
    expect([...(await store.heartbeats()).keys()]).toEqual(["main"]);
    expect(await groups()).toEqual([]);
  });

  it("is one each time, however soon it is repeated", async () => {
    await accept(bodyOf(watchdog));
    const first = (await store.heartbeats()).get("main") ?? 0;
    await expect
      .poll(async () => {
        expect((await accept(bodyOf(watchdog))).isCopy).toBe(false);
        return (await store.heartbeats()).get("main");
      })
      .toBeGreaterThan(first);
  });

  it("may stand among other alerts", async () => {
    expect(await accept(bodyOf(watchdog, { alertname: "NodeDown" }))).toMatchObject({ changed: 1 });
    expect((await store.heartbeats()).size).toBe(1);
    expect((await groups())[0]?.alerts.map(({ labels }) => labels["alertname"])).toEqual(["NodeDown"]);
  });

  it("that is resolved is no sign of life", async () => {
    await accept(Buffer.from(bodyOf(watchdog).toString().replaceAll('"firing"', '"resolved"')));
    expect((await store.heartbeats()).size).toBe(0);
    expect(await groups()).toEqual([]);
  });
});

it("tells each alert where its routes lead, by the configuration in use", async () => {
  const pager = route('{}/{severity="critical"}', {
    matchers: [labelMatcher("severity", "=", "critical")],
    destinations: ["pager", "chat"],
  });
  root = route("{}", { routes: [pager] });
  const result = await accept(bodyOf({ alertname: "NodeDown", severity: "critical" }, { alertname: "DiskFull" }));
  expect(result.changed).toBe(2);
  expect(result.destinations.toSorted()).toEqual(["chat", "pager"]);
  expect((await groups()).map((group) => group.route).toSorted()).toEqual(["{}", '{}/{severity="critical"}']);
});

it("takes notifications of Watchkeeper's own too", async () => {
  const { kind: _, ...own } = report([alert("source main is silent")]);
  const result = await intake.accept(
    {
      kind: "internal",
      source: "watchkeeper",
      receiver: own.receiver,
      groupKey: own.groupKey,
      groupLabels: own.labels,
      alerts: own.alerts,
      truncatedAlerts: 0,
      receivedAt: now,
    },
    Buffer.from("{}"),
  );
  expect(result.changed).toBe(1);
  expect(await groups()).toMatchObject([{ kind: "internal", source: "watchkeeper" }]);
});

it("keeps no more than 64 KiB of a body", async () => {
  const bodies: string[] = [];
  const spy = createIntake({
    store: {
      async changeGroups(works) {
        bodies.push(...works.flatMap(({ inbound }) => inbound?.body ?? []));
        return works.map(() => ({ isCopy: false, changed: 0, destinations: [] }));
      },
    },
    config: () => ({ sources: [main], route: root }),
    onAccepted: () => undefined,
  });
  const body = bodyOf({ alertname: "x".repeat(100_000) });
  await spy.accept(
    readWebhook("alertmanager", body, { source: "main", receivedAt: now, traceparent: undefined }).notification,
    body,
  );
  expect(bodies.map(({ length }) => length)).toEqual([64 * 1024]);
});

it("takes nothing any more once it is closed", async () => {
  await intake.close();
  await expect(accept(bodyOf({ alertname: "NodeDown" }))).rejects.toThrow(StoreUnavailable);
});
