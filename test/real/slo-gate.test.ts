import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runProgram, startProcess, type RunningProcess } from "../helpers/process.ts";
import { analyse, callWebhook, measure, type Measurement, type WebMetric } from "../helpers/rollout-gates.ts";
import { runCli } from "../helpers/run-cli.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** The gate's answer, as far as a rollout looks at it. */
interface Answer {
  readonly allow: boolean;
  readonly cause: string;
  readonly reason: string;
  readonly budgetRemaining: number | null;
  readonly coverage: number | null;
  readonly policy: string;
}

const HOUR = 3_600;
const WINDOW = 72 * HOUR;
const SCRAPE = 30;

const SPECS = {
  version: "watchkeeper/v1",
  service: "shop",
  slos: ["search", "pay"].map((name) => ({
    name,
    objective: 99,
    window: "3d",
    sli: {
      events: {
        total: `sum(increase(http_requests_total{app="${name}"}[$window]))`,
        errors: `sum(increase(http_requests_total{app="${name}",code="500"}[$window]))`,
      },
    },
  })),
};

/** One block for each piece of the past, since each costs time. */
const BLOCK = "--max-block-duration=54h";

function succeed({ code, stderr }: { readonly code: number | null; readonly stderr: string }): void {
  if (code !== 0) throw new Error(`ended with exit code ${code}: ${stderr}`);
}

/**
 * 10 requests a second for longer than the window, of which in search 2 in 1,000 fail, and in pay 1 in 10 in its last
 * quarter.
 */
function pastUntil(end: number): string {
  const lines = {
    search: { ok: [] as string[], failed: [] as string[] },
    pay: { ok: [] as string[], failed: [] as string[] },
  };
  const counts = { search: 0, pay: 0 };
  for (let at = end - WINDOW - 2 * HOUR, all = 0; at <= end; at += SCRAPE, all += 300) {
    counts.search += 0.6;
    counts.pay += at > end - WINDOW / 4 ? 30 : 0;
    for (const app of ["search", "pay"] as const) {
      const line = (code: number, count: number): string =>
        `http_requests_total{app="${app}",code="${code}"} ${count} ${at}`;
      lines[app].ok.push(line(200, all - counts[app]));
      lines[app].failed.push(line(500, counts[app]));
    }
  }
  const series = Object.values(lines).flatMap(({ ok, failed }) => [...ok, ...failed]);
  return ["# TYPE http_requests counter", ...series, "# EOF\n"].join("\n");
}

function firstOf([first]: readonly Measurement[]): Answer {
  if (first === undefined) throw new Error("nothing was measured");
  return first.value as Answer;
}

describeReal("the gate, asked by rollouts", ["prometheus", "promtool"], ({ prometheus, promtool }) => {
  let folder: TemporaryFolder;
  let ports: { readonly prometheus: number; readonly watchkeeper: number };
  let database: RunningProcess | undefined;
  let service: RunningProcess | undefined;

  const inFolder = (name: string): string => join(folder.path, name);
  const prometheusUrl = (): string => `http://127.0.0.1:${ports.prometheus}`;
  const isReady = async (url: string): Promise<boolean> => {
    const { statusCode, body } = await request(url);
    await body.dump();
    return statusCode === 200;
  };

  const startDatabase = async (): Promise<void> => {
    database = await startProcess({
      command: prometheus,
      args: [
        `--config.file=${inFolder("prometheus.yml")}`,
        `--storage.tsdb.path=${inFolder("data")}`,
        `--web.listen-address=127.0.0.1:${ports.prometheus}`,
      ],
      ready: () => isReady(`${prometheusUrl()}/-/ready`),
    });
  };
  const stopDatabase = async (): Promise<void> => {
    await database?.stop();
    database = undefined;
  };

  const createBlocks = async (args: readonly string[]): Promise<void> =>
    succeed(await runProgram(promtool, ["tsdb", "create-blocks-from", ...args]));

  /** Has the counts of the built rules recorded for the past, first those that others are sums of. */
  const recordPast = async (end: number): Promise<void> => {
    const { groups } = parse(await readFile(inFolder("rules/shop.yaml"), "utf8")) as {
      groups: { rules: { record?: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    for (const pattern of [/:increase30s$/, /:increase5m$/]) {
      const some = rules.filter(({ record = "" }) => pattern.test(record));
      if (some.length !== 4) throw new Error(`${some.length} rules in place of 4 match ${String(pattern)}`);
      await writeFile(inFolder("past.yaml"), printYaml({ groups: [{ name: "past", interval: "30s", rules: some }] }));
      const span = [`--start=${end - WINDOW - HOUR}`, `--end=${end}`, "--eval-interval=30s", BLOCK];
      const to = `--output-dir=${inFolder("data")}`;
      await startDatabase();
      await createBlocks(["rules", ...span, `--url=${prometheusUrl()}`, to, inFolder("past.yaml")]);
      // blocks that are written beside it are found when it starts
      await stopDatabase();
    }
  };

  const gateOf = (slo: string, query = ""): string =>
    `http://127.0.0.1:${ports.watchkeeper}/api/v1/slos/shop-${slo}/gate${query}`;
  const metricOf = (slo: string, more: Partial<WebMetric> = {}): WebMetric => ({
    url: gateOf(slo),
    success: (result: Answer) => result.allow,
    ...more,
  });
  const answerOf = async (slo: string, query = ""): Promise<Answer> => {
    const { value } = await measure(metricOf(slo, { url: gateOf(slo, query) }));
    return value as Answer;
  };

  beforeAll(async () => {
    folder = await createTemporaryFolder("slo-gate");
    const [first, second] = (await freePorts(2)) as [number, number];
    ports = { prometheus: first, watchkeeper: second };
    const end = Math.floor(Date.now() / 1_000 / SCRAPE) * SCRAPE;
    await mkdir(inFolder("slo"));
    await writeFile(inFolder("slo/shop.yaml"), printYaml(SPECS));
    succeed(await runCli(["slo", "generate", "--out", "rules", "slo"], { cwd: folder.path }));
    await writeFile(inFolder("prometheus.yml"), printYaml({ rule_files: ["rules/*.yaml"] }));
    await writeFile(inFolder("past.om"), pastUntil(end));
    await createBlocks(["openmetrics", "--quiet", BLOCK, inFolder("past.om"), inFolder("data")]);
    await recordPast(end);
    await startDatabase();
    const config = {
      server: { listen: `127.0.0.1:${ports.watchkeeper}` },
      prometheus: { url: prometheusUrl() },
      slo: { specs: ["slo"] },
    };
    await writeFile(inFolder("watchkeeper.yaml"), printYaml(config));
    service = await startProcess({
      command: process.execPath,
      args: [join(packageRoot, "dist/cli/main.js"), "serve", "--config", inFolder("watchkeeper.yaml")],
      cwd: folder.path,
      deadlineMs: 60_000,
      ready: () => isReady(`http://127.0.0.1:${ports.watchkeeper}/-/healthy`),
    });
  });
  afterAll(async () => {
    await service?.stop();
    await stopDatabase();
    await folder.remove();
  });

  it("lets go on while budget is left, whoever asks", async () => {
    const { phase, measurements } = await analyse(metricOf("search", { count: 3, intervalMs: 100 }));
    expect([phase, measurements.length]).toEqual(["Successful", 3]);
    // 2 of the 10 in 1,000 that may fail
    const { budgetRemaining, coverage, cause } = firstOf(measurements);
    expect(cause).toBe("budget");
    expect(budgetRemaining).toBeCloseTo(0.8, 3);
    expect(coverage).toBeGreaterThan(0.97);
    expect(await callWebhook(gateOf("search", "?status=1"))).toEqual({ passes: true, status: 200 });
  });

  it("stops at the first answer when the budget is overspent", async () => {
    const { phase, measurements } = await analyse(metricOf("pay", { count: 3 }));
    expect([phase, measurements.length]).toEqual(["Failed", 1]);
    // a quarter of the window with a tenth failed is 2.5 times what may fail
    const answer = firstOf(measurements);
    expect(answer).toMatchObject({ allow: false, cause: "budget" });
    expect(answer.budgetRemaining).toBeCloseTo(-1.5, 1);
    expect(await callWebhook(gateOf("pay", "?status=1"))).toEqual({ passes: false, status: 409 });
    expect((await analyse(metricOf("pay", { url: gateOf("pay", "?change=rollback") }))).phase).toBe("Successful");
  });

  it("says in valid JSON that nothing is known when Prometheus is away, and goes on when it is back", async () => {
    await stopDatabase();
    // what was read before may be told for half a minute
    await waitUntil("the gate knows nothing", async () => (await answerOf("search")).cause === "unknown", {
      deadlineMs: 90_000,
      everyMs: 500,
    });
    const { phase, measurements } = await analyse(metricOf("search", { count: 3 }));
    expect([phase, measurements.length]).toEqual(["Failed", 1]);
    expect(firstOf(measurements)).toMatchObject({
      allow: false,
      cause: "unknown",
      policy: "default",
      budgetRemaining: null,
    });
    expect(firstOf(measurements).reason).toContain("connection refused");
    // who tells apart what is denied from what is not known is paused, not rolled back
    const careful = metricOf("search", { failure: (result: Answer) => !result.allow && result.cause !== "unknown" });
    expect((await analyse(careful)).phase).toBe("Inconclusive");
    expect(await callWebhook(gateOf("search", "?status=1"))).toEqual({ passes: false, status: 503 });
    expect(await answerOf("search", "?change=rollback")).toMatchObject({ allow: true, cause: "always_allowed" });
    await startDatabase();
    expect((await analyse(metricOf("search", { count: 3, intervalMs: 100 }))).phase).toBe("Successful");
    expect((await analyse(metricOf("pay"))).phase).toBe("Failed");
  });
});

it("a client that gets no JSON, a status that is not 2xx or nothing measures an error, and gives up after five", async () => {
  let answers = 0;
  const server: Server = createServer((_, response) => {
    answers++;
    response.writeHead(answers % 2 === 0 ? 200 : 503).end("<html>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const metric: WebMetric = { url: `http://127.0.0.1:${port}/`, success: () => true };
  const { phase, measurements } = await analyse(metric);
  expect([phase, measurements.length, answers]).toEqual(["Error", 5, 5]);
  await new Promise((resolve) => server.close(resolve));
  expect((await measure(metric)).phase).toBe("Error");
});
