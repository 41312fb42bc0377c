import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { isOpen, type AlertGroup } from "../../core/alert-group.ts";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { minutes } from "../../core/duration.ts";
import { labelMatcher } from "../../core/label-matcher.ts";
import { openSqliteStore } from "../../stores/index.ts";
import { aChild, aConfig, aRoute, aSource, fires, report } from "./__fixtures__/setting.ts";
import { startRepair } from "./repair.ts";

let folder: TemporaryFolder;
let store: DeliveryStore;
let repaired: string[];

beforeEach(async () => {
  folder = await createTemporaryFolder("reroute");
  store = await openSqliteStore({ path: join(folder.path, "store.db"), reserveBytes: 0 });
  repaired = [];
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

/** What a start with this configuration, or a reload, makes of what is open. */
const startWith = async (config: AlertingConfig): Promise<void> => {
  let isLast = false;
  const watched: DeliveryStore = {
    ...store,
    groups: async (query) => {
      const groups = await store.groups(query);
      isLast ||= groups.length < query.limit;
      return groups;
    },
  };
  const repair = startRepair({
    store: watched,
    config,
    log: pino({ level: "silent" }),
    observer: { repaired: (...what) => void repaired.push(what.join(" ")) },
    onChanged: () => undefined,
  });
  await waitUntil("the last of the open groups were read", () => isLast);
  // it ends what it has begun
  await repair.stop();
};
const groups = async (): Promise<readonly AlertGroup[]> => store.groups({ openOnly: false, limit: 100 });
const group = async (id: string): Promise<AlertGroup | undefined> => store.group(id);
const destinationsOf = async (groupId: string): Promise<readonly string[]> =>
  (await store.list({ groupId, limit: 10 })).map(({ conversation }) => conversation.destination).toSorted();

const database = aChild("team", "db", ["pager"]);

describe("a change of our own routes", () => {
  it("closes an alert where it was, and opens it where it leads now", async () => {
    const [a, b] = [fires("a", { team: "db" }), fires("b", { team: "infra" })];
    const before = await report(store, aConfig(), [a, b]);
    const config = aConfig({ route: aRoute({ routes: [database] }) });
    await startWith(config);

    const old = await group(before.id);
    expect(old?.alerts.map(({ state }) => state)).toEqual(["rerouted", "firing"]);
    expect(old?.alerts[0]?.closedBecause).toBe("the routes of Watchkeeper lead this alert elsewhere now");
    const others = (await groups()).filter(({ id }) => id !== before.id);
    expect(others).toMatchObject([{ route: database.id, alerts: [{ state: "firing", fingerprint: a.fingerprint }] }]);
    expect(await destinationsOf(others[0]?.id ?? "")).toEqual(["pager"]);
    expect(repaired).toEqual(["main rerouted 1"]);
    // the group is the very one that the next notification leads to
    const next = await report(store, config, [a]);
    expect(next.id).toBe(others[0]?.id);
  });

  it("is undone by changing them back", async () => {
    const before = await report(store, aConfig(), [fires("a", { team: "db" })]);
    await startWith(aConfig({ route: aRoute({ routes: [database] }) }));
    await startWith(aConfig());
    expect((await group(before.id))?.alerts[0]?.state).toBe("firing");
    expect((await groups()).filter((one) => isOpen(one)).map(({ id }) => id)).toEqual([before.id]);
  });

  it("tells a new destination of a route what is open, and changes nothing else", async () => {
    const before = await report(store, aConfig(), [fires("a")]);
    expect(await destinationsOf(before.id)).toEqual(["chat"]);
    await startWith(aConfig({ route: aRoute({ destinations: ["chat", "pager"] }) }));
    expect(await destinationsOf(before.id)).toEqual(["chat", "pager"]);
    expect((await group(before.id))?.revision).toBe(before.revision);
    expect(repaired).toEqual([]);
  });

  it("regroups what is open", async () => {
    const before = await report(store, aConfig(), [fires("a"), fires("b")]);
    const config = aConfig({ route: aRoute({ groupBy: ["instance"] }) });
    await startWith(config);
    expect(isOpen((await group(before.id)) ?? before)).toBe(false);
    const open = (await groups()).filter((one) => isOpen(one));
    expect(open.map(({ labels }) => labels["instance"]).toSorted()).toEqual(["a", "b"]);
    // what the sender's own group was is not known any more; the next notification tells
    await startWith(aConfig());
    expect((await groups()).filter((one) => isOpen(one))).toEqual([]);
  });

  it("leaves what a sender left out of a group as it is, as long as the group's route is there", async () => {
    const hidden = await report(store, aConfig(), [{ ...fires("a"), status: "resolved" }, fires("b")], {
      truncatedAlerts: 2,
    });
    await startWith(aConfig());
    expect(await group(hidden.id)).toMatchObject({ truncated: hidden.truncated, revision: hidden.revision });
    await startWith(aConfig({ route: aRoute({ id: "{}/other" }) }));
    expect((await group(hidden.id))?.truncated).toEqual({});
  });

  it("closes what a source reported that is configured no longer, but not Watchkeeper's own", async () => {
    const before = await report(store, aConfig(), [fires("a")]);
    const own = await report(store, aConfig(), [fires("b")], { kind: "internal", source: "watchkeeper" });
    await startWith(aConfig({ sources: [aSource({ name: "another" })] }));
    expect((await group(before.id))?.alerts[0]).toMatchObject({
      state: "rerouted",
      closedBecause: "the configuration of Watchkeeper no longer has this source of alerts",
    });
    expect((await group(own.id))?.alerts[0]?.state).toBe("firing");
  });

  it("closes the alert that is its source's sign of life now", async () => {
    const before = await report(store, aConfig(), [fires("a"), fires("b", { alertname: "Watchdog" })]);
    const matchers = [labelMatcher("alertname", "=", "Watchdog")];
    const watchdog = { matchers, every: minutes(1), misses: 3 };
    await startWith(aConfig({ sources: [aSource({ watchdog })] }));
    expect((await group(before.id))?.alerts.map(({ state }) => state)).toEqual(["firing", "rerouted"]);
    expect(await groups()).toHaveLength(1);
  });

  it("goes on where several pages of groups are open", async () => {
    const config = aConfig({ route: aRoute({ groupBy: ["instance"] }) });
    await report(
      store,
      config,
      Array.from({ length: 450 }, (_, i) => fires(`host-${i}`, { team: "db" })),
    );
    await startWith(
      aConfig({ route: aRoute({ groupBy: ["instance"], routes: [{ ...database, groupBy: ["instance"] }] }) }),
    );
    const open = (await store.groups({ openOnly: true, limit: 1_000 })).filter((one) => isOpen(one));
    expect(open).toHaveLength(450);
    expect(new Set(open.map(({ route }) => route))).toEqual(new Set([database.id]));
  });
});
