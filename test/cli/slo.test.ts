import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runCli, type CliResult } from "../helpers/run-cli.ts";
import { startFakePrometheus, type FakePrometheus } from "../helpers/slo-prometheus.ts";

let folder: TemporaryFolder;
const run = (...args: string[]): Promise<CliResult> => runCli(["slo", ...args], { cwd: folder.path });
const read = (file: string): Promise<string> => readFile(join(folder.path, file), "utf8");

const spec = (service: string, objective = "99.9"): string => `version: watchkeeper/v1
service: ${service}
slos:
  - name: pay
    objective: ${objective}
    sli:
      events:
        total: sum(increase(orders_total{job="${service}"}[$window]))
        errors: sum(increase(orders_total{job="${service}",state="failed"}[$window]))
`;

beforeEach(async () => {
  folder = await createTemporaryFolder("slo-cli");
  await mkdir(join(folder.path, "slo"));
  await writeFile(join(folder.path, "slo/shop.yaml"), spec("shop"));
  await writeFile(join(folder.path, "slo/bank.yaml"), spec("bank"));
});
afterEach(() => folder.remove());

const break_ = () => writeFile(join(folder.path, "slo/bank.yaml"), spec("bank", "100"));

describe("watchkeeper slo validate", () => {
  it("says nothing of what is right", async () => {
    expect(await run("validate")).toEqual({ code: 0, stdout: "", stderr: "2 SLOs: 0 errors, 0 warnings\n" });
    const { stderr } = await run("validate", "slo/shop.yaml", "--cost");
    expect(stderr).toMatch(
      /^1 SLO: .*\nThey make \d+ rules and record \d+ series; a Prometheus reads about \d+ samples/,
    );
  });

  it("says where and what is wrong, as text and as JSON", async () => {
    await break_();
    const place = "slo/bank.yaml:5:16 error slos.0.objective: is 100 %";
    const { code, stdout } = await run("validate");
    expect([code, stdout.slice(0, place.length)]).toEqual([1, place]);
    const json = await run("validate", "--json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      slos: ["shop-pay"],
      findings: [{ check: "shape", file: "slo/bank.yaml", line: 5, column: 16, path: "slos.0.objective" }],
    });
  });

  it("takes warnings for errors where that is asked for", async () => {
    await writeFile(
      join(folder.path, "slo/bank.yaml"),
      "version: watchkeeper/v1\nservice: bank\nslos:\n  - { name: a, objective: 99, sli: { ratio: { errors: 'avg_over_time(a[$window])' } } }\n",
    );
    expect(await run("validate")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("[unweighted-ratio]") as string,
    });
    expect(await run("validate", "--strict")).toMatchObject({ code: 1 });
  });

  it("exits 2 for a mistake on the command line or in the configuration", async () => {
    expect(await run("validate", "--default-window", "soon")).toMatchObject({ code: 2 });
    expect(await run("validate", "--connect")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--config") as string,
    });
    expect(await run("validate", "-c", "nothere.yaml")).toMatchObject({ code: 2 });
    expect(await run("valdate")).toMatchObject({ code: 2 });
  });
});

describe("watchkeeper slo generate", () => {
  it("writes one document for each service, once, and says what is stale or left over", async () => {
    expect(await run("generate")).toEqual({
      code: 0,
      stdout: "wrote alerts/slo/bank.yaml\nwrote alerts/slo/shop.yaml\n",
      stderr: "",
    });
    const { groups } = parse(await read("alerts/slo/shop.yaml")) as { groups: { name: string }[] };
    expect(groups.map(({ name }) => name)).toEqual(["slo-shop-pay-fast", "slo-shop-pay-slow"]);
    expect(await run("generate")).toEqual({ code: 0, stdout: "", stderr: "" });
    await writeFile(join(folder.path, "slo/shop.yaml"), spec("shop", "99"));
    expect(await run("generate", "--check")).toMatchObject({ code: 1, stdout: "stale alerts/slo/shop.yaml\n" });
    const some = await run("generate", "slo/shop.yaml");
    expect(some).toMatchObject({ code: 0, stdout: "wrote alerts/slo/shop.yaml\n" });
    expect(some.stderr).toContain("alerts/slo/bank.yaml was written by an earlier run");
  });

  it("writes nothing while an SLO is wrong, or the others with --keep-going", async () => {
    await break_();
    const { code, stdout, stderr } = await run("generate");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("slo/bank.yaml:5:16 error slos.0.objective");
    expect(await run("generate", "--keep-going")).toMatchObject({ code: 1, stdout: "wrote alerts/slo/shop.yaml\n" });
    await writeFile(join(folder.path, "slo/bank.yaml"), spec("bank"));
    await run("generate");
    await break_();
    const later = await run("generate", "--keep-going");
    expect(later.stderr).toContain("alerts/slo/bank.yaml was written by an earlier run");
    expect(later.stderr).not.toContain("delete it");
  });

  it("writes the other forms", async () => {
    const kubernetes = ["--format", "prometheusrule", "--namespace", "monitoring", "--name", "slos"];
    const label = ["--label", "release=stack", "--label", "team=infra"];
    expect((await run("generate", ...kubernetes, ...label)).stdout).toBe("wrote alerts/slo/slos-1.yaml\n");
    expect(parse(await read("alerts/slo/slos-1.yaml"))).toMatchObject({
      kind: "PrometheusRule",
      metadata: { name: "slos-1", namespace: "monitoring", labels: { release: "stack", team: "infra" } },
    });
    const packed = parse((await run("generate", "--out", "-", "--rules-per-group", "20")).stdout) as {
      groups: { rules: unknown[] }[];
    };
    expect(Math.max(...packed.groups.map(({ rules }) => rules.length))).toBeLessThanOrEqual(20);
    expect((await run("generate", "--out", "-", "--compat", "sloth")).stdout).toContain("sloth_id: shop-pay");
    expect((await run("generate", "--out", "-", "--step", "15s", "--lag", "20s")).stdout).toContain("offset 35s");
    expect((await run("generate", "--inhibit-rules", "inhibit.yaml")).stdout).toContain("wrote inhibit.yaml");
    const beside = ["--out", "rules", "--inhibit-rules", "rules/inhibit.yaml"];
    await run("generate", ...beside);
    expect(await run("generate", ...beside, "--check")).toEqual({ code: 0, stdout: "", stderr: "" });
    for (const wrong of [
      ["--format", "json"],
      label,
      ["--format", "prometheusrule", "--label", "release"],
      ["--compat", "pyrra"],
      ["--rules-per-group", "1"],
      ["--step", "7s"],
      ["--lag", "soon"],
      ["--push", "mimir"],
    ])
      expect(await run("generate", ...wrong)).toMatchObject({ code: 2 });
  });
});

describe("watchkeeper slo tests", () => {
  it("writes a test and its rules for each SLO, once", async () => {
    const { code, stdout } = await run("tests");
    expect(code).toBe(0);
    expect(stdout.split("\n")).toContain("wrote alerts/slo/tests/shop-pay.test.yaml");
    expect(parse(await read("alerts/slo/tests/shop-pay.test.yaml"))).toMatchObject({
      rule_files: ["rules/shop-pay.yaml"],
    });
    expect(await run("tests", "--check")).toMatchObject({ code: 0, stdout: "" });
  });
});

describe("with a Prometheus", () => {
  let prometheus: FakePrometheus;
  beforeEach(async () => {
    prometheus = await startFakePrometheus();
    prometheus.series = [
      { labels: { slo_id: "shop-pay" }, counts: () => [10_000, 5] },
      { labels: { slo_id: "bank-pay" }, counts: () => [10_000, 50] },
    ];
    const config = { prometheus: { url: prometheus.server.url }, slo: { specs: ["slo"], audit_log: "audit.jsonl" } };
    await writeFile(join(folder.path, "watchkeeper.yaml"), JSON.stringify(config));
  });
  afterEach(() => prometheus.server.close());

  it("asks the gate: exit 1 when it denies, and the reason", async () => {
    expect(await run("gate", "shop-pay")).toEqual({
      code: 0,
      stdout: "allowed: 50 % of the budget is left, it burnt 0.5 times as fast as allowed in the last hour: healthy.\n",
      stderr: "",
    });
    expect(await run("gate", "bank-pay")).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^denied: /) as string,
    });
    const rollback = await run("gate", "bank-pay", "--change", "rollback", "--json");
    expect([rollback.code, JSON.parse(rollback.stdout)]).toMatchObject([0, { allow: true, cause: "always_allowed" }]);
    expect((await read("audit.jsonl")).split("\n").length).toBeGreaterThan(3);
    expect(await run("gate", "nope")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("bank-pay, shop-pay") as string,
    });
    expect(await run("gate", "shop-pay", "--group", "x")).toMatchObject({ code: 2 });
  });

  it("reports in three forms, the worst first", async () => {
    const { code, stdout } = await run("report", "--last", "7d");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^# Service levels: 7d until .*\n[^]*\| bank-pay \| \*\*missed\*\* [^]*\| shop-pay \| met \|/,
    );
    const json = await run("report", "shop-pay", "--last", "7d", "--format", "json");
    expect(JSON.parse(json.stdout)).toMatchObject({ objectives: [{ slo: "shop-pay", status: "met" }] });
    const html = await run("report", "--format", "html", "--out", "report.html", "--time-zone", "Europe/Berlin");
    expect([html.stdout, (await read("report.html")).slice(0, 15)]).toEqual(["wrote report.html\n", "<!doctype html>"]);
    for (const wrong of [
      ["--last", "1m"],
      ["--month", "2026"],
      ["--month", "2999-01"],
      ["--format", "pdf"],
      ["--time-zone", "Mars"],
    ])
      expect(await run("report", ...wrong)).toMatchObject({ code: 2 });
  });

  it("tells what is missing, or that Prometheus is away, without a stack", async () => {
    const away = await run("backtest", "--specs", "slo", "--prometheus", "http://127.0.0.1:1");
    expect(away).toMatchObject({ code: 1, stdout: "" });
    expect(away.stderr).toMatch(/^GET http:\/\/127\.0\.0\.1:1\/api\/v1\/query_range: connection refused[^\n]*\n$/);
    expect(await run("backtest", "--objective", "101")).toMatchObject({ code: 2 });
    const none = await run("backtest", "shop-pay", "--last", "1h");
    expect(none).toMatchObject({ code: 0, stderr: "shop-pay: nothing was measured in this time\n" });
  });
});
