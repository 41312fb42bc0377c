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

/** Tells an alert, and then what each look finds; the second look comes when the first is told everywhere. */
async function tellAndLook(found: (look: number) => Pick<GroupEvidence, "lines" | "foundNothing">): Promise<void> {
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
  const mayLook = Promise.withResolvers<undefined>();
  let looks = 0;
  let gathered = 0;
  let ahead = 0;
  const gather = async (): Promise<GroupEvidence> => {
    await mayLook.promise;
    looks += 1;
    return { bundleId: `bundle-${looks}`, at: Date.now() + ahead, ...found(looks) };
  };
  await report(store, config, [fires("db-1")]);
  const worker = startEvidenceWorker({
    store: { ...store, now: async () => (await store.now()) + ahead },
    perMinute: 600,
    after: minutes(5),
    gather,
    onChanged: (names) => delivery.wake(names),
    observer: { gathered: () => void (gathered += 1) },
    log,
    times: { settle: milliseconds(0), every: milliseconds(50) },
  });
  running.unshift(worker);
  await waitUntil("all have the bare message", () =>
    [slack, hooked, gotify].every((one) => one.messages().length === 1),
  );
  expect(slack.messages()[0]?.text).not.toContain("› ");

  const isSettled = async (): Promise<boolean> =>
    (await store.list({ limit: 10 })).every(({ conversation }) => conversation.state === "settled");
  mayLook.resolve(undefined);
  await waitUntil("the first look is over", () => gathered === 1);
  await waitUntil("all know what it found", isSettled);
  ahead = minutes(10);
  await waitUntil("the window's end was looked at", () => gathered === 2);
  await waitUntil("all know all", isSettled);
}

const counts = (): readonly number[] => [slack, hooked, gotify].map((one) => one.messages().length);

it("a bare message comes first, and what is found later is told once at each destination, as quietly as it can", async () => {
  await tellAndLook((look) => ({ lines: [`disk sda is full: ${look} lines`] }));
  const [edited] = slack.messages();
  expect(edited).toMatchObject({ thread: [], edits: [{}] });
  expect(edited?.text).toContain("› disk sda is full: 1 lines");
  expect(edited?.text).toContain("All that was found (https://w.example.org/evidence/bundle-1)");
  expect(hooked.messages()[1]?.title).toBe("🔥 [FIRING:1] what was found: Node db-1 is down");
  expect(counts()).toEqual([1, 2, 1]);
}, 60_000);

it("that nothing was found is shown where a message is edited, and sent nowhere, in whatever words", async () => {
  const words = ["changes, logs", "changes, logs, traces"];
  await tellAndLook((look) => ({ lines: [`Nothing stands out in ${words[look - 1]}.`], foundNothing: true }));
  const [edited] = slack.messages();
  expect(edited).toMatchObject({ thread: [], edits: [{}, {}] });
  expect(edited?.text).toContain("› Nothing stands out in changes, logs, traces.");
  expect(counts()).toEqual([1, 1, 1]);
}, 60_000);

it("what is found after nothing was is told", async () => {
  await tellAndLook((look) =>
    look === 1 ? { lines: ["Nothing stands out."], foundNothing: true } : { lines: ["disk sda is full"] },
  );
  expect(slack.messages()).toMatchObject([{ thread: [], edits: [{}, {}] }]);
  expect(slack.messages()[0]?.text).toContain("› disk sda is full");
  expect(counts()).toEqual([1, 2, 1]);
}, 60_000);

it("what was found stays when a later look finds nothing", async () => {
  await tellAndLook((look) =>
    look === 1 ? { lines: ["disk sda is full"] } : { lines: ["Nothing stands out."], foundNothing: true },
  );
  expect(slack.messages()).toMatchObject([{ thread: [], edits: [{}] }]);
  expect(slack.messages()[0]?.text).toContain("› disk sda is full");
  expect(counts()).toEqual([1, 2, 1]);
}, 60_000);
