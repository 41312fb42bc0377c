import { request } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { startPagerDutyStandIn, type PagerDutyStandIn, type PagerDutyStandInOptions } from "./pagerduty-stand-in.ts";

const KEY = "k".repeat(32);
const PAYLOAD = { summary: "Disk full", source: "db-1", severity: "critical" };

let service: PagerDutyStandIn;
afterEach(() => service.close());

const start = async (options?: PagerDutyStandInOptions): Promise<void> => {
  service = await startPagerDutyStandIn(options);
};

async function send(event: unknown, path = "/v2/enqueue"): Promise<{ status: number; body: unknown }> {
  const body = typeof event === "string" ? event : JSON.stringify(event);
  const answer = await request(`${service.url}${path}`, { method: "POST", body });
  return { status: answer.statusCode, body: await answer.body.json() };
}

const act = (event_action: string, dedup_key?: string, more: object = {}) =>
  send({ routing_key: KEY, event_action, ...(dedup_key !== undefined && { dedup_key }), payload: PAYLOAD, ...more });

describe("incidents", () => {
  it("are opened, acknowledged, updated, resolved and opened anew", async () => {
    await start();
    for (const action of ["trigger", "acknowledge", "trigger", "resolve", "trigger"]) await act(action, "a");
    expect(service.events().map(({ effect }) => effect)).toEqual([
      "opened",
      "acknowledged",
      "updated",
      "resolved",
      "opened",
    ]);
    const [first, second] = service.messages();
    expect(first).toMatchObject({ isClosed: true, thread: [{ text: "Acknowledged" }, { text: "Resolved" }] });
    expect(second).toMatchObject({ isClosed: false, thread: [], title: "Disk full" });
    expect(second?.text).toContain("severity: critical\nsource: db-1");
  });

  it("that are not there are neither acknowledged nor resolved, though the event is accepted", async () => {
    await start();
    expect((await act("resolve", "a")).status).toBe(202);
    expect((await act("acknowledge", "a")).status).toBe(202);
    expect(service.events().map(({ effect }) => effect)).toEqual(["dropped", "dropped"]);
    expect(service.messages()).toEqual([]);
  });

  it("are apart by routing key and by dedup key, and one without a key gets one", async () => {
    await start();
    await act("trigger", "a");
    await act("trigger", "b");
    await act("trigger", "a", { routing_key: "q".repeat(32) });
    const { body } = await act("trigger");
    expect(body).toEqual({ status: "success", message: "Event processed", dedup_key: expect.stringMatching(/./) });
    await act("resolve", "a");
    expect(service.messages().map(({ isClosed }) => isClosed)).toEqual([true, false, false, false]);
  });

  it("keep what they showed before", async () => {
    await start();
    await act("trigger", "a");
    await act("trigger", "a", { payload: { ...PAYLOAD, severity: "info", custom_details: { load: 3 } } });
    const [incident] = service.messages();
    expect(incident?.text).toContain("severity: info\nsource: db-1\nload: 3");
    expect(incident?.edits).toMatchObject([{ text: expect.stringContaining("severity: critical") }]);
  });
});

it("lists change events", async () => {
  await start();
  const change = {
    routing_key: KEY,
    payload: { summary: "deployed" },
    links: [{ href: "https://x.test", text: "build" }],
  };
  expect(await send(change, "/v2/change/enqueue")).toMatchObject({ status: 202 });
  expect(service.messages()).toMatchObject([{ title: "deployed", text: "build: https://x.test" }]);
  expect(service.messages()[0]).not.toHaveProperty("isClosed");
});

describe("it refuses", () => {
  it.each<[string, object | string, string]>([
    ["no JSON", "{", "Request body is not valid JSON"],
    ["no object", "[]", "Event is not an object"],
    ["no key", { routing_key: "" }, "'routing_key' is missing or blank"],
    ["a short key", { routing_key: "abc" }, "Length of 'routing_key' is incorrect (should be 32 characters)"],
    ["a bad key", { routing_key: "-".repeat(32) }, "'routing_key' cannot contain non-alphanumeric characters."],
    ["an unknown key", { routing_key: "z".repeat(32) }, "Invalid routing key"],
    ["an unknown action", { event_action: "open" }, "'event_action' is invalid"],
    ["a resolve of nothing", { event_action: "resolve" }, "'dedup_key' is missing or blank"],
    ["a long dedup key", { dedup_key: "x".repeat(256) }, "'dedup_key' is too long (maximum is 255 characters)"],
    ["no payload", { payload: undefined }, "'payload.summary' is missing or blank"],
    ["no source", { payload: { ...PAYLOAD, source: "" } }, "'payload.source' is missing or blank"],
    ["no severity", { payload: { ...PAYLOAD, severity: undefined } }, "'payload.severity' is missing or blank"],
    ["another severity", { payload: { ...PAYLOAD, severity: "page" } }, "'payload.severity' is invalid"],
    ["a long summary", { payload: { ...PAYLOAD, summary: "𝕏".repeat(1025) } }, "'payload.summary' is too long"],
  ])("%s", async (_, change, error) => {
    await start({ routingKeys: [KEY, "-".repeat(32)] });
    const event = { routing_key: KEY, event_action: "trigger", payload: PAYLOAD };
    const { status, body } = await send(typeof change === "string" ? change : { ...event, ...change });
    expect(status).toBe(400);
    expect(body).toMatchObject({ status: "invalid event", message: "Event object is invalid" });
    expect((body as { errors: string[] }).errors.join()).toContain(error);
    expect(service.events()).toEqual([]);
    expect(service.refusals()).toEqual({ 400: 1 });
  });

  it("an event of more than 512 KB", async () => {
    await start();
    const event = { payload: { ...PAYLOAD, custom_details: { a: "x".repeat(512 * 1024) } } };
    expect((await act("trigger", "a", event)).status).toBe(413);
  });

  it("other paths", async () => {
    await start();
    expect((await send({}, "/v1/enqueue")).status).toBe(404);
  });

  it("too many events of one key in a minute", async () => {
    await start({ eventsPerMinute: 2 });
    const answers = [await act("trigger", "a"), await act("trigger", "b"), await act("trigger", "c")];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(answers[2]?.body).toMatchObject({ status: "throttle exceeded" });
    expect((await act("trigger", "a", { routing_key: "q".repeat(32) })).status).toBe(202);
  });
});
