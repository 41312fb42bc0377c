import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { alertOf, groupOf } from "../../src/app/deliveries/__fixtures__/world.ts";
import type { Bundle } from "../../src/core/evidence.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { runProgram } from "../helpers/process.ts";
import { runCli, type CliResult } from "../helpers/run-cli.ts";
import { startShop, type StartedShop } from "../helpers/start-shop.ts";

const NOWHERE = "http://127.0.0.1:1";
const PLANTED = "planted-secret";
const FINGERPRINT = "c0ffee0123456789";

let folder: TemporaryFolder;
const run = (...args: readonly string[]): Promise<CliResult> => runCli(["correlate", ...args], { cwd: folder.path });
const configure = (sections: object): Promise<void> =>
  writeFile(join(folder.path, "watchkeeper.yaml"), stringify(sections));
const database = (): string => join(folder.path, "watchkeeper.db");

/** Makes the store, with one group that has this alert and a secret in a label of it. */
async function seed(labels: Readonly<Record<string, string>>, startsAt: number): Promise<string> {
  const alert = alertOf("shop", {
    fingerprint: FINGERPRINT,
    startsAt,
    labels: { ...labels, dsn: `postgres://shop:${PLANTED}@db/x` },
  });
  const sibling = alertOf("other", { fingerprint: "c0ffeeffffffffff", startsAt });
  const group = groupOf("shop", [alert, sibling], { updatedAt: Date.now(), createdAt: startsAt });
  const store = await openSqliteStore({ path: database(), reserveBytes: 0 });
  const apply = () => ({ ...group, revision: group.revision + 1 });
  await store.changeGroups([{ changes: [{ groupId: group.id, destinations: [], apply, priority: () => 0 }] }]);
  await store.close();
  return group.id;
}

describe("watchkeeper correlate over a shop", { timeout: 120_000 }, () => {
  let shop: StartedShop;
  let groupId: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder("correlate");
    shop = await startShop({ seed: 7, fault: "bad_version", rate: 2 });
    const { labels, startsAt } = shop.shop.alert;
    groupId = await seed(labels, startsAt);
    await configure({
      evidence: {
        elasticsearch: { nodes: [shop.elasticsearch.url], indices: ["logs-shop"] },
        traces: { kind: "tempo", url: shop.tempo.url },
        prometheus: { url: shop.prometheus.url },
      },
    });
  });
  afterAll(async () => {
    await shop?.close();
    await folder?.remove();
  });

  const bundleOf = (result: CliResult): Bundle => {
    expect(result).toMatchObject({ code: 0, stderr: "" });
    return JSON.parse(result.stdout) as Bundle;
  };

  it("tells of an alert by the beginning of its fingerprint, without the secret of a label", async () => {
    const { code, stdout, stderr } = await run("--alert", "C0FFEE01");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Evidence about ${shop.shop.alert.name}: service `));
    expect(stdout).toMatch(/^What stands out\n {2}1\. /m);
    expect(stdout).toMatch(/^Evidence [0-9a-f]{16}, made .*; again: watchkeeper correlate --rerun [0-9a-f]{16}$/m);
    expect(stdout).not.toContain(PLANTED);
    expect(stdout).not.toContain("localhost:9797");
    expect(stdout).toMatch(/^ {6}watchkeeper correlate --trace [0-9a-f]{32}$/m);
  });

  it("links to its own pages where the configuration says where they are", async () => {
    const env = { WATCHKEEPER_SERVER_EXTERNAL_URL: "https://watch.example" };
    const { stdout } = await runCli(["correlate", "--alert", FINGERPRINT], { cwd: folder.path, env });
    expect(stdout).toMatch(/^ {6}https:\/\/watch\.example\/traces\/[0-9a-f]{32}$/m);
  });

  it("prints one JSON object about a group, and keeps it with the question as it was asked", async () => {
    const result = await run("--group", groupId, "--json");
    expect(result.stdout).not.toContain(PLANTED);
    const bundle = bundleOf(result);
    expect(bundle.question.alert).toMatchObject({ groupId, labels: { dsn: "postgres://shop:<redacted>@db/x" } });
    const store = await openSqliteStore({ path: database(), reserveBytes: 0 });
    const kept = await store.bundle(bundle.id);
    await store.close();
    expect(kept?.question.alert?.labels["dsn"]).toContain(PLANTED);
  });

  it("ends quietly when its reader has enough", async () => {
    const main = join(packageRoot, "dist/cli/main.js");
    const command = `'${process.execPath}' '${main}' correlate --service "$0" --json | head -c 10`;
    const service = shop.shop.alert.labels["service"] ?? "";
    const { stdout, stderr } = await runProgram("sh", ["-c", command, service], { cwd: folder.path });
    expect({ stdout, stderr }).toEqual({ stdout: '{\n  "id": ', stderr: "" });
  });

  it("tells of a service in a span of time, by its name or by labels", async () => {
    const service = shop.shop.alert.labels["service"] ?? "";
    const span = ["--from", "25m", "--to", "10m", "--json"];
    const byName = bundleOf(await run("--service", service, ...span));
    expect(byName.question.scope.entities[0]).toMatchObject({ kind: "service", name: service });
    expect(byName.question).not.toHaveProperty("alert");
    expect(byName.top.length).toBeGreaterThan(0);
    expect(byName.reports.filter(({ verdict }) => verdict === "source_down")).toEqual([]);
    const byLabels = bundleOf(await run("--labels", `service=${service}`, ...span));
    expect(byLabels.question.scope.filter).toEqual(byName.question.scope.filter);
  });

  it("tells of a trace with its log lines, and ends with 1 when there is none", async () => {
    const { lines, spans } = shop.shop;
    const traced = new Set(spans.map(({ traceId }) => traceId));
    const traceId = lines.findLast((line) => traced.has(line.traceId ?? ""))?.traceId ?? "";
    const found = await run("--trace", traceId.toUpperCase());
    expect(found).toMatchObject({ code: 0, stderr: "" });
    expect(found.stdout).toMatch(new RegExp(`^Trace ${traceId}\\n\\nSpans\\n`));
    expect(found.stdout).toMatch(/^Log lines\n {2}\d{4}-/m);
    const missing = await run("--trace", "1");
    expect(missing).toMatchObject({ code: 1, stderr: "" });
    expect(missing.stdout).toContain("The source has no trace of this id");
    expect(JSON.parse((await run("--trace", "1", "--json")).stdout)).toMatchObject({
      traceId: "1".padStart(32, "0"),
      trace: { state: "read" },
      logs: { state: "read", reading: { lines: [] } },
    });
  });

  it("tells of a log line by its id with its trace and metrics, and ends with 1 when there is none", async () => {
    const { url } = shop.elasticsearch;
    const body = JSON.stringify({ query: { exists: { field: "trace.id" } }, size: 1 });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/logs-shop/_search`, { method: "POST", headers, body });
    const { hits } = (await answer.json()) as { hits: { hits: { _id: string; _index: string }[] } };
    const { _id: id = "", _index: index = "" } = hits.hits[0] ?? {};
    const found = await run("--log", `"${index}/${id}"`);
    expect(found).toMatchObject({ code: 0, stderr: "" });
    expect(found.stdout).toMatch(new RegExp(`^Log line ${index}/${id}\\n {2}\\d{4}-.*\\n\\nTrace [0-9a-f]{32}\\n`));
    expect(found.stdout).toMatch(/^Metrics: .*\n/m);
    expect(found.stdout).toMatch(/^ {2}watchkeeper correlate --service [a-z]+ --from \S+Z --to \S+Z$/m);
    const missing = await run("--log", "nobody");
    expect(missing).toMatchObject({ code: 1, stderr: "" });
    expect(missing.stdout).toContain("no index of evidence.elasticsearch.indices has a readable line of this id");
  });

  it.each([
    [["--alert", "ffff"], /no such alert or group: `watchkeeper deliveries list` has/],
    [["--alert", "c0ffee"], /alerts begin with c0ffee: c0ffee.*; write more/],
    [["--group", "ffff"], /no such alert/],
    [["--rerun", "ffff"], /there is no evidence ffff/],
    [["--trace", "nothex"], /--trace is an id of 1 to 32 hexadecimal digits/],
    [["--log", "two words"], /--log is Elasticsearch's _id of a line/],
  ])("ends with 2 and says why: %j", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  describe("that is asked again", () => {
    let id: string;
    beforeAll(async () => {
      ({ id } = bundleOf(await run("--alert", FINGERPRINT, "--json")));
    });

    it("ends with 0 when the answer is the same", async () => {
      const { code, stdout, stderr } = await run("--rerun", id);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/\nThe same as before \(kept as [0-9a-f]{16}\)\.\n$/);
      expect(stdout).not.toContain(PLANTED);
    });

    it("ends with 1 and says what differs when it is not", async () => {
      await shop.tempo.close();
      const { code, stdout, stderr } = await run("--rerun", id);
      expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
      expect(stdout).toMatch(
        /\nDiffers from before \(kept as [0-9a-f]{16}\):\n(?: {2}.*\n)*? {2}traces: was .*, is source_down: /,
      );
      const json = await run("--rerun", id, "--json");
      expect(json).toMatchObject({ code: 1, stderr: "" });
      expect(JSON.parse(json.stdout)).toMatchObject({
        isSame: false,
        bundle: { question: { alert: { fingerprint: FINGERPRINT } } },
      });
    });
  });
});

describe("watchkeeper correlate", () => {
  beforeEach(async () => {
    folder = await createTemporaryFolder("correlate");
  });
  afterEach(() => folder.remove());

  it("says that there is no section, and where to read of it", async () => {
    await configure({ prometheus: { url: NOWHERE } });
    expect(await run("--service", "shop")).toEqual({
      code: 2,
      stdout: "",
      stderr: "watchkeeper.yaml: has no section `evidence`: see docs/evidence.md\n",
    });
  });

  it.each([
    [[], /^correlate: say what to look for, such as\n\n {2}watchkeeper correlate --alert c0ffee01 /],
    [["--from", "1h"], /say what to look for(?:.*\n)*.* --trace 4bf9(?:.*\n)*.* --rerun <id> .*again\n/],
    [["--alert", "a1", "--service", "shop"], /name one thing/],
    [["--alert", "a1", "--from", "1h"], /an alert has its own time/],
    [["--service", "shop", "--from", "soon"], /from=soon is no time: a time is RFC 3339/],
    [["--service", "shop", "--from", "99999999y"], /from=99999999y is no time/],
    [["--service", "shop", "--from", "1h", "--to", "2h"], /from must be before to/],
    [["--service", "shop", "--from", "2199-01-01"], /from lies in the future \(2199-01-01 00:00 UTC; it is /],
    [["--service", "shop", "--from", "3d"], /from and to are 72 h apart: at most 24 h are looked at/],
    [["--labels", "pod"], /--labels, character 4: = is expected here; write NAME=VALUE, such as namespace=prod,/],
    [["--trace", "1", "--alert", "a1"], /--trace, --log and --rerun stand alone/],
    [["--rerun", "1", "--trace", "1"], /--trace, --log and --rerun stand alone/],
    [["--what"], /unknown option '--what'/],
  ])("ends with 2 and says what is wrong with %j", async (args, message) => {
    await configure({ evidence: {} });
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("looks at a service before there is a store, and makes none; it knows no alert then", async () => {
    await configure({ evidence: { traces: { kind: "jaeger", url: NOWHERE } } });
    const service = await run("--service", "shop");
    expect(service).toMatchObject({ code: 1, stderr: "" });
    expect(service.stdout).toMatch(/^Traces: .*\n {2}.*refused/m);
    expect(service.stdout).toContain("there is no store yet");
    const alert = await run("--alert", "a1");
    expect(alert).toMatchObject({ code: 2, stdout: "" });
    expect(alert.stderr).toContain("there is no store yet, so no alert is known");
    await expect(access(database())).rejects.toThrow("ENOENT");
  });

  it("names the section of a source whose file can not be used", async () => {
    await writeFile(join(folder.path, "ca.pem"), "no certificate\n");
    await configure({ evidence: { traces: { kind: "tempo", url: "https://127.0.0.1:1", ca_file: "ca.pem" } } });
    const { code, stdout, stderr } = await run("--service", "shop");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^watchkeeper\.yaml evidence\.traces: what `ca_file` names is no file of PEM certificates/);
  });
});
