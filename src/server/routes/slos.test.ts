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
import { SPECS } from "./__fixtures__/slo-specs.ts";
import { registerSloRoutes } from "./slos.ts";

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
  board = await startSloBoard(configOf(more), "watchkeeper.yaml", { log: pino({ level: "silent" }) });
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
    const why = expect.stringContaining("connection refused") as string;
    expect((await get("/slos")).text).toContain("What was counted can not be read from Prometheus. It never was yet.");
    expect((await get("/slos/shop-pay")).text).toContain("Changes may be made.");
    expect(await json("/api/v1/slos/shop-pay")).toMatchObject({ allow: true, trouble: why });
  });

  it("refuses a question that means nothing, before a typing error lets a change through", async () => {
    await looked(await open());
    const { status, body } = await get("/api/v1/slos/shop-pay/gate?chnage=rollback");
    const error = 'There is no "chnage" to ask with: there are change, approved_by, group, status.';
    expect([status, JSON.parse(body)]).toEqual([400, { slo: "shop-pay", allow: false, error }]);
    // a template whose value is not filled in
    expect((await get("/api/v1/slos/shop-pay/gate?change=&group=&status=0")).status).toBe(200);
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

describe("what was read before Prometheus went away", () => {
  it("gives no leave on pages and in lists: they say what the gate says, and how old what they show is", async () => {
    prometheus.series = prometheus.series.slice(0, 1);
    await looked(await open());
    expect(await json("/api/v1/slos/shop-pay")).toMatchObject({ allow: true, state: "healthy", trouble: null });
    await prometheus.server.stop();
    vi.useFakeTimers({ now: Date.now() + 4 * 60_000, toFake: ["Date"] });
    try {
      const unknown = { allow: false, state: "unknown", budgetRemaining: null };
      expect(await json("/api/v1/slos/shop-pay/gate")).toMatchObject({ ...unknown, cause: "unknown" });
      const why = expect.stringContaining("Prometheus has not answered since") as string;
      const before = expect.closeTo(0.5, 2) as number;
      const shown = { ...unknown, burn: null, alerts: null, trouble: why, budgetRemainingBefore: before };
      expect(await json("/api/v1/slos/shop-pay")).toMatchObject(shown);
      expect(await json("/api/v1/slos")).toMatchObject({ trouble: why, slos: [shown, {}] });
      const one = await get("/slos/shop-pay");
      expect(one.text).toContain("Changes may not be made.");
      expect(one.text).toContain("Budget when it was last read");
      expect(one.text).toContain("It was last read 4");
      expect(one.body).not.toContain("banner ok");
      const { text, body } = await get("/slos");
      expect(text).toContain("Too little is known of all.");
      expect(text).toMatch(/not known when it was last read: (49\.\d|50(\.\d)?) %/);
      expect(body).not.toMatch(/class="[^"]*\bok\b/);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("an SLO that was measured for a few minutes", () => {
  it("is not known: null, grey, not among what is used up, and it says for how long it was measured", async () => {
    prometheus.series = [
      ...prometheus.series,
      { labels: { slo_id: "shop-search" }, counts: (ago) => (ago < 0.5 ? [1_000, 900] : [Number.NaN, Number.NaN]) },
      {
        labels: { slo_id: "shop-pay", country: "new" },
        counts: (ago) => (ago < 0.5 ? [9, 0] : [Number.NaN, Number.NaN]),
      },
    ];
    await looked(await open());
    const unknown = { state: "unknown", budgetRemaining: null, exhaustedInSeconds: null };
    expect((await json("/api/v1/slos"))["slos"]).toMatchObject([{ id: "shop-pay" }, { ...unknown, allow: false }]);
    const one = await json("/api/v1/slos/shop-search");
    expect(one).toMatchObject({ ...unknown, budgets: [{ ...unknown, burn: expect.closeTo(90, 5) as number }] });
    expect(one["coverage"]).toBeLessThan(0.01);
    const { text } = await get("/slos");
    expect(text).toContain("1 of 2 budgets is used up; too little is known of 1.");
    expect(text).toMatch(/shop-search .* not known: measured for (25|30) min/);
    expect((await get("/slos/shop-pay")).text).toMatch(/country=&quot;new&quot; not known: measured for (25|30) min/);
  });
});

describe("the pages", () => {
  it("list by budget left, with alerts, and say what is used up and what is not known", async () => {
    const labels = { alertstate: "firing", severity: "critical", slo_alert: "page", slo_id: "shop-pay", country: "fr" };
    prometheus.alerts = [{ alertname: "ShopBurns", ...labels }];
    await looked(await open());
    const { text, body, headers } = await get("/slos");
    expect(headers["content-security-policy"]).toBe(PAGE_POLICY);
    expect(text).toContain(
      "1 burns so fast that somebody is paged; 1 of 2 budgets is used up; too little is known of 1.",
    );
    expect(body).toContain('href="/runbooks/SloBudgetBurn"');
    expect(body).toContain("Orders that &lt;b>go&lt;/b> through.");
    expect(text).toMatch(/shop-pay .* used up exhausted page fires shop-search .* not known: nothing measured/);
  });

  it("show one with charts of each group, what used its budget up and what its gate says", async () => {
    await looked(await open());
    const { text, body } = await get("/slos/shop-pay");
    expect(text).toMatch(/country=&quot;fr&quot;: The budget is overspent by \d/);
    expect(text).toMatch(/page [\d.]+x .* burns too fast a page at once/);
    expect(text).toContain("burns too fast a ticket after 15 min of this");
    expect(text).toContain("Burn rates, where it burns fastest");
    expect(body.match(/<svg [^>]*role="img"/g)).toHaveLength(4);
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
