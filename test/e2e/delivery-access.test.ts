import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "@node-rs/bcrypt";
import { request } from "undici";
import { afterEach, expect, it } from "vitest";
import { startLabServer } from "../../src/lab/server.ts";
import { startWebhookStandIn } from "../../src/lab/channels/webhook/webhook-stand-in.ts";
import { groupWebhook } from "../helpers/alert-groups.ts";
import { startDeliveryService, type DeliveryServiceOptions } from "../helpers/delivery-service.ts";
import { changeConfig } from "../helpers/reconfigure.ts";
import { runCli } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const PATIENCE = { deadlineMs: 90_000 };

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function opens<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> {
  const one = await opening;
  opened.push(one);
  return one;
}

const service = (options: DeliveryServiceOptions) => opens(startDeliveryService(options));
const get = async (url: string, headers: Record<string, string> = {}) => {
  const { statusCode, body } = await request(url, { headers });
  return { status: statusCode, text: await body.text() };
};

it("shows its conversations on a page and as JSON, and one of them with its attempts", async () => {
  const receiver = await opens(startWebhookStandIn());
  const target = await service({ destinations: [{ type: "webhook", name: "chat", url: receiver.url }] });
  await target.post(groupWebhook("shown"));
  await target.settled(PATIENCE.deadlineMs);
  const { conversations } = JSON.parse((await get(`${target.url}/api/v1/conversations`)).text) as {
    conversations: readonly { readonly id: string; readonly title: string }[];
  };
  expect(conversations).toMatchObject([{ destination: "chat", title: "summary of shown" }]);
  const [{ id } = { id: "" }] = conversations;
  const page = await get(`${target.url}/alerts`);
  expect(page.text).toContain("summary of shown");
  expect(page.text).toContain(`/alerts/${id}`);
  expect((await get(`${target.url}/alerts/${id}`)).text).toContain("Attempts");
  expect((await get(`${target.url}/api/v1/conversations/${id}`)).text).toContain('"open"');
  // the link of the message itself
  expect(receiver.bodies[0]?.links.watchkeeper).toMatch(new RegExp(`/alerts/${id}$`));
});

it("takes a webhook by its own token where the pages ask for a password", async () => {
  const receiver = await opens(startWebhookStandIn());
  const target = await service({
    destinations: [{ type: "webhook", name: "chat", url: receiver.url }],
    alerting: { sources: [{ name: "main", credentials: [{ type: "bearer", token: "token-of-the-source" }] }] },
  });
  await target.stop();
  const users = { reader: await hash("right", { cost: 4, version: "2y" }) };
  await writeFile(join(target.folder, "web.yml"), JSON.stringify({ basic_auth_users: users }));
  await changeConfig(target, (config) => {
    config["server"] = { ...(config["server"] as object), web_config_file: "web.yml" };
  });
  await target.start({ waits: false });
  const basic = (password: string) => ({ authorization: `Basic ${btoa(`reader:${password}`)}` });
  const alerts = `${target.url}/alerts`;
  await waitUntil("the page is there", async () => (await get(alerts, basic("right"))).status === 200, PATIENCE);
  for (const path of ["/alerts", "/api/v1/conversations", "/metrics"])
    expect((await get(target.url + path)).status).toBe(401);
  expect((await get(alerts, basic("wrong"))).status).toBe(401);

  const body = groupWebhook("guarded");
  expect((await target.post(body)).status).toBe(401);
  expect((await target.post(body, basic("right"))).status).toBe(401);
  expect((await target.post(body, { authorization: "Bearer token-of-the-source" })).status).toBe(202);
  await waitUntil("it is told", () => receiver.messages().length === 1, PATIENCE);
});

it("says that a section `alerting` that a reload adds needs a restart, and goes on as it was", async () => {
  const receiver = await opens(startWebhookStandIn());
  const target = await service({ destinations: [{ type: "webhook", name: "chat", url: receiver.url }] });
  const text = await readFile(target.configFile, "utf8");
  const at = text.indexOf("alerting:");
  await target.stop();
  await writeFile(target.configFile, text.slice(0, at));
  await target.start();
  expect((await get(`${target.url}/alerts`)).status).toBe(404);
  await appendFile(target.configFile, text.slice(at));
  target.process().signal("SIGHUP");
  const warned = /"changed":\["alerting"\].*changes of these sections count only after a restart/;
  await waitUntil("it says so", () => warned.test(target.process().output()), PATIENCE);
  expect((await target.post(groupWebhook("early"))).status).toBe(404);
  await target.stop();
  await target.start();
  expect((await target.post(groupWebhook("late"))).status).toBe(202);
});

/** Destinations of every kind that hold a secret, none of which can be used: each fails in its own way. */
function leaky(refusing: string) {
  const nowhere = "http://127.0.0.1:1";
  const hook = `${nowhere}/hooks/planted-secret`;
  return [
    { type: "slack", name: "slack", api_url: refusing, token: "xoxb-planted-secret", channel: "alerts" },
    { type: "slack-webhook", name: "slack-webhook", url: `${refusing}/services/planted-secret` },
    { type: "discord", name: "discord", url: `${refusing}/api/webhooks/1/planted-secret` },
    { type: "telegram", name: "telegram", api_url: nowhere, token: "123456:planted-secret", chat_id: 1 },
    { type: "telegram", name: "telegram-2", api_url: refusing, token: "123456:planted-secret", chat_id: 1 },
    { type: "pagerduty", name: "pager", api_url: refusing, routing_key: "planted-secret".padEnd(32, "0") },
    { type: "gotify", name: "gotify", url: refusing, token: "planted-secret" },
    { type: "ntfy", name: "ntfy", url: refusing, topic: "alerts", token: "tk_planted-secret" },
    { type: "webhook", name: "webhook", url: hook, secret: "planted-secret-key" },
    {
      type: "webhook",
      name: "webhook-2",
      url: `${refusing}/planted-secret?token=planted-secret`,
      headers: [{ name: "X-Key", value: "planted-secret" }],
    },
    {
      type: "email",
      name: "mail",
      host: "127.0.0.1",
      port: 1,
      username: "me",
      password: "planted-secret",
      from: "a@example.org",
      to: ["b@example.org"],
    },
  ];
}

it("never shows a secret: in log, metrics, pages, answers and the command line", { timeout: 180_000 }, async () => {
  // a service that repeats what it was asked, as error pages do
  const echo = await opens(
    startLabServer({
      handler: ({ target, headers, body }) => ({ status: 403, body: `${target} ${JSON.stringify(headers)} ${body}` }),
    }),
  );
  const destinations = leaky(echo.url);
  const target = await service({
    destinations,
    config: { log: { level: "trace" } },
    alerting: {
      sources: [{ name: "main", credentials: [{ type: "bearer", token: "planted-secret-token" }] }],
      dead_man: { url: `${echo.url}/ping/planted-secret`, every: "10s" },
    },
  });
  const wrong = await target.post(groupWebhook("leaks"), { authorization: "Bearer planted-secret-tokem" });
  expect(wrong.status).toBe(401);
  const bearer = { authorization: "Bearer planted-secret-token" };
  expect((await target.post(groupWebhook("leaks"), bearer)).status).toBe(202);
  const list = async () =>
    (
      JSON.parse((await get(`${target.url}/api/v1/conversations`)).text) as {
        conversations: { id: string; failure?: object }[];
      }
    ).conversations;
  await waitUntil(
    "each destination has failed",
    async () => (await list()).filter(({ failure }) => failure !== undefined).length === destinations.length,
    PATIENCE,
  );
  await waitUntil("the ping has failed", () => echo.requests.some(({ path }) => path.startsWith("/ping/")), PATIENCE);

  const ids = (await list()).map(({ id }) => id);
  const paths = ["/", "/alerts", "/metrics", "/api/v1/conversations"];
  const pages = [...paths, ...ids.flatMap((id) => [`/alerts/${id}`, `/api/v1/conversations/${id}`])];
  const commands = [["deliveries"], ["deliveries", "--json"], ["check", "--connect"], ["check", "--json"]];
  const shows = ids.slice(0, 1).map((id) => ["deliveries", "show", id]);
  const tests = destinations.map(({ name }) => ["test-notify", name]);
  const seen = new Map<string, string>([["the log", target.process().output()]]);
  for (const page of pages) seen.set(page, (await get(target.url + page)).text);
  for (const args of [...commands, ...shows, ...tests]) {
    const { stdout, stderr } = await runCli(args, { cwd: target.folder });
    seen.set(args.join(" "), stdout + stderr);
  }
  const leaks = [...seen].filter(([, text]) => /planted-secre/.test(text));
  expect(leaks.map(([where, text]) => `${where}: ${/.{0,200}planted-secre.*/.exec(text)?.[0]}`)).toEqual([]);
  expect(echo.requests.some(({ target: asked }) => asked.includes("planted-secret"))).toBe(true);
});
