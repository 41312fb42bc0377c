import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { single, small } from "../../app/preview/__fixtures__/small-dashboard.ts";
import type { Preview } from "../../app/preview/preview.ts";
import { createPreviewApp } from "./preview-app.ts";

let app: FastifyInstance;
let asked: string[];

beforeEach(() => {
  asked = [];
  const give = async (promql: string) => {
    asked.push(promql);
    return { series: [], isCut: false, warnings: [] };
  };
  const source: Preview["source"] = {
    range: (promql, { from, to, step }) => give(`${promql} ${from} ${to} ${step}`),
    instant: (promql, at) => give(`${promql} ${at}`),
    labelValues: async (selector, label) => [selector, label],
  };
  app = createPreviewApp({ source, dashboards: new Map([small, single].map((each) => [each.uid, each])) });
});
afterEach(() => app.close());

const get = (url: string) => app.inject({ url });
const PANEL = "/api/v1/dashboards/watchkeeper-small/panels";

describe("the pages", () => {
  it("lists all dashboards with their panels", async () => {
    const { body, statusCode } = await get("/dashboards");
    expect(statusCode).toBe(200);
    expect(body).toContain('<a href="/dashboards/watchkeeper-small">Small &amp; simple</a>');
    expect(body).toContain("Is the disk full?");
    expect(body).toMatch(/data-name="Panels">4</);
  });

  it("draws titles, help and places without a script, and says what Grafana shows elsewhere", async () => {
    const { body, headers } = await get("/dashboards/watchkeeper-small");
    expect(body).toContain("Used, as timeseries");
    expect(body).toContain("How full &lt;it> is.");
    expect(body).toContain("<span>DiskFull</span>");
    expect(body).toContain("--x: 1; --w: 12; --y: 9; --h: 8");
    expect(body).toContain("log lines from Elasticsearch");
    expect(body).toContain("host.name:&quot;$node&quot;");
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(headers["content-security-policy"]).toContain("script-src 'self';");
  });

  it("leads to no page that a preview does not have", async () => {
    const { body } = await get("/dashboards");
    const paths = [...body.matchAll(/href="(\/[^"#?]*)/g)].map(([, path = ""]) => path);
    const missing = [];
    for (const path of paths) if ((await get(path)).statusCode >= 400) missing.push(path);
    expect([paths.length > 2, missing]).toEqual([true, []]);
  });

  it("loads every script, style and import from this server", async () => {
    const { body } = await get("/dashboards/watchkeeper-small");
    const waiting = [...body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    const seen = new Set<string>();
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const asset = await get(path);
      expect([path, asset.statusCode]).toEqual([path, 200]);
      expect(asset.headers["content-type"]).toMatch(path.endsWith(".css") ? /^text\/css/ : /^text\/javascript/);
      const imports = [...asset.body.matchAll(/^(?:import .*|\} )from "\.\/([\w.-]+)";$/gm)];
      waiting.push(...imports.map(([, name = ""]) => `/assets/${name}`));
    }
    expect([...seen]).toContain("/assets/uplot.js");
  });

  it.each(["/dashboards/none", "/assets/none.js", "/assets/..%2f..%2fpackage.json"])("knows no %s", async (path) => {
    expect((await get(path)).statusCode).toBe(404);
  });
});

describe("the data of a panel", () => {
  it("is asked for with the panel's own expression and nothing that the browser sends", async () => {
    const { statusCode, body } = await get(
      `${PANEL}/1?from=1000&to=1100&step=30&query=up&expr=up&var-node=a&var-node=b`,
    );
    expect([statusCode, JSON.parse(body)]).toMatchObject([200, { series: [], notes: [] }]);
    expect(asked).toEqual(['used{node=~"(a|b)"} 1010 1100 30']);
  });

  it("is of the last hour unless it is asked otherwise", async () => {
    await get(`${PANEL}/1`);
    const [from = 0, to = 0, step] = (asked[0] ?? "").split(" ").slice(1).map(Number);
    expect(Math.abs(to - Date.now() / 1_000)).toBeLessThan(60);
    expect(to - from).toBeGreaterThan(3_500);
    expect(step).toBe(15);
  });

  it.each([
    ["from=5&to=5", "`from` is before `to`"],
    ["from=0&to=99999999", "31 days"],
    ["from=0&to=100000&step=1", "2000 points"],
    ["from=0&to=100&step=0", "`step`"],
    ["from=x", "`from` is a number"],
    ["to=-1", "`to` is a number"],
    [`var-node=${"a".repeat(1_001)}`, "1000 characters"],
    ["var-node=a&".repeat(101), "100 values"],
  ])("refuses %s", async (query, message) => {
    const { statusCode, body } = await get(`${PANEL}/1?${query}`);
    expect([statusCode, body]).toEqual([400, expect.stringContaining(message)]);
    expect(asked).toEqual([]);
  });

  it("is said to be missing as JSON", async () => {
    const { statusCode, headers, body } = await get(`${PANEL}/none`);
    expect([statusCode, headers["content-type"]]).toEqual([404, expect.stringContaining("application/json")]);
    expect(JSON.parse(body)).toEqual({ error: expect.stringContaining("no panel of this id") });
  });
});

it("the choices of a variable are narrowed by the earlier ones", async () => {
  const { body } = await get("/api/v1/dashboards/watchkeeper-single/variables/device?var-node=n1");
  expect(JSON.parse(body)).toEqual(['used{node=~"n1"}', "device"]);
});
