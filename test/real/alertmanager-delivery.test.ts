import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { startLabServer } from "../../src/lab/server.ts";
import { criticalAlert, startAlertmanagerChain, type AlertmanagerChain } from "../helpers/alertmanager-chain.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { startPrometheus } from "../helpers/prometheus.ts";
import { reconfigure } from "../helpers/reconfigure.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };

describeReal("alerts from a real Alertmanager", ["alertmanager", "prometheus"], () => {
  let chain: AlertmanagerChain;
  beforeAll(async () => {
    chain = await startAlertmanagerChain();
  });
  afterEach(() => chain?.stopAlertmanagers());
  afterAll(() => chain?.close());

  it("become one message that is edited and answered, one incident, and one thread of mail", async () => {
    const { channels } = chain;
    const alertmanager = await chain.start();
    await alertmanager.send([criticalAlert("DiskFull", "db-1")]);
    await channels.shows("DiskFull", "FIRING:1");
    await waitUntil("the first mail is there", () => channels.mails("DiskFull").length === 1, PATIENCE);
    await alertmanager.send([criticalAlert("DiskFull", "db-2")]);
    await channels.shows("DiskFull", "FIRING:2");
    const now = Date.now();
    await alertmanager.send(["db-1", "db-2"].map((instance) => criticalAlert("DiskFull", instance, now)));
    await channels.isOver("DiskFull");
    await chain.service.settled(PATIENCE.deadlineMs);

    const [post, ...others] = channels.posts("DiskFull");
    expect(others).toEqual([]);
    // the two ends are nearly always one notification
    expect(post?.edits.slice(0, 2).map(({ title }) => title)).toEqual([
      "🔥 [FIRING:1] DiskFull at db-1",
      "🔥 [FIRING:2] DiskFull: 2 alerts on db-1, db-2",
    ]);
    expect(post?.title).toBe("✅ [RESOLVED] DiskFull: 2 alerts on db-1, db-2");
    expect(post?.thread[0]?.text).toBe("🔥 FIRING:2\nNew: DiskFull at db-2");
    expect(post?.thread.at(-1)?.text).toMatch(
      /^✅ RESOLVED, over at .*\n(?:Over \(resolved\): DiskFull at db-[12]\n?)+$/,
    );
    expect(channels.incidents("DiskFull")).toMatchObject([{ title: "DiskFull at db-1", isClosed: true }]);
    const mails = channels.mails("DiskFull");
    expect(mails[0]?.subject).toBe("[FIRING:1] DiskFull at db-1");
    expect(mails[1]?.subject).toBe("[FIRING:2] DiskFull at db-1");
    expect(mails.at(-1)?.subject).toBe("[RESOLVED] DiskFull at db-1");
    expect(new Set(mails.map(({ threadId }) => threadId)).size).toBe(1);
  });

  it("of a rule in a real Prometheus are told with its links, and when the rule no longer holds", async () => {
    const { channels } = chain;
    const folder = await createTemporaryFolder("rules");
    let value = 1;
    const exporter = await startLabServer({
      handler: () => ({ status: 200, headers: { "content-type": "text/plain" }, body: `backup_failed ${value}\n` }),
    });
    const rules = join(folder.path, "rules.yaml");
    const rule = {
      alert: "BackupFailed",
      expr: "backup_failed == 1",
      labels: { severity: "critical" },
      annotations: { summary: "BackupFailed at {{ $labels.job }}", runbook_url: "https://wiki.example.org/backup" },
    };
    await writeFile(rules, stringify({ groups: [{ name: "test", rules: [rule] }] }));
    const alertmanager = await chain.start();
    const targetsOf = (url: string) => [{ targets: [new URL(url).host] }];
    const prometheus = await startPrometheus({
      config: {
        scrape_configs: [{ job_name: "backup", static_configs: targetsOf(exporter.url) }],
        alerting: { alertmanagers: [{ static_configs: targetsOf(alertmanager.url) }] },
      },
      ruleFiles: [rules],
    });
    onTestFinished(async () => {
      await Promise.all([prometheus.stop(), exporter.close()]);
      await folder.remove();
    });
    const { text } = await channels.shows("BackupFailed", "FIRING:1");
    expect(text).toContain("Runbook (https://wiki.example.org/backup)");
    expect(text).toMatch(/Source \(http:\/\/[^)]*\/graph\?g0\.expr=backup_failed/);
    value = 0;
    await channels.isOver("BackupFailed");
    expect(channels.posts("BackupFailed")).toHaveLength(1);
  });

  it("that it leaves out of a notification keep the group open until their own end", async () => {
    const { channels } = chain;
    const alertmanager = await chain.start({ webhook: { max_alerts: 1 } });
    // one that began long ago is told at once, without the one beside it
    const startsAt = Date.now();
    const alertOf = (instance: string, endsAt?: number) => ({
      ...criticalAlert("NodeDown", instance, endsAt),
      startsAt,
    });
    await alertmanager.send([alertOf("a"), alertOf("b")]);
    expect((await channels.shows("NodeDown", "FIRING:2")).text).toContain("1 that the sender left out");
    await alertmanager.send([alertOf("a", Date.now())]);
    expect((await channels.shows("NodeDown", "FIRING:1")).text).toContain("✓ NodeDown at a (resolved)");
    expect(channels.incidents("NodeDown")).toMatchObject([{ isClosed: false }]);
    await alertmanager.send([alertOf("b", Date.now())]);
    await channels.isOver("NodeDown");
    expect(channels.posts("NodeDown")).toHaveLength(1);
  });

  it("are refused with 401 while it shows a wrong token, and are told once it shows the right one", async () => {
    const { channels } = chain;
    await chain.writeToken("no-such-token");
    const alertmanager = await chain.start();
    await alertmanager.send([criticalAlert("LoadHigh", "a")]);
    const rejected = "watchkeeper_notifications_rejected_total";
    const isRefused = async () => (await chain.counted(rejected, { reason: "unauthorized" })) > 0;
    await waitUntil("a notification is refused", isRefused, PATIENCE);
    await waitUntil(
      "Alertmanager says why",
      () => alertmanager.output().includes("unexpected status code 401"),
      PATIENCE,
    );
    expect(channels.posts("LoadHigh")).toEqual([]);
    await chain.writeToken();
    await channels.shows("LoadHigh", "FIRING:1");
    expect(chain.service.process().output()).not.toContain("no-such-token");
  });

  it("that are silenced there are closed with the silence's own words", async () => {
    const { channels, service } = chain;
    const alertmanager = await chain.start();
    await reconfigure(service, ({ alerting: { sources } }) => {
      sources[0] = { ...sources[0], alertmanager: { urls: [alertmanager.url], every: "10s" } };
    });
    await alertmanager.send([criticalAlert("FanBroken", "a")]);
    await channels.shows("FanBroken", "FIRING:1");
    const id = await alertmanager.silence({ alertname: "FanBroken" }, "a new fan is on its way");
    await channels.isOver("FanBroken");
    const [post] = channels.posts("FanBroken");
    expect(post?.text).toMatch(/silenced until .* by ops: a new fan is on its way/);
    expect(post?.text).toContain(id);
    expect(channels.mails("FanBroken").at(-1)?.text).toContain("a new fan is on its way");
  });
});
