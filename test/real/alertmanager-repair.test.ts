import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pino } from "pino";
import { request } from "undici";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createIntake } from "../../src/alerting/intake/intake.ts";
import { readAlertmanagerWebhook } from "../../src/alerting/intake/alertmanager.ts";
import { startRepair, type Repair } from "../../src/alerting/repair/repair.ts";
import type { GroupAlert } from "../../src/core/alert-group.ts";
import type { AlertingConfig } from "../../src/core/alerting-config.ts";
import type { DeliveryStore } from "../../src/core/delivery-store.ts";
import { days, milliseconds } from "../../src/core/duration.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { startAlertmanager, type AlertmanagerServer } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** Every notification of a group is at most a second after the one before it. */
const alertmanagerConfig = (webhook: string) => ({
  route: {
    receiver: "watch.keeper",
    group_by: ["alertname"],
    group_wait: "100ms",
    group_interval: "1s",
    repeat_interval: "4h",
  },
  receivers: [{ name: "watch.keeper", webhook_configs: [{ url: webhook }] }],
  inhibit_rules: [{ source_matchers: ['alertname="SiteDown"'], target_matchers: ['alertname="NodeDown"'] }],
});

const GRACES = { fresh: 0, uptime: 4_000, flush: 1_500 };
const EVERY = milliseconds(300);

describeReal("repair by a real Alertmanager's API", ["alertmanager"], () => {
  let folder: TemporaryFolder;
  let store: DeliveryStore;
  let webhooks: Server;
  let alertmanager: AlertmanagerServer;
  let repair: Repair;

  const configOf = (url: string): AlertingConfig => ({
    sources: [
      {
        name: "main",
        credentials: [],
        alertmanager: { urls: [url], every: EVERY, caFile: undefined, login: undefined },
        watchdog: undefined,
      },
    ],
    destinations: [],
    route: {
      id: "{}",
      matchers: [],
      continue: false,
      destinations: ["chat"],
      muteTimeIntervals: [],
      activeTimeIntervals: [],
      routes: [],
    },
    timeIntervals: [],
    storm: { newPerMinute: 1_000 },
    fallback: [],
    deadMan: undefined,
    retention: { groups: days(1), journal: days(1) },
  });
  const beginRepair = (): void => {
    repair = startRepair({
      store,
      config: configOf(alertmanager.url),
      log: pino({ level: "silent" }),
      observer: { repaired: () => undefined },
      onChanged: () => undefined,
      graces: GRACES,
    });
  };
  const webhookUrl = (): string => `http://127.0.0.1:${(webhooks.address() as AddressInfo).port}/`;

  beforeEach(async () => {
    folder = await createTemporaryFolder("alertmanager-repair");
    store = await openSqliteStore({ path: join(folder.path, "store.db"), reserveBytes: 0 });
    const intake = createIntake({ store, config: () => configOf(""), onAccepted: () => undefined });
    const accept = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await buffer(incoming);
      const arrival = { source: "main", receivedAt: Date.now(), traceparent: undefined };
      await intake.accept(readAlertmanagerWebhook(JSON.parse(body.toString()) as unknown, arrival), body);
      response.writeHead(202).end();
    };
    webhooks = createServer((...exchange) => void accept(...exchange)).listen(0, "127.0.0.1");
    await once(webhooks, "listening");
    alertmanager = await startAlertmanager({ config: alertmanagerConfig(webhookUrl()) });
    beginRepair();
  });
  afterEach(async () => {
    await repair?.stop();
    await alertmanager?.stop();
    webhooks?.close();
    webhooks?.closeAllConnections();
    await store?.close();
    await folder?.remove();
  });

  const call = async (method: "POST" | "DELETE", path: string, body?: unknown): Promise<string> => {
    const answer = await request(`${alertmanager.url}/api/v2/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`);
    return text;
  };
  const startsAt = new Date(Date.now() - 60_000).toISOString();
  /** As Prometheus sends it: until when it fires unless it is sent again. */
  const send = (alertname: string, instance: string, endsInMs = 3_600_000): Promise<string> =>
    call("POST", "alerts", [
      {
        labels: { alertname, instance, severity: "critical" },
        startsAt,
        endsAt: new Date(Date.now() + endsInMs).toISOString(),
      },
    ]);
  const silence = async (alertname: string, comment: string): Promise<string> => {
    const text = await call("POST", "silences", {
      matchers: [{ name: "alertname", value: alertname, isRegex: false, isEqual: true }],
      startsAt: new Date(Date.now() - 1_000).toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: "ops",
      comment,
    });
    return (JSON.parse(text) as { silenceID: string }).silenceID;
  };
  const alerts = async (): Promise<readonly GroupAlert[]> =>
    (await store.groups({ source: "main", openOnly: false, limit: 100 })).flatMap((group) => group.alerts);
  const becomes = (alertname: string, state: GroupAlert["state"], instance = "a"): Promise<GroupAlert> =>
    waitUntil(`${alertname} of ${instance} is ${state}`, async () =>
      (await alerts()).find(
        ({ labels, ...alert }) =>
          labels["alertname"] === alertname && labels["instance"] === instance && alert.state === state,
      ),
    );

  it("closes what is silenced with the silence's own words, and opens it again when that ends", async () => {
    await send("NodeDown", "a");
    const { revision } = await waitUntil(
      "it arrived",
      async () => (await store.groups({ openOnly: true, limit: 1 }))[0],
    );
    const id = await silence("NodeDown", "the disk is being replaced");
    const { closedBecause } = await becomes("NodeDown", "silenced");
    expect(closedBecause).toMatch(
      /^silenced until \d{4}-\d\d-\d\d \d\d:\d\d UTC by ops: the disk is being replaced \(silence /,
    );
    expect(closedBecause).toContain(id);
    await call("DELETE", `silence/${id}`);
    await becomes("NodeDown", "firing");
    expect((await store.groups({ openOnly: true, limit: 1 }))[0]?.revision).toBe(revision + 2);
  });

  it("closes what ended while it was silenced, of which Alertmanager never tells", async () => {
    await send("NodeDown", "a");
    await becomes("NodeDown", "firing");
    await silence("NodeDown", "away");
    await send("NodeDown", "a", -1_000);
    await waitUntil("it is closed", async () => (await alerts()).every(({ state }) => state !== "firing"));
    expect((await alerts())[0]?.state).not.toBe("resolved");
  });

  it("closes what is inhibited, and opens it again when its cause is over", async () => {
    await send("NodeDown", "a");
    await becomes("NodeDown", "firing");
    await send("SiteDown", "site");
    expect((await becomes("NodeDown", "inhibited")).closedBecause).toBe("inhibited in Alertmanager by SiteDown");
    await send("SiteDown", "site", -1_000);
    await becomes("NodeDown", "firing");
    expect((await becomes("SiteDown", "resolved", "site")).closedBecause).toBeUndefined();
  });

  it("leaves alone what fires, and lets Alertmanager tell of a common end by itself", async () => {
    await send("NodeDown", "a");
    await send("NodeDown", "b");
    await becomes("NodeDown", "firing", "b");
    await waitUntil("Alertmanager is old enough", () => repair.statuses()[0]?.lastSuccessAt);
    const [group] = await store.groups({ openOnly: true, limit: 1 });
    await send("NodeDown", "b", -1_000);
    expect((await becomes("NodeDown", "resolved", "b")).closedBecause).toBeUndefined();
    expect((await becomes("NodeDown", "firing")).seenAt).toBeGreaterThanOrEqual(group?.alerts[0]?.seenAt ?? Infinity);
  });

  it("closes what a restarted Alertmanager does not have any more, but only after a while", async () => {
    await send("NodeDown", "a");
    await send("NodeDown", "b");
    await becomes("NodeDown", "firing", "b");
    await becomes("NodeDown", "firing", "a");
    await alertmanager.stop();
    await waitUntil("that is noticed", () => repair.statuses()[0]?.lastError);
    expect((await alerts()).map(({ state }) => state)).toEqual(["firing", "firing"]);
    await repair.stop();

    const restartedAt = performance.now();
    alertmanager = await startAlertmanager({ config: alertmanagerConfig(webhookUrl()) });
    beginRepair();
    await send("NodeDown", "b");
    const { closedBecause } = await becomes("NodeDown", "gone");
    // Alertmanager's clock is told to the second
    expect(performance.now() - restartedAt).toBeGreaterThan(GRACES.uptime - 1_000);
    expect(closedBecause).toMatch(/^Alertmanager was restarted/);
    expect((await becomes("NodeDown", "firing", "b")).state).toBe("firing");
  });
});
