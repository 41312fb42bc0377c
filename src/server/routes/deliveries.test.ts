import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import {
  alertOf,
  destinationState,
  groupOf,
  MINUTE,
  NOON,
  ROOT,
  storeOf,
  toldAt,
  viewOf,
  type World,
} from "../../app/deliveries/__fixtures__/world.ts";
import type { DeliverySource } from "../../app/deliveries/read-deliveries.ts";
import { StoreUnavailable } from "../../core/delivery-store.ts";
import type { Destination } from "../../core/notifier.ts";
import { PAGE_POLICY, renderPage, type PageFrame } from "../pages/page.ts";
import { registerDeliveryRoutes } from "./deliveries.ts";

const now = NOON + 47 * MINUTE;
const apps: FastifyInstance[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

function siteOf(world: Partial<World>, of: Partial<DeliverySource> = {}, frame?: PageFrame) {
  const app = Fastify();
  apps.push(app);
  const destinations = ["oncall", "chat"].map((name): Destination => ({ name, type: "slack" }) as Destination);
  const source = () => ({
    store: storeOf({ views: [], now, ...world }),
    alerting: { destinations, route: ROOT, timeIntervals: [] },
    externalUrl: "https://watchkeeper.example.org",
    ...of,
  });
  registerDeliveryRoutes(app, source, frame);
  return async (url: string) => {
    const { statusCode, body, headers } = await app.inject(url);
    return { status: statusCode, body, headers, text: body.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ") };
  };
}

const nodes = groupOf("nodes", [
  alertOf("db-1"),
  alertOf("db-2", { state: "silenced", closedBecause: "silenced until 14:00 UTC: new disk" }),
]);
const disk = groupOf("disk", [alertOf("nas-1", { labels: { severity: "warning" } })], { truncated: { origin: 3 } });
const views = [
  viewOf(nodes, "chat", {
    state: "dead",
    attempts: 2,
    lastReason: "message_rejected",
    lastError: "invalid_blocks",
    remote: { routingKey: "planted-secret" },
  }),
  viewOf(nodes, "oncall", toldAt(NOON + MINUTE)),
  viewOf(disk, "chat", { attempts: 1, notBefore: now + MINUTE, unanswered: 1 }),
];
const [dead, told, waiting] = views.map(({ conversation }) => conversation.id) as [string, string, string];

describe("the page of all alerts", () => {
  it("shows what is not delivered and why, what waits, and what fires", async () => {
    const broken = destinationState("chat", { brokenReason: "unauthorized", brokenSince: NOON });
    const { status, text, headers } = await siteOf({ views, destinations: [broken] })("/alerts");
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toBe(PAGE_POLICY);
    expect(text).toContain(
      "1 message was not delivered and is not tried any more; 1 of 2 destinations takes no messages.",
    );
    expect(text).toContain("The destination does not accept the credential. Renew the credential");
    expect(text).toMatch(
      /Not delivered .*NodeDown.*|Node db-1 is down.* chat .*dead .*message_rejected .*invalid_blocks/,
    );
    expect(text).toContain("watchkeeper deliveries retry --dead");
    expect(text).toMatch(/Fires now .*Node db-1 is down/);
    expect(text).toMatch(/oncall : delivered +46 min ago/);
  });

  it("says that all is well when it is, and what to do when nothing is configured", async () => {
    const { text } = await siteOf({ views: [views[1] as (typeof views)[number]] })("/alerts");
    expect(text).toContain("Everything is delivered.");
    expect(text).not.toContain("Not delivered Alert");
    const nothing = { alerting: { destinations: [], route: ROOT, timeIntervals: [] } };
    expect((await siteOf({}, nothing)("/alerts")).text).toContain("No destinations are configured.");
  });

  it("shows those of a destination or a state", async () => {
    const get = siteOf({ views });
    expect((await get("/alerts?destination=oncall")).text).toMatch(/Alerts for oncall .*Node db-1 is down/);
    expect((await get("/alerts?state=dead")).text).toMatch(/Alerts \(dead\) .*invalid_blocks/);
    expect((await get("/alerts?state=dropped")).text).toContain("There are none.");
    expect(await get("/alerts?state=lost")).toMatchObject({
      status: 400,
      body: "There is no state lost; there are: waits, delivered, dead, dropped, rolled up.\n",
    });
  });

  it("is bounded, and says so", async () => {
    const many = Array.from({ length: 600 }, (_, i) => viewOf(groupOf(`${i}`, [alertOf(`host-${i}`)]), "chat"));
    const get = siteOf({ views: many });
    const overview = await get("/alerts");
    expect(overview.body.match(/<tr>/g)?.length).toBeLessThan(400);
    expect(overview.text).toContain("Only the 150 deliveries that changed last are shown.");
    const { body, text } = await get("/alerts?state=waits");
    expect(body.match(/<tr>/g)).toHaveLength(501);
    expect(text).toContain("Only the 500 deliveries that changed last are shown.");
  });
});

describe("the page of one alert", () => {
  it("shows the alerts, who was told, each attempt, and the commands", async () => {
    const attempt = (startedAt: number) => ({
      conversationId: dead,
      destination: "chat",
      revision: 1,
      action: "open" as const,
      startedAt,
      durationMs: 1_200,
      reason: "message_rejected" as const,
      detail: "invalid_blocks",
    });
    const attempts = [attempt(NOON + MINUTE), attempt(NOON)];
    const { status, text } = await siteOf({ views, attempts })(`/alerts/${dead.slice(0, 8)}`);
    expect(status).toBe(200);
    expect(text).toContain("critical , fires for 47 min : 1 fires, 1 over.");
    expect(text).toContain("silenced until 14:00 UTC: new disk");
    expect(text).toMatch(/chat .*dead .*nothing .*oncall .*delivered .*that it fires, +46 min ago/);
    expect(text).toMatch(/2026-03-01 12:01 UTC .*new message .*1\.2 s .*message_rejected .*refuses this message/);
    // once as the last failure of this delivery, once for all attempts that failed for the same reason
    expect(text.match(/The destination refuses this message/g)).toHaveLength(2);
    expect(text).toContain(`watchkeeper deliveries retry ${dead.slice(0, 8)}`);
    expect(text).toContain(`watchkeeper deliveries drop ${dead.slice(0, 8)}`);
  });

  it("offers no command where there is nothing to do, and says what is not known", async () => {
    const get = siteOf({ views });
    expect((await get(`/alerts/${told}`)).text).not.toContain("What you can do");
    const { text } = await get(`/alerts/${waiting}`);
    expect(text).toContain("the sender left out 3, of which nothing is known");
    expect(text).toContain("its answer never came: it may know more");
  });

  it("does not offer to try what a time interval holds", async () => {
    const view = viewOf(disk, "oncall", { held: true });
    const { text } = await siteOf({ views: [view] })(`/alerts/${view.conversation.id}`);
    expect(text).toContain("A time interval of its route holds it; oncall is told when that ends.");
    expect(text).toContain("watchkeeper deliveries drop");
    expect(text).not.toContain("watchkeeper deliveries retry");
  });

  it("is missing for an id that is none", async () => {
    const get = siteOf({ views });
    for (const id of ["ffffffff", "..%2f..%2fetc", "%00"]) expect((await get(`/alerts/${id}`)).status).toBe(404);
  });
});

describe("the evidence of a delivery", () => {
  const evidence = { bundleId: "1f2e3d4c5b6a7988", at: NOON, lines: ["new: disk is <full>"] };
  const found = viewOf(groupOf("nodes", [alertOf("db-1")], { evidence }), "chat");
  const shown = async (view: typeof found, hasEvidence: boolean) =>
    (await siteOf({ views: [view] }, {}, { hasAlerts: true, hasEvidence })(`/alerts/${view.conversation.id}`)).body;

  it("is told, and leads to its page and to a new search", async () => {
    const page = await shown(found, true);
    expect(page).toContain("new: disk is &lt;full>");
    expect(page).toContain('href="https://watchkeeper.example.org/evidence/1f2e3d4c5b6a7988"');
    expect(page).toContain(`href="/correlate?group=${found.group.id}"`);
  });

  it("can be looked for where there is none yet, and not where none is made", async () => {
    const bare = viewOf(groupOf("nodes", [alertOf("db-1")]), "chat");
    expect(await shown(bare, true)).toContain(`href="/correlate?group=${bare.group.id}"`);
    expect(await shown(bare, false)).not.toMatch(/Evidence|correlate/);
    expect(await shown(found, false)).not.toContain("correlate");
  });
});

describe("hostile texts", () => {
  it("are shown, and do nothing", async () => {
    const hostile = groupOf("<script>alert(1)</script>", [
      alertOf("\u202e\"'><img src=x onerror=alert(1)>", {
        labels: { alertname: "<script>alert(2)</script>", "<b>": "</code><script>" },
        annotations: { summary: "<img src=x onerror=alert(3)>", description: "<script>alert(4)</script>" },
        links: { runbook: "javascript:alert(5)", dashboard: 'https://grafana.example.org/?a="><script>' },
        closedBecause: "<script>alert(6)</script>",
        state: "silenced",
      }),
    ]);
    const view = viewOf(hostile, "chat", { lastReason: "internal", lastError: "<script>alert(7)</script>" });
    const get = siteOf({ views: [view] });
    for (const url of ["/alerts", `/alerts/${view.conversation.id}`, "/alerts?destination=%3Cscript%3E"]) {
      const { body } = await get(url);
      expect(body).not.toMatch(/<script|<img|href="javascript:|\u202e/i);
    }
    expect((await get("/alerts")).body).toContain("&lt;img src=x onerror=alert(3)>");
  });
});

describe("the API", () => {
  it("lists conversations, and chooses them by state, destination and limit", async () => {
    const get = siteOf({ views });
    const ids = async (query: string) => {
      const { body } = await get(`/api/v1/conversations${query}`);
      return (JSON.parse(body) as { conversations: { id: string }[] }).conversations.map(({ id }) => id);
    };
    expect(await ids("")).toEqual([dead, told, waiting]);
    expect(await ids("?state=dead&state=ignored")).toEqual([dead]);
    expect(await ids("?destination=chat&limit=1")).toEqual([dead]);
    expect(await ids("?destination=nobody")).toEqual([]);
  });

  it("shows one, and never what is remembered to edit its message", async () => {
    const { status, body, headers } = await siteOf({ views })(`/api/v1/conversations/${dead}`);
    expect(status).toBe(200);
    expect(headers["content-type"]).toContain("application/json");
    expect(JSON.parse(body)).toMatchObject({
      conversation: { id: dead, standing: { words: "dead", mood: "bad" }, failure: { reason: "message_rejected" } },
      message: { title: "Node db-1 is down", status: "firing" },
      others: [{ id: told }],
    });
    expect(body).not.toContain("planted-secret");
  });

  it.each([
    ["?state=lost", "There is no state lost"],
    ["?limit=0", "The limit is a number from 1 to 500, not 0."],
    ["?limit=501", "The limit is a number from 1 to 500, not 501."],
    ["?limit=many", "The limit is a number from 1 to 500, not many."],
  ])("answers %s with what is wrong", async (query, error) => {
    const { status, body } = await siteOf({ views })(`/api/v1/conversations${query}`);
    expect(status).toBe(400);
    expect((JSON.parse(body) as { error: string }).error).toContain(error);
  });

  it("answers 404 in its own form", async () => {
    const { status, body } = await siteOf({ views })("/api/v1/conversations/ffffffff");
    expect([status, Object.keys(JSON.parse(body) as object)]).toEqual([404, ["error"]]);
  });
});

describe("while the store can not be read", () => {
  it("pages and API answer 503 with the reason", async () => {
    const store = {
      ...storeOf({ views, now }),
      now: async () => {
        throw new StoreUnavailable("the database is locked");
      },
    };
    const get = siteOf({}, { store });
    expect(await get("/alerts")).toMatchObject({
      status: 503,
      body: "The store can not be read: the database is locked\n",
    });
    const { status, body } = await get(`/api/v1/conversations/${dead}`);
    expect([status, body]).toEqual([503, '{"error":"The store can not be read: the database is locked"}']);
  });
});

describe("the frame of every page", () => {
  it("leads to the alerts only when some are delivered", () => {
    expect(renderPage("Title", "content", { hasAlerts: true })).toContain('<a href="/alerts">Alerts</a>');
    expect(renderPage("Title", "content", { hasAlerts: false })).not.toContain("/alerts");
  });
});
