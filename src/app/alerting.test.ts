import { join } from "node:path";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../test/helpers/janitor.ts";
import { change } from "../../test/contract/store-fixtures.ts";
import { waitUntil } from "../../test/helpers/wait-until.ts";
import type { AlertingConfig } from "../core/alerting-config.ts";
import { StoreUnavailable, type DeliveryStore } from "../core/delivery-store.ts";
import { days, hours, seconds } from "../core/duration.ts";
import type { Destination } from "../core/notifier.ts";
import { openSqliteStore } from "../stores/index.ts";
import { startAlerting, type Alerting } from "./alerting.ts";

let folder: TemporaryFolder;
let store: DeliveryStore;
let alerting: Alerting;
let registry: Registry;
let delivered: string[];

const to = (name: string): Destination => ({
  name,
  type: "webhook",
  policy: { rate: { perSecond: 100, burst: 100 }, concurrency: 4, timeout: seconds(5), giveUpAfter: hours(6) },
  open: () =>
    Promise.resolve({
      deliver: () => {
        delivered.push(name);
        return Promise.resolve({ remote: {}, answer: "ok" });
      },
      close: () => Promise.resolve(),
    }),
});

const configOf = (...names: string[]): AlertingConfig => ({
  sources: [{ name: "main", credentials: [], alertmanager: undefined, watchdog: undefined }],
  destinations: names.map(to),
  route: {
    id: "{}",
    matchers: [],
    continue: false,
    destinations: names,
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    routes: [],
  },
  timeIntervals: [],
  storm: { newPerMinute: 30 },
  fallback: [],
  deadMan: undefined,
  retention: { groups: days(30), journal: days(7) },
});

beforeEach(async () => {
  delivered = [];
  registry = new Registry();
  folder = await createTemporaryFolder("alerting");
  store = await openSqliteStore({ path: join(folder.path, "watchkeeper.db"), reserveBytes: 0 });
});
afterEach(async () => {
  await alerting.stop();
  await folder.remove();
});

const start = async (used: DeliveryStore, ...names: string[]): Promise<void> => {
  const config = configOf(...names);
  const log = pino({ enabled: false });
  alerting = await startAlerting({ store: used, config, externalUrl: "http://watchkeeper", registry, log });
};

it("goes on to deliver when the store could not be had at the moment of a reload", async () => {
  let isAway = false;
  const recover = (owner: string): Promise<void> =>
    isAway ? Promise.reject(new StoreUnavailable("The database is restarted.")) : store.recover(owner);
  await start({ ...store, recover }, "chat");
  isAway = true;
  await alerting.replace(configOf("chat"), "http://watchkeeper").catch(() => undefined);
  isAway = false;
  // these groups are not made by the routes, so that the look at them which follows a start may close one at once
  let count = 0;
  const sendAnother = async (): Promise<boolean> => {
    count += 1;
    await store.changeGroups([{ changes: [change(`a${count}`, { destinations: ["chat"] })] }]);
    return delivered.length > 0;
  };
  await waitUntil("an alert is delivered", sendAnother, { everyMs: 500 });
  expect(delivered).toContain("chat");
});

it("shows no trouble of a destination that is not configured any more", async () => {
  await store.changeGroups([{ changes: [change("a", { destinations: ["former"] })] }]);
  await store.changeDestination("former", (state, now) => ({
    ...state,
    brokenReason: "unauthorized",
    brokenSince: now,
  }));
  await start(store, "chat");
  const shown = await registry.metrics();
  expect(shown).toContain('watchkeeper_conversations{destination="former",state="pending"} 1');
  expect(shown).not.toContain('watchkeeper_delivery_oldest_pending_timestamp_seconds{destination="former"}');
  expect(shown).not.toContain('watchkeeper_destination_broken{destination="former"}');
});
