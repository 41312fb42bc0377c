import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { startFakePrometheus, type FakePrometheus } from "../../../test/helpers/slo-prometheus.ts";
import { startSloBoard, type SloBoard } from "../../app/slo/board.ts";
import { prometheusSchema } from "../../config/prometheus-schema.ts";
import { sloSchema, type SloSettings } from "../../config/slo-schema.ts";
import { PAGE_POLICY } from "../pages/page.ts";
import { registerSloRoutes } from "./slos.ts";

const SPECS = `version: watchkeeper/v1
service: shop
slos:
  - name: pay
    description: Orders that <b>go</b> through.
    objective: 99
    window: 7d
    group_by: [country]
    sli:
      events:
        total: sum by (country) (increase(orders_total[$window]))
        errors: sum by (country) (increase(orders_total{state="failed"}[$window]))
  - name: search
    objective: 99
    window: 7d
    sli:
      events:
        total: sum(increase(searches_total[$window]))
        errors: sum(increase(searches_total{code="500"}[$window]))
`;

let folder: TemporaryFolder;
let prometheus: FakePrometheus;
let app: FastifyInstance;
let board: SloBoard | undefined;

beforeEach(async () => {
  folder = await createTemporaryFolder("slos");
  prometheus = await startFakePrometheus();
  app = Fastify();
  prometheus.series = [
    // half of its budget is used
    { labels: { slo_id: "shop-pay", country: "de" }, counts: () => [1_000, 5] },
    // an outage of the last two hours
    { labels: { slo_id: "shop-pay", country: "fr" }, counts: (ago) => [1_000, ago < 2 ? 900 : 0] },
  ];
});
afterEach(async () => {
  await app.close();
  await board?.stop();
  await prometheus.server.close();
  await folder.remove();
});

const configOf = (more: object = {}): SloSettings => ({
  ...sloSchema.parse({ specs: [join(folder.path, "*.yaml")], ...more }),
  prometheus: prometheusSchema.parse({ url: prometheus.server.url }),
});

async function open(more: object = {}, specs = SPECS): Promise<SloBoard> {
  await writeFile(join(folder.path, "specs.yaml"), specs);
  board = await startSloBoard(configOf(more), "watchkeeper.yaml", pino({ level: "silent" }));
  registerSloRoutes(app, board, { hasAlerts: false, hasSlos: true });
  return board;
}

const looked = (of: SloBoard) => waitUntil("the budgets are read", () => of.state().snapshot !== undefined);

async function get(url: string) {
  const { statusCode, body, headers } = await app.inject(url);
  return { status: statusCode, body, headers, text: body.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ") };
}

const json = async (url: string): Promise<Record<string, unknown>> => JSON.parse((await get(url)).body) as never;

describe("/api/v1/slos", () => {
  it("lists the worst group of each, the least budget first, what is not known as null and last", async () => {
    await looked(await open());
    const { slos, at, trouble } = await json("/api/v1/slos");
    expect(Date.parse(String(at))).toBeGreaterThan(0);
    expect(trouble).toBeNull();
    expect(slos).toMatchObject([
      { id: "shop-pay", window: "7d", state: "exhausted", group: { country: "fr" }, groups: 2, allow: false },
      { id: "shop-search", budgetRemaining: null, burn: null, coverage: 0, exhaustedInSeconds: null, state: "unknown" },
    ]);
    const [{ budgetRemaining }] = slos as [{ budgetRemaining: number }];
    // 24 or so of 2,016 slices with 900 of 10 allowed failures
    expect(budgetRemaining).toBeGreaterThan(-0.16);
    expect(budgetRemaining).toBeLessThan(0.0);
  });

  it("tells everything of one: budgets of its groups, burn rates, audit; 404 as JSON for another", async () => {
    await looked(await open());
    const one = await json("/api/v1/slos/shop-pay");
    expect(one["budgets"]).toMatchObject([
      { group: { country: "fr" }, exhaustedInSeconds: 0 },
      {
        group: { country: "de" },
        budgetRemaining: expect.closeTo(0.5, 2) as number,
        burn: expect.closeTo(0.5, 2) as number,
      },
    ]);
    expect(one["tiers"]).toContainEqual(
      expect.objectContaining({ alert: "page", long: "1h", short: "5m", burning: true }) as object,
    );
    expect(one["audit"]).toMatchObject([{ event: "state", from: "healthy", state: "exhausted" }]);
    const { status, headers } = await get("/api/v1/slos/nope");
    expect([status, headers["content-type"]]).toEqual([404, expect.stringContaining("json")]);
  });
});

describe("an SLO that can not be read for itself", () => {
  it("is unknown and says why; the others are shown", async () => {
    prometheus.refused = /\bshop-search\b/;
    await looked(await open());
    const { slos, trouble } = await json("/api/v1/slos");
    expect(trouble).toBeNull();
    const why = expect.stringContaining("status 422: too many samples") as string;
    expect(slos).toMatchObject([
      { id: "shop-pay", state: "exhausted", trouble: null },
      { id: "shop-search", state: "unknown", budgetRemaining: null, reason: why, trouble: why },
    ]);
    expect((await get("/slos")).text).toContain("too many samples");
    expect((await get("/slos/shop-search")).status).toBe(200);
    expect(await json("/api/v1/slos/shop-search/gate")).toMatchObject({ allow: false, cause: "unknown", reason: why });
    expect(await json("/api/v1/slos/shop-pay/gate")).toMatchObject({ cause: "budget" });
  });
});

describe("readings", () => {
  it("are shared: whoever asks within 30 seconds causes no question to Prometheus, and is told when it was", async () => {
    const { state } = await open();
    await waitUntil("the budgets are read", () => state().snapshot !== undefined);
    const at = new Date((state().snapshot?.at ?? 0) * 1_000).toISOString();
    const before = prometheus.asked();
    const urls = ["/slos", "/api/v1/slos", "/api/v1/slos/shop-pay", "/api/v1/slos/shop-pay/gate"];
    const found = await Promise.all(urls.map(async (url) => get(url)));
    expect(prometheus.asked()).toBe(before);
    expect(found.slice(1).map(({ body }) => (JSON.parse(body) as { at: string }).at)).toEqual([at, at, at]);
    await Promise.all(["/slos/shop-pay", "/slos/shop-pay"].map(async (url) => get(url)));
    const charts = prometheus.asked() - before;
    expect(charts).toBeGreaterThan(0);
    await get("/slos/shop-pay");
    expect(prometheus.asked() - before).toBe(charts);
  });

  it("of a gate are its own when the last look is too old", async () => {
    const { state } = await open();
    const old = await waitUntil("the budgets are read", () => state().snapshot);
    const then = Date.now() + 45_000;
    vi.useFakeTimers({ now: then, toFake: ["Date"] });
    try {
      const answers = await Promise.all([0, 1, 2].map(async () => json("/api/v1/slos/shop-pay/gate")));
      expect(Date.parse(String(answers[0]?.["at"]))).toBeGreaterThanOrEqual(then);
      expect(new Set(answers.map(({ at }) => at)).size).toBe(1);
      expect(state().snapshot).toBe(old);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("the gate", () => {
  it("answers 200 with all keys, whatever it says", async () => {
    await looked(await open());
    const denied = await get("/api/v1/slos/shop-pay/gate");
    expect(denied.status).toBe(200);
    expect(JSON.parse(denied.body)).toMatchObject({
      allow: false,
      cause: "budget",
      state: "exhausted",
      group: { country: "fr" },
    });
    expect(await json("/api/v1/slos/shop-pay/gate?group=country=de")).toMatchObject({ allow: true, state: "healthy" });
    expect(await json("/api/v1/slos/shop-pay/gate?change=rollback")).toMatchObject({
      allow: true,
      cause: "always_allowed",
    });
    expect(await json("/api/v1/slos/shop-search/gate")).toMatchObject({ allow: false, cause: "unknown", burn: null });
    expect(await get("/api/v1/slos/nope/gate")).toMatchObject({
      status: 404,
      body: expect.stringContaining('"allow":false') as string,
    });
  });

  it("answers by status where that is asked for, to Flagger's POST too, whatever its document is", async () => {
    await looked(await open());
    const post = async (url: string) =>
      (await app.inject({ method: "POST", url, headers: { "content-type": "application/json" }, payload: "{" }))
        .statusCode;
    expect(await post("/api/v1/slos/shop-pay/gate?status=1")).toBe(409);
    expect(await post("/api/v1/slos/shop-search/gate?status=1")).toBe(503);
    expect(await post("/api/v1/slos/shop-pay/gate?status=1&group=country=de")).toBe(200);
  });

  it("says by the policy what follows when Prometheus is away, at once and in valid JSON", async () => {
    await prometheus.server.stop();
    await open({
      policy: { unknown: "allow", states: [{ name: "spent", budget_left_at_most: 0, actions: ["block"] }] },
    });
    const answer = await json("/api/v1/slos/shop-pay/gate");
    expect(answer).toMatchObject({ allow: true, cause: "unknown", budgetRemaining: null, policy: "policy" });
    expect(answer["reason"]).toContain("connection refused");
    await waitUntil("the trouble is known", async () => (await json("/api/v1/slos"))["trouble"] !== null);
    expect((await get("/slos")).text).toContain("Prometheus can not be asked.");
    expect((await get("/slos/shop-pay")).status).toBe(200);
  });

  it("goes on from its audit after a restart, and does not write the same answer again and again", async () => {
    const path = join(folder.path, "audit.jsonl");
    await looked(await open({ audit_log: path }));
    for (let i = 0; i < 3; i++) await get("/api/v1/slos/shop-pay/gate");
    const lines = (await readFile(path, "utf8")).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["state", "denied"]);
    // better by less than the policy wants: only who knows the past still denies
    prometheus.series = prometheus.series.map((one) => ({
      ...one,
      counts: (ago) => [1_000, one.labels["country"] === "fr" && ago < 1.8 && ago > 0.1 ? 800 : 0],
    }));
    await board?.replace(configOf({ audit_log: path }));
    expect(await json("/api/v1/slos/shop-pay/gate")).toMatchObject({ state: "exhausted", allow: false });
  });

  it("goes on from what it knows when the configuration is read again, without a file too", async () => {
    await looked(await open());
    prometheus.series = prometheus.series.map((one) => ({
      ...one,
      counts: (ago) => [1_000, one.labels["country"] === "fr" && ago < 1.8 && ago > 0.1 ? 800 : 0],
    }));
    await board?.replace(configOf());
    expect(await json("/api/v1/slos/shop-pay/gate")).toMatchObject({ state: "exhausted", allow: false });
  });
});

describe("the pages", () => {
  it("list by budget left, with alerts, and say what is used up and what is not known", async () => {
    const labels = { alertstate: "firing", severity: "critical", slo_alert: "page", slo_id: "shop-pay", country: "fr" };
    prometheus.alerts = [{ alertname: "ShopBurns", ...labels }];
    await looked(await open());
    const { text, body, headers } = await get("/slos");
    expect(headers["content-security-policy"]).toBe(PAGE_POLICY);
    expect(text).toContain("1 burns so fast that somebody is paged; 1 of 2 budgets is used up; nothing is known of 1.");
    expect(body).toContain('href="/runbooks/SloBudgetBurn"');
    expect(body).toContain("Orders that &lt;b>go&lt;/b> through.");
    expect(text).toMatch(/shop-pay .* used up exhausted page fires shop-search .* not known 0 % of the time measured/);
  });

  it("show one with charts of each group, what used its budget up and what its gate says", async () => {
    await looked(await open());
    const { text, body } = await get("/slos/shop-pay");
    expect(text).toMatch(/The budget is overspent by \d/);
    expect(text).toContain("Burn rates, where it burns fastest");
    expect(body.match(/<svg /g)).toHaveLength(4);
    expect(text).toContain("What used most of it: country=&quot;fr&quot; (UTC)");
    expect(text).toContain("Changes may not be made.");
    expect((await get("/slos/nope")).status).toBe(404);
  });

  it("show what is wrong in the specifications, and the SLOs that are not", async () => {
    await looked(await open({}, SPECS.replace("objective: 99", "objective: 100")));
    const { text } = await get("/slos");
    expect(text).toContain("Wrong in the specifications");
    expect(text).toContain("specs.yaml:6:16 slos.0.objective: is 100 %");
    expect(text).toContain("shop-search");
  });
});
