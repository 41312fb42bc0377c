import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { isOpen, type AlertGroup } from "../../core/alert-group.ts";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { milliseconds } from "../../core/duration.ts";
import type { TextMap } from "../../core/notification.ts";
import { startLabServer, type LabServer } from "../../lab/server.ts";
import { openSqliteStore } from "../../stores/index.ts";
import { asKnown, FakeAlertmanager, GROUP } from "./__fixtures__/fake-alertmanager.ts";
import { aConfig, aRoute, aSource, fires, report } from "./__fixtures__/setting.ts";
import type { Graces } from "./reconcile.ts";
import { startRepair, type Repair } from "./repair.ts";

let folder: TemporaryFolder;
let store: DeliveryStore;
let alertmanager: FakeAlertmanager;
let server: LabServer;
let config: AlertingConfig;
let repair: Repair | undefined;
let repaired: string[];
let changed: string[];

beforeEach(async () => {
  folder = await createTemporaryFolder("repair");
  store = await openSqliteStore({ path: join(folder.path, "store.db"), reserveBytes: 0 });
  alertmanager = new FakeAlertmanager();
  server = await startLabServer({ handler: (request) => alertmanager.handle(request) });
  config = aConfig({ sources: [sourceAt(server.url)] });
  [repaired, changed] = [[], []];
});
afterEach(async () => {
  await repair?.stop();
  repair = undefined;
  await store.close();
  await server.close();
  await folder.remove();
});

const sourceAt = (...urls: string[]) =>
  aSource({ alertmanager: { urls, every: milliseconds(40), caFile: undefined, login: undefined } });

/** What waits minutes in earnest waits for milliseconds here. */
const start = (graces: Partial<Graces> = {}): void => {
  repair = startRepair({
    store,
    config,
    log: pino({ level: "silent" }),
    observer: { repaired: (...what) => void repaired.push(what.join(" ")) },
    onChanged: (destinations) => void changed.push(...destinations),
    graces: { fresh: 0, resolved: 0, uptime: 60_000, flush: 50, ...graces },
  });
};

const groupOf = async ({ id }: AlertGroup): Promise<AlertGroup> => {
  const group = await store.group(id);
  if (group === undefined) throw new Error("the group is gone");
  return group;
};
const statesOf = async (group: AlertGroup): Promise<TextMap> =>
  Object.fromEntries((await groupOf(group)).alerts.map(({ labels, state }) => [labels["instance"] ?? "", state]));
const becomes = (group: AlertGroup, states: TextMap): Promise<unknown> =>
  waitUntil(`the alerts are ${JSON.stringify(states)}`, async () => {
    const found = await statesOf(group);
    return JSON.stringify(found) === JSON.stringify(states);
  });
/** Waits for whole comparisons that began after now. */
const rounds = async (count: number): Promise<void> => {
  const asked = (): number => server.requests.filter(({ path }) => path.endsWith("/status")).length;
  const before = asked();
  await waitUntil("it was compared again", () => asked() > before + count);
};
const reasonOf = async (group: AlertGroup, index = 0): Promise<string | undefined> =>
  (await groupOf(group)).alerts[index]?.closedBecause;

describe("repair by Alertmanager's API", () => {
  it("closes what is silenced, and says until when, by whom and why", async () => {
    const [a, b] = [fires("a"), fires("b")];
    const group = await report(store, config, [a, b]);
    const endsAt = "2031-05-06T14:00:00.000Z";
    alertmanager.silences = [{ id: "5c1f", comment: "the disk is\nbeing replaced", createdBy: "ops", endsAt }];
    alertmanager.alerts = [asKnown(a, { silencedBy: ["5c1f"] }), asKnown(b)];
    start();
    await becomes(group, { a: "silenced", b: "firing" });
    expect(await reasonOf(group)).toBe(
      "silenced until 2031-05-06 14:00 UTC by ops: the disk is being replaced (silence 5c1f)",
    );
    expect((await groupOf(group)).revision).toBe(group.revision + 1);
    await waitUntil("it was told", () => changed.includes("chat") && repaired.length === 1);
    expect(repaired).toEqual(["main silenced 1"]);
    await waitUntil("the status says so", () => repair?.statuses()[0]?.lastSuccessAt !== undefined);
    expect(repair?.statuses()).toEqual([{ source: "main", lastSuccessAt: expect.any(Number) as number }]);
  });

  it("opens again what Alertmanager has active when the silence has ended", async () => {
    const a = fires("a", {}, Date.now() - 60_000);
    const group = await report(store, config, [a]);
    alertmanager.alerts = [asKnown(a, { silencedBy: ["5c1f"] })];
    start();
    await becomes(group, { a: "silenced" });
    // it ended while it was silenced and began anew: Alertmanager tells of neither
    alertmanager.alerts = [asKnown({ ...a, startsAt: a.startsAt + 30_000 })];
    await becomes(group, { a: "firing" });
    expect((await groupOf(group)).alerts[0]).toMatchObject({ startsAt: a.startsAt + 30_000 });
    await waitUntil("it was counted", () => repaired.length === 2);
    expect(repaired).toEqual(["main silenced 1", "main firing 1"]);
  });

  it("names what inhibits an alert, and the interval that mutes its group", async () => {
    const [a, b] = [fires("a"), fires("b")];
    const group = await report(store, config, [a, b]);
    const cause = asKnown(fires("c", { alertname: "SiteDown" }), { groups: [] });
    alertmanager.alerts = [
      cause,
      asKnown(a, { inhibitedBy: [cause.fingerprint] }),
      asKnown(b, { groups: [{ ...GROUP, mutedBy: ["nights"] }] }),
    ];
    start();
    await becomes(group, { a: "inhibited", b: "silenced" });
    expect(await reasonOf(group, 0)).toBe("inhibited in Alertmanager by SiteDown");
    expect(await reasonOf(group, 1)).toBe('muted in Alertmanager by the time interval "nights"');
  });

  it("closes what Alertmanager no longer has, but only when its resolved notification would be here", async () => {
    const [a, b] = [fires("a"), fires("b")];
    const group = await report(store, config, [a, b]);
    alertmanager.alerts = [asKnown(a), asKnown(b)];
    start({ flush: 300 });
    await rounds(1);
    alertmanager.alerts = [asKnown(b)];
    const lostAt = performance.now();
    await becomes(group, { a: "gone", b: "firing" });
    expect(performance.now() - lostAt).toBeGreaterThan(300);
    expect(await reasonOf(group)).toMatch(/^Alertmanager no longer has this alert/);
  });

  it("takes nothing for gone while a replica has just been started", async () => {
    const group = await report(store, config, [fires("a")]);
    alertmanager.startedAt = Date.now() + 60_000;
    start({ uptime: 1_000 });
    await rounds(6);
    expect(await statesOf(group)).toEqual({ a: "firing" });
    alertmanager.startedAt = Date.now() - 1_000;
    // its clock is told to the second
    await becomes(group, { a: "gone" });
  });

  it("concludes nothing when no replica answers as it should", async () => {
    const group = await report(store, config, [fires("a")]);
    for (const [path, status] of [
      ["alerts", 500],
      ["alerts/groups", 403],
      ["silences", 404],
      ["status", 503],
    ] as const) {
      alertmanager.failing.clear();
      alertmanager.failing.set(path, status);
      await repair?.stop();
      start();
      await waitUntil("the failure is shown", () =>
        repair?.statuses()[0]?.lastError?.includes(`/${path}: status ${status}`),
      );
      await rounds(3);
      expect(await statesOf(group)).toEqual({ a: "firing" });
      expect(repair?.statuses()[0]).not.toHaveProperty("lastSuccessAt");
    }
  });

  it("leaves an alert alone that only one of two replicas has, active or not suppressed by both", async () => {
    const other = new FakeAlertmanager();
    const second = await startLabServer({ handler: (request) => other.handle(request) });
    config = aConfig({ sources: [sourceAt(server.url, second.url)] });
    try {
      const [a, b, c] = [fires("a"), fires("b"), fires("c")];
      const group = await report(store, config, [a, b, c]);
      alertmanager.alerts = [asKnown(a), asKnown(b, { silencedBy: ["x"] }), asKnown(c, { silencedBy: ["x"] })];
      other.alerts = [asKnown(b), asKnown(c, { silencedBy: ["x"] })];
      start();
      await becomes(group, { a: "firing", b: "firing", c: "silenced" });
      await rounds(5);
      expect(await statesOf(group)).toEqual({ a: "firing", b: "firing", c: "silenced" });
      await second.setFault({ kind: "refused" });
      await becomes(group, { a: "firing", b: "silenced", c: "silenced" });
      const status = await waitUntil("the failure is shown", () => {
        const [one] = repair?.statuses() ?? [];
        return one?.lastError?.includes("connection refused") && one;
      });
      expect(status.lastSuccessAt).toBeDefined();
    } finally {
      await repair?.stop();
      await second.close();
    }
  });

  it("leaves alone what was reported a moment ago, and what is Grafana's", async () => {
    const fresh = await report(store, config, [fires("a")]);
    const grafana = await report(store, config, [fires("b")], { kind: "grafana", groupKey: "grafana" });
    start({ fresh: 3_600_000 });
    await rounds(5);
    await repair?.stop();
    expect(await statesOf(fresh)).toEqual({ a: "firing" });
    start();
    await becomes(fresh, { a: "gone" });
    expect(await statesOf(grafana)).toEqual({ b: "firing" });
  });

  it("closes what Alertmanager's routes lead to another receiver now", async () => {
    const a = fires("a");
    const group = await report(store, config, [a]);
    alertmanager.alerts = [asKnown(a, { groups: [{ receiver: "mail", labels: { alertname: "NodeDown" } }] })];
    start();
    await becomes(group, { a: "rerouted" });
    expect(await reasonOf(group)).toBe(
      'the routes of Alertmanager were changed: it has this alert with the receiver "mail" now',
    );
    await rounds(4);
    expect(await statesOf(group)).toEqual({ a: "rerouted" });
  });

  it("closes the older of two groups when Alertmanager has one, since its route has other matchers now", async () => {
    const a = fires("a");
    const old = await report(store, config, [a], { groupKey: '{}/{team="x"}:{alertname="NodeDown"}' });
    alertmanager.alerts = [asKnown(a)];
    start();
    await rounds(2);
    await waitUntil("time has passed", async () => (await store.now()) > (old.alerts[0]?.seenAt ?? 0));
    const young = await report(store, config, [a], { groupKey: '{}/{team=~"x|y"}:{alertname="NodeDown"}' });
    await becomes(old, { a: "rerouted" });
    await rounds(4);
    expect([await statesOf(old), await statesOf(young)]).toEqual([{ a: "rerouted" }, { a: "firing" }]);
  });

  it("keeps both of two such groups while Alertmanager has two", async () => {
    const a = fires("a");
    const one = await report(store, config, [a], { groupKey: '{}/{team="x"}:{alertname="NodeDown"}' });
    const two = await report(store, config, [a], { groupKey: '{}/{team="x"}/{}:{alertname="NodeDown"}' });
    alertmanager.alerts = [asKnown(a, { groups: [GROUP, GROUP] })];
    start();
    await rounds(5);
    expect([await statesOf(one), await statesOf(two)]).toEqual([{ a: "firing" }, { a: "firing" }]);
  });

  it("forgets alerts that were left out of a notification once none that may be one of them is active", async () => {
    const [a, hidden, other] = [fires("a"), fires("hidden"), fires("other", { alertname: "DiskFull" })];
    const group = await report(store, config, [a], { truncatedAlerts: 1 });
    alertmanager.alerts = [
      asKnown(a, { silencedBy: ["x"] }),
      asKnown(hidden),
      asKnown(other, { groups: [{ receiver: "watchkeeper", labels: { alertname: "DiskFull" } }] }),
    ];
    start();
    await becomes(group, { a: "silenced" });
    await rounds(5);
    expect(isOpen(await groupOf(group))).toBe(true);
    alertmanager.alerts = alertmanager.alerts.filter(({ fingerprint }) => fingerprint !== hidden.fingerprint);
    await waitUntil("the group is closed", async () => !isOpen(await groupOf(group)));
    expect((await groupOf(group)).truncated).toEqual({});
  });

  it("opens a resolved alert again that Alertmanager has had active since, but not at once", async () => {
    const a = fires("a", {}, Date.now() - 60_000);
    const group = await report(store, config, [a]);
    await report(store, config, [{ ...a, status: "resolved", endsAt: Date.now() }]);
    alertmanager.alerts = [asKnown(a)];
    start({ resolved: 400 });
    await rounds(2);
    expect(await statesOf(group)).toEqual({ a: "resolved" });
    await becomes(group, { a: "firing" });
  });

  it("does not look through closed groups again for alerts that are other receivers'", async () => {
    const a = fires("a", {}, Date.now() - 60_000);
    alertmanager.alerts = [asKnown(a, { groups: [{ receiver: "mail", labels: {} }] })];
    let scans = 0;
    const groups = store.groups.bind(store);
    store = { ...store, groups: (query) => ((scans += query.openOnly ? 0 : 1), groups(query)) };
    start();
    await rounds(6);
    expect(scans).toBe(1);
  });

  it("follows the regrouping of its own routes: such a group's labels are not Alertmanager's", async () => {
    config = { ...config, route: aRoute({ groupBy: ["instance"] }) };
    const a = fires("a");
    const group = await report(store, config, [a]);
    expect(group.labels).toEqual({ instance: "a" });
    alertmanager.alerts = [asKnown(a)];
    start();
    await rounds(5);
    expect(await statesOf(group)).toEqual({ a: "firing" });
    alertmanager.alerts = [asKnown(a, { silencedBy: ["x"] })];
    await becomes(group, { a: "silenced" });
  });
});
