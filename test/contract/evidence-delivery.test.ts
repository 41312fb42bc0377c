import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startDelivery } from "../../src/alerting/delivery/engine.ts";
import { startEvidenceWorker } from "../../src/alerting/evidence/evidence-worker.ts";
import { aConfig, aRoute, fires, report } from "../../src/alerting/repair/__fixtures__/setting.ts";
import type { GroupEvidence } from "../../src/core/evidence.ts";
import { milliseconds, minutes } from "../../src/core/duration.ts";
import type { Destination } from "../../src/core/notifier.ts";
import type { Store } from "../../src/core/store.ts";
import { startGotifyStandIn, type GotifyStandIn } from "../../src/lab/channels/gotify/gotify-stand-in.ts";
import { startSlackStandIn, type SlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { gotifyNotifier } from "../../src/notifiers/gotify/notifier.ts";
import { slackNotifier } from "../../src/notifiers/slack/notifier.ts";
import { slackWebhookNotifier } from "../../src/notifiers/slack-webhook/notifier.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { waitUntil } from "../helpers/wait-until.ts";

let folder: TemporaryFolder;
let store: Store;
let slack: SlackStandIn;
let hooked: SlackStandIn;
let gotify: GotifyStandIn;
let running: { stop(): Promise<void> }[];

beforeEach(async () => {
  folder = await createTemporaryFolder("evidence-delivery");
  store = await openSqliteStore({ path: join(folder.path, "watchkeeper.db"), reserveBytes: 0 });
  [slack, hooked, gotify] = [await startSlackStandIn(), await startSlackStandIn(), await startGotifyStandIn()];
  running = [];
});
afterEach(async () => {
  for (const one of running) await one.stop();
  await Promise.all([slack.close(), hooked.close(), gotify.close(), store.close()]);
  await folder.remove();
});

const destinations = (): readonly Destination[] => [
  slackNotifier.destination.parse({
    type: "slack",
    name: "slack",
    channel: "alerts",
    api_url: slack.url,
    token: slack.token,
  }),
  slackWebhookNotifier.destination.parse({ type: "slack-webhook", name: "hook", url: hooked.webhookUrl }),
  gotifyNotifier.destination.parse({ type: "gotify", name: "phone", url: gotify.url, token: gotify.token }),
];

it("a bare message comes first, and what is found later is told once at each destination, as quietly as it can", async () => {
  const config = aConfig({ destinations: destinations(), route: aRoute({ destinations: ["slack", "hook", "phone"] }) });
  const log = pino({ level: "silent" });
  const observer = Object.fromEntries(
    ["delivered", "firstTold", "failed", "superseded", "died", "rolledUp", "leaseLost"].map((name) => [
      name,
      () => undefined,
    ]),
  ) as never;
  const delivery = await startDelivery({ store, config, externalUrl: "https://w.example.org", observer, log });
  running.push(delivery);
  const found = Promise.withResolvers<undefined>();
  let looks = 0;
  let ahead = 0;
  const gather = async (): Promise<GroupEvidence> => {
    await found.promise;
    looks += 1;
    return { bundleId: `bundle-${looks}`, at: Date.now() + ahead, lines: [`disk sda is full: ${looks} lines`] };
  };
  await report(store, config, [fires("db-1")]);
  const worker = startEvidenceWorker({
    store: { ...store, now: async () => (await store.now()) + ahead },
    perMinute: 600,
    after: minutes(5),
    gather,
    onChanged: (names) => delivery.wake(names),
    observer: { gathered: () => undefined },
    log,
    times: { settle: milliseconds(0), every: milliseconds(50) },
  });
  running.unshift(worker);
  await waitUntil("all have the bare message", () =>
    [slack, hooked, gotify].every((one) => one.messages().length === 1),
  );
  expect(slack.messages()[0]?.text).not.toContain("disk sda is full");

  found.resolve(undefined);
  await waitUntil("Slack's message is edited", () => slack.messages()[0]?.edits.length === 1);
  await waitUntil("the webhook follows up", () => hooked.messages().length === 2);
  ahead = minutes(10);
  await waitUntil("the window's end was looked at", () => looks === 2);
  const settled = async (): Promise<boolean> =>
    (await store.list({ limit: 10 })).every(({ conversation }) => conversation.state === "settled");
  await waitUntil("all know all", settled);

  const [edited] = slack.messages();
  expect(edited).toMatchObject({ thread: [], edits: [{}] });
  expect(edited?.text).toContain("› disk sda is full: 1 lines");
  expect(edited?.text).toContain("All that was found (https://w.example.org/evidence/bundle-1)");
  expect(hooked.messages()[1]?.title).toBe("🔥 [FIRING:1] what was found: Node db-1 is down");
  expect([slack, hooked, gotify].map((one) => one.messages().length)).toEqual([1, 2, 1]);
}, 60_000);
