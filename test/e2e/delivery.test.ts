import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { startSlackStandIn } from "../../src/lab/channels/slack/slack-stand-in.ts";
import { startWebhookStandIn, type WebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { startLabServer } from "../../src/lab/server.ts";
import { groupWebhook, names } from "../helpers/alert-groups.ts";
import { alertmanagerWebhook } from "../helpers/alertmanager-webhook.ts";
import {
  startDeliveryService,
  type DeliveryService,
  type DeliveryServiceOptions,
} from "../helpers/delivery-service.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { changeConfig, reconfigure } from "../helpers/reconfigure.ts";
import { runCli } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };
const FAILURES = "watchkeeper_delivery_failures_total";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function opens<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  const one = await opening;
  opened.push(one);
  return one;
}

const receiver = (): Promise<WebhookStandIn> => opens(startWebhookStandIn());
const service = (options: DeliveryServiceOptions): Promise<DeliveryService> => opens(startDeliveryService(options));
const to = (name: string, { url }: { readonly url: string }) => ({ type: "webhook", name, url, rate: 6_000 });

const critical = (alertname: string): object =>
  alertmanagerWebhook([{ labels: { alertname, severity: "critical" } }], { groupLabels: { alertname } });

/** The titles of what people see, in order of the alphabet. */
const shown = (at: WebhookStandIn): readonly string[] =>
  at
    .messages()
    .map(({ title }) => title)
    .toSorted();

async function post(target: DeliveryService, groups: readonly string[], how = {}): Promise<void> {
  const answers = await Promise.all(groups.map((name) => target.post(groupWebhook(name, how))));
  expect(answers.map(({ status }) => status)).toEqual(groups.map(() => 202));
}

describe("a reload while messages wait", { timeout: 180_000 }, () => {
  it("takes up a new destination and changed routes, and nothing is lost or told twice", async () => {
    const [first, second] = [await receiver(), await receiver()];
    await first.setFault({ kind: "refused" });
    const target = await service({ destinations: [to("first", first)] });
    await post(target, [...names("stay", 3), ...names("moved", 3)]);
    const hasFailed = async () => (await target.metric(FAILURES, { destination: "first", reason: "unreachable" })) ?? 0;
    await waitUntil("the first attempts have failed", hasFailed, PATIENCE);

    await changeConfig(target, ({ alerting }) => {
      alerting.destinations.push(to("second", second));
      alerting.route["routes"] = [{ matchers: ['group=~"moved-.*"'], destinations: ["second"] }];
    });
    target.process().signal("SIGHUP");
    await waitUntil("what moved is told at the second", () => shown(second).length === 3, PATIENCE);
    expect(shown(first)).toEqual([]);
    await first.setFault(undefined);
    await target.settled(PATIENCE.deadlineMs);
    expect(shown(first)).toEqual(names("stay", 3).map((name) => `warning: summary of ${name}`));
    expect(shown(second)).toEqual(names("moved", 3).map((name) => `warning: summary of ${name}`));

    await post(target, [...names("stay", 3), ...names("moved", 3)], { isFiring: false });
    await target.settled(PATIENCE.deadlineMs);
    for (const at of [first, second]) {
      expect(at.messages().map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
      expect(new Set(at.copies().values())).toEqual(new Set([1]));
    }
    target.process().signal("SIGTERM");
    expect(await target.process().ended).toEqual({ code: 0, signal: null });
  });

  it("ends quiet hours: what was held and still fires is told, what is over is not", async () => {
    const at = await receiver();
    const always = { name: "always", time_intervals: [{ times: [{ start_time: "00:00", end_time: "24:00" }] }] };
    const target = await service({
      destinations: [to("chat", at)],
      alerting: {
        time_intervals: [always],
        route: { destinations: ["chat"], mute_time_intervals: ["always"] },
      },
    });
    await post(target, ["fires", "over"]);
    const held = async () => (await runCli(["deliveries"], { cwd: target.folder })).stdout;
    await waitUntil("both are held", async () => (await held()).match(/ held /g)?.length === 2, PATIENCE);
    await post(target, ["over"], { isFiring: false });
    await reconfigure(target, ({ alerting }) => {
      delete alerting.route["mute_time_intervals"];
    });
    await target.settled(PATIENCE.deadlineMs);
    expect(shown(at)).toEqual(["warning: summary of fires"]);
  });
});

describe("a storm", { timeout: 180_000 }, () => {
  it("is summed up, but for what is critical, and the summary ends with it", async () => {
    const at = await receiver();
    const target = await service({
      destinations: [to("chat", at)],
      alerting: { storm: { new_per_minute: 5 } },
    });
    const storm = names("storm", 60);
    at.setRateLimited(1);
    await post(target, storm);
    expect((await target.post(critical("Meltdown"))).status).toBe(202);
    at.setRateLimited(undefined);
    await waitUntil("the critical alert is told by itself", () => shown(at).includes("critical: Meltdown"), PATIENCE);
    await target.settled(PATIENCE.deadlineMs);
    // what was attempted before the storm was noticed has a message of its own
    expect(at.messages().length).toBeLessThan(storm.length / 2);
    const summary = () => at.messages().find(({ title }) => title.includes("storm") || title.includes("Storm"));
    expect(summary()?.text).toMatch(/Fault: \d+ of \d+ still fire/);
    expect(await target.metric("watchkeeper_deliveries_rolled_up_total", { destination: "chat" })).toBeGreaterThan(30);
    await post(target, storm, { isFiring: false });
    await waitUntil("the summary is over", () => summary()?.isClosed, PATIENCE);
    expect(
      at
        .messages()
        .filter(({ isClosed }) => !isClosed)
        .map(({ title }) => title),
    ).toEqual(["critical: Meltdown"]);
  });
});

describe("a message that its destination refuses", { timeout: 180_000 }, () => {
  it("is told as an alert to the fallback, and is delivered when a person has it tried again", async () => {
    let refuses = true;
    const taken: string[] = [];
    const picky = await opens(
      startLabServer({
        handler: ({ body }) => {
          if (refuses) return { status: 400, body: "bad document" };
          taken.push(body);
          return { status: 202 };
        },
      }),
    );
    const fallback = await receiver();
    const target = await service({
      destinations: [to("picky", picky), to("fallback", fallback)],
      alerting: { fallback: ["fallback"], route: { destinations: ["picky"] } },
    });
    await post(target, ["refused"]);
    const told = () => fallback.messages().find(({ title }) => title.includes("could not be delivered to picky"));
    await waitUntil("the fallback is told", () => told() !== undefined, PATIENCE);
    const cli = (...args: string[]) => runCli(["deliveries", ...args], { cwd: target.folder });
    expect((await cli("--state", "dead")).stdout).toMatch(/ picky +dead .* message_rejected .* summary of refused/);
    expect(await target.metric("watchkeeper_deliveries_dead_total", { destination: "picky" })).toBe(1);

    refuses = false;
    expect(await cli("retry", "--dead")).toMatchObject({ code: 0, stderr: "" });
    await waitUntil("it is delivered", () => taken.length === 1, PATIENCE);
    expect(taken[0]).toContain("summary of refused");
    await waitUntil("the alert about it is over", () => told()?.isClosed, PATIENCE);
    expect((await cli("--state", "dead")).stdout).toBe("");
  });
});

describe("watchkeeper test-notify", () => {
  it("sends a labelled message that ends, and says what is wrong when it can not", async () => {
    const slack = await opens(startSlackStandIn());
    const folder = await createTemporaryFolder("test-notify");
    opened.push({ close: () => folder.remove() });
    const to = { type: "slack", api_url: slack.url, channel: "alerts" };
    const destinations = [
      { ...to, name: "chat", token: slack.token },
      { ...to, name: "wrong", token: "xoxb-planted-secret" },
    ];
    const alerting = { sources: [{ name: "main" }], destinations, route: { destinations: ["chat"] } };
    await writeFile(join(folder.path, "watchkeeper.yaml"), stringify({ alerting }));
    const run = (...args: string[]) => runCli(["test-notify", ...args], { cwd: folder.path });

    const fine = await run("chat");
    expect(fine).toMatchObject({ code: 0, stderr: "" });
    expect(fine.stdout).toMatch(/^chat \(slack\)\n {2}ok {4}test message \(.*\): posted in C.*\n {2}ok {4}its end /);
    expect(slack.messages()).toMatchObject([{ title: expect.stringContaining("[TEST]") as string }]);
    const wrong = await run("wrong");
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain("invalid_auth");
    expect(wrong.stdout + wrong.stderr).not.toContain("planted-secret");
    expect(await run("nobody")).toMatchObject({ code: 2, stdout: "" });
  });
});
