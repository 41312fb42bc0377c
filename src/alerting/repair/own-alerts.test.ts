import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { isOpen, type AlertGroup } from "../../core/alert-group.ts";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import type { Conversation } from "../../core/conversation.ts";
import type { DeliveryStore } from "../../core/delivery-store.ts";
import { milliseconds } from "../../core/duration.ts";
import { openSqliteStore } from "../../stores/index.ts";
import { aChild, aConfig, aRoute, aSource, fires, report } from "./__fixtures__/setting.ts";
import { startOwnAlerts, type OwnAlerts } from "./own-alerts.ts";

let folder: TemporaryFolder;
let store: DeliveryStore;
let running: OwnAlerts | undefined;
let checks: number;

beforeEach(async () => {
  folder = await createTemporaryFolder("own-alerts");
  store = await openSqliteStore({ path: join(folder.path, "store.db"), reserveBytes: 0 });
  running = undefined;
});
afterEach(async () => {
  await running?.stop();
  await store.close();
  await folder.remove();
});

const start = (config: AlertingConfig): void => {
  checks = 0;
  running = startOwnAlerts({
    store: { ...store, heartbeats: () => ((checks += 1), store.heartbeats()) },
    config,
    externalUrl: "https://watch.example.org",
    onChanged: () => undefined,
    log: pino({ level: "silent" }),
    every: milliseconds(20),
  });
};
const rounds = async (count: number): Promise<void> => {
  const before = checks;
  await waitUntil("it was checked again", () => checks > before + count);
};
const own = async (alertname: string): Promise<AlertGroup | undefined> =>
  (await store.groups({ source: "watchkeeper", openOnly: false, limit: 100 })).find(
    ({ labels }) => labels["alertname"] === alertname,
  );
const opens = (alertname: string): Promise<AlertGroup> =>
  waitUntil(`${alertname} fires`, async () => {
    const group = await own(alertname);
    return group !== undefined && isOpen(group) && group;
  });
const ends = (alertname: string): Promise<AlertGroup> =>
  waitUntil(`${alertname} is over`, async () => {
    const group = await own(alertname);
    return group !== undefined && !isOpen(group) && group;
  });
const destinationsOf = async (groupId: string): Promise<readonly string[]> =>
  (await store.list({ groupId, limit: 10 })).map(({ conversation }) => conversation.destination).toSorted();

const broken = async (destination: string, minutes: number): Promise<void> => {
  const now = await store.now();
  await store.changeDestination(destination, (state) => ({
    ...state,
    brokenReason: "unauthorized",
    brokenSince: now - minutes * 60_000,
  }));
};
const mended = (destination: string): Promise<void> =>
  store.changeDestination(destination, ({ brokenReason: _reason, brokenSince: _since, ...state }) => state);
const setDead = async (host: string, state: Conversation["state"]): Promise<void> => {
  const { id } = await report(store, aConfig(), [fires(host)], { groupKey: host });
  for (const { conversation } of await store.list({ groupId: id, limit: 10 }))
    await store.changeConversation(conversation.id, (former) => ({ ...former, state }));
};

describe("WatchkeeperDestinationBroken", () => {
  it("fires after five minutes, elsewhere than at that destination, and ends by itself", async () => {
    await broken("chat", 4);
    start(aConfig({ fallback: ["chat", "pager"] }));
    await rounds(3);
    expect(await own("WatchkeeperDestinationBroken")).toBeUndefined();
    await broken("chat", 6);
    const group = await opens("WatchkeeperDestinationBroken");
    expect(group).toMatchObject({
      kind: "internal",
      source: "watchkeeper",
      labels: { alertname: "WatchkeeperDestinationBroken", destination: "chat" },
      externalUrl: "https://watch.example.org",
      alerts: [
        {
          labels: { severity: "critical", service: "watchkeeper", destination: "chat", reason: "unauthorized" },
          annotations: {
            summary: "Nothing can be delivered to chat: unauthorized",
            runbook_url: "https://watch.example.org/runbooks/WatchkeeperDestinationBroken",
          },
          links: { runbook: "https://watch.example.org/runbooks/WatchkeeperDestinationBroken" },
        },
      ],
    });
    expect(await destinationsOf(group.id)).toEqual(["pager"]);
    await rounds(3);
    expect((await own("WatchkeeperDestinationBroken"))?.revision).toBe(group.revision);
    await mended("chat");
    expect((await ends("WatchkeeperDestinationBroken")).alerts).toMatchObject([{ state: "resolved" }]);
    // a later one is another episode of the same group
    await broken("chat", 6);
    const again = await opens("WatchkeeperDestinationBroken");
    expect(again.id).toBe(group.id);
    expect(again.alerts).toHaveLength(1);
    expect(again.revision).toBe(group.revision + 2);
  });

  it("goes to the destination itself when there is no other, and to another that a reload brings", async () => {
    await broken("chat", 6);
    start(aConfig());
    expect(await destinationsOf((await opens("WatchkeeperDestinationBroken")).id)).toEqual(["chat"]);
    await running?.stop();
    start(aConfig({ route: aRoute({ destinations: ["chat", "pager"] }) }));
    await waitUntil("the pager is told too", async () => {
      const group = await own("WatchkeeperDestinationBroken");
      return group !== undefined && (await destinationsOf(group.id)).includes("pager");
    });
  });

  it("goes where the routes lead it", async () => {
    await broken("chat", 6);
    start(aConfig({ route: aRoute({ routes: [aChild("service", "watchkeeper", ["pager"])] }) }));
    const { id, route } = await opens("WatchkeeperDestinationBroken");
    expect(route).toBe('{}/{service="watchkeeper"}');
    expect(await destinationsOf(id)).toEqual(["pager"]);
  });

  it("ends for a destination that is configured no longer", async () => {
    await broken("chat", 6);
    start(aConfig());
    await opens("WatchkeeperDestinationBroken");
    await running?.stop();
    start(aConfig({ destinations: aConfig().destinations.filter(({ name }) => name !== "chat") }));
    expect((await ends("WatchkeeperDestinationBroken")).alerts[0]?.state).toBe("resolved");
  });
});

describe("WatchkeeperDeadLetters", () => {
  it("counts them in steps, so that not every one makes another message", async () => {
    for (const host of ["a", "b"]) await setDead(host, "dead");
    start(aConfig({ fallback: ["pager"] }));
    const group = await opens("WatchkeeperDeadLetters");
    expect(group.alerts[0]).toMatchObject({
      labels: { severity: "warning", destination: "chat" },
      annotations: { count: "2", summary: "2 or more messages could not be delivered to chat" },
    });
    expect(await destinationsOf(group.id)).toEqual(["pager"]);
    for (const host of ["c", "d"]) await setDead(host, "dead");
    await rounds(3);
    expect((await own("WatchkeeperDeadLetters"))?.revision).toBe(group.revision);
    await setDead("e", "dead");
    await waitUntil(
      "five are told",
      async () => (await own("WatchkeeperDeadLetters"))?.alerts[0]?.annotations["count"] === "5",
    );
    for (const host of ["a", "b", "c", "d", "e"]) await setDead(host, "dropped");
    await ends("WatchkeeperDeadLetters");
  });
});

describe("WatchkeeperSourceSilent", () => {
  const watched = (every: number) =>
    aConfig({ sources: [aSource({ watchdog: { matchers: [], every: milliseconds(every), misses: 2 } })] });

  it("fires for a source that was never heard, and ends at its first sign of life", async () => {
    start(watched(60));
    const group = await opens("WatchkeeperSourceSilent");
    expect(group.alerts[0]).toMatchObject({
      labels: { severity: "critical", source: "main" },
      annotations: { description: expect.stringMatching(/^It was never heard of/) as string },
    });
    expect(running?.watches()).toMatchObject([{ source: "main", state: "silent" }]);
    await store.changeGroups([{ heartbeats: ["main"], changes: [] }]);
    await ends("WatchkeeperSourceSilent");
  });

  it("stays as it is after a restart until it was listened to for long enough", async () => {
    await store.changeGroups([{ heartbeats: ["main"], changes: [] }]);
    start(watched(60));
    const group = await opens("WatchkeeperSourceSilent");
    expect(group.alerts[0]?.annotations["description"]).toMatch(/^It was last heard of at 2\d{3}-/);
    await running?.stop();
    start(watched(60));
    await rounds(10);
    expect(await own("WatchkeeperSourceSilent")).toMatchObject({ revision: group.revision });
  });
});
