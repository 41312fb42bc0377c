import { join } from "node:path";
import SQLite from "better-sqlite3";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { criticalAlert, startAlertmanagerChain, type AlertmanagerChain } from "../helpers/alertmanager-chain.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };
const RECEIVED = "watchkeeper_notifications_received_total";
const REJECTED = "watchkeeper_notifications_rejected_total";
const COPIES = "watchkeeper_notifications_copies_total";

describeReal("alerts from a real Alertmanager, in trouble", ["alertmanager"], () => {
  let chain: AlertmanagerChain;
  beforeAll(async () => {
    chain = await startAlertmanagerChain();
  });
  afterEach(() => chain?.stopAlertmanagers());
  afterAll(() => chain?.close());

  /** How much people saw of an alert. */
  const seen = (alertname: string) => {
    const { channels } = chain;
    return {
      posts: channels.posts(alertname).length,
      incidents: channels.incidents(alertname).length,
      mails: channels.mails(alertname).map(({ subject }) => subject.split("]")[0]),
    };
  };
  const ONCE = { posts: 1, incidents: 1, mails: ["[FIRING:1", "[RESOLVED"] };

  it("arrive, once, when the store was locked and answered 503", async () => {
    const { channels, service } = chain;
    const alertmanager = await chain.start();
    const other = new SQLite(join(service.folder, "watchkeeper.db"));
    other.exec("BEGIN IMMEDIATE");
    try {
      await alertmanager.send([criticalAlert("DiskFull", "a")]);
      const isRefused = async () => (await chain.counted(REJECTED, { reason: "unavailable" })) > 0;
      await waitUntil("a notification is refused", isRefused, PATIENCE);
    } finally {
      other.close();
    }
    await channels.shows("DiskFull", "FIRING:1");
    expect(alertmanager.output()).toContain("unexpected status code 503");
    await waitUntil("the mail is there", () => channels.mails("DiskFull").length === 1, PATIENCE);
    await alertmanager.send([criticalAlert("DiskFull", "a", Date.now())]);
    await channels.isOver("DiskFull");
    expect(seen("DiskFull")).toEqual(ONCE);
  });

  it("arrive, once, when Watchkeeper was down as they began and as they ended", async () => {
    const { channels, service } = chain;
    const alertmanager = await chain.start();
    const isRefused = (times: number) => () => alertmanager.output().split("connection refused").length > times;
    await service.kill();
    await alertmanager.send([criticalAlert("NodeDown", "a")]);
    await waitUntil("Alertmanager finds nobody", isRefused(1), PATIENCE);
    await service.start();
    await channels.shows("NodeDown", "FIRING:1");
    await service.settled(PATIENCE.deadlineMs);
    await service.kill();
    const before = alertmanager.output().split("connection refused").length;
    await alertmanager.send([criticalAlert("NodeDown", "a", Date.now())]);
    await waitUntil("Alertmanager finds nobody again", isRefused(before), PATIENCE);
    await service.start();
    await channels.isOver("NodeDown");
    expect(seen("NodeDown")).toEqual(ONCE);
  });

  it("of two nodes of a cluster that see each other are told once, also when one of them dies", async () => {
    const { channels } = chain;
    const [a, b] = (await freePorts(2)) as [number, number];
    const first = await chain.start({ cluster: { port: a, peers: [b] } });
    const second = await chain.start({ cluster: { port: b, peers: [a] } });
    const areJoined = async () => (await first.peers()).length === 2 && (await second.peers()).length === 2;
    await waitUntil("the nodes see each other", areJoined, PATIENCE);
    await Promise.all([first, second].map((node) => node.send([criticalAlert("FanBroken", "a")])));
    await channels.shows("FanBroken", "FIRING:1");
    await waitUntil("the mail is there", () => channels.mails("FanBroken").length === 1, PATIENCE);
    await first.stop();
    await second.send([criticalAlert("FanBroken", "a", Date.now())]);
    await channels.isOver("FanBroken");
    expect(seen("FanBroken")).toEqual(ONCE);
  });

  it("of two nodes that do not see each other arrive twice and are told once", async () => {
    const { channels } = chain;
    const [a, b] = (await freePorts(2)) as [number, number];
    const nodes = await Promise.all([a, b].map((port) => chain.start({ cluster: { port, peers: [] } })));
    const toBoth = (endsAt?: number) =>
      Promise.all(nodes.map((node) => node.send([criticalAlert("LoadHigh", "a", endsAt)])));
    const [received, copies] = [await chain.counted(RECEIVED), await chain.counted(COPIES)];
    await toBoth();
    await waitUntil("both have told", async () => (await chain.counted(RECEIVED)) === received + 2, PATIENCE);
    await channels.shows("LoadHigh", "FIRING:1");
    await waitUntil("the mail is there", () => channels.mails("LoadHigh").length === 1, PATIENCE);
    await toBoth(Date.now());
    await waitUntil("both have told the end", async () => (await chain.counted(RECEIVED)) === received + 4, PATIENCE);
    await channels.isOver("LoadHigh");
    expect(await chain.counted(COPIES)).toBe(copies + 2);
    expect(seen("LoadHigh")).toEqual(ONCE);
  });
});
