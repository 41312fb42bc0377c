import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LAB_GRAFANA_ACCOUNT, startGrafanaLab, type GrafanaLab } from "../../src/lab/grafana/grafana-lab.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runCli, type CliResult } from "../helpers/run-cli.ts";

let folder: TemporaryFolder;
let lab: GrafanaLab;
beforeEach(async () => {
  folder = await createTemporaryFolder("grafana-cli");
  lab = await startGrafanaLab({ version: "13.1.3" });
  await configure();
});
afterEach(async () => {
  await lab.close();
  await folder.remove();
});

/** The token stands in a file, as it should. */
async function configure(token = LAB_GRAFANA_ACCOUNT.token): Promise<void> {
  const login = { type: "bearer", token_file: "token" };
  await writeFile(join(folder.path, "token"), `${token}\n`);
  await writeFile(join(folder.path, "watchkeeper.yaml"), JSON.stringify({ grafana: { url: lab.url, login } }));
}

async function push(...args: string[]): Promise<CliResult> {
  const result = await runCli(["grafana", "push", ...args], { cwd: folder.path });
  expect(result.stdout + result.stderr).not.toContain("glsa_");
  return result;
}

const uids = (): readonly string[] => [...lab.store.dashboards.keys()];

describe("watchkeeper grafana push", () => {
  it("writes every dashboard once, and says what it did", async () => {
    const dry = await push("--dry-run", "--folder", "Our platform");
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^would create the folder Our platform\n/) as string,
    });
    expect(dry.stderr).toMatch(/^Nothing was written\. By dashboard\.grafana\.app\/v2: \d+ would create\.\n$/);
    expect(uids()).toEqual([]);
    const first = await push("--folder", "Our platform");
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^created {2,}watchkeeper-overview /m) as string,
    });
    expect(lab.store.folders.get("watchkeeper")).toMatchObject({ title: "Our platform" });
    expect(uids().length).toBeGreaterThan(5);
    const second = await push();
    expect(second).toMatchObject({ code: 0, stderr: `By dashboard.grafana.app/v2: ${uids().length} unchanged.\n` });
  });

  it("marks what it writes so that it can prune it", async () => {
    await push();
    const now = lab.store.now("watchkeeper-overview");
    const [spec, message] = [{ ...now?.spec, title: "Former" }, now?.message];
    lab.store.save({ uid: "watchkeeper-former", spec, folderUid: "watchkeeper", message, by: "sa-watchkeeper" });
    expect((await push()).stdout).not.toContain("former");
    expect((await push("--prune", "--dry-run")).stdout).toMatch(/^would prune +watchkeeper-former +Former$/m);
    expect(await push("--prune")).toMatchObject({ code: 0 });
    expect(uids()).not.toContain("watchkeeper-former");
    expect(uids()).toContain("watchkeeper-overview");
  });

  it("exits 1 and names what a person saved over", async () => {
    await push("--api", "legacy");
    lab.store.save({ uid: "watchkeeper-overview", spec: { title: "Mine" }, folderUid: "watchkeeper", by: "anna" });
    const { code, stdout } = await push("--api", "legacy");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^refused +watchkeeper-overview .*saved by anna/m);
    const json = await push("--api", "legacy", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      dryRun: false,
      api: "/api/dashboards",
      folderCreated: false,
    });
    expect(await push("--api", "legacy", "--force")).toMatchObject({ code: 0 });
  });

  it("exits 1 with what to do when Grafana does not let it in", async () => {
    await configure("glsa_wrong");
    expect(await push()).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("`grafana.login`") as string,
    });
    expect(uids()).toEqual([]);
  });

  it("exits 2 for a mistake on the command line or in the configuration", async () => {
    expect(await push("--api", "v3")).toMatchObject({
      code: 2,
      stderr: "grafana push: --api is auto, resources, legacy, not v3\n",
    });
    expect(await push("--folder", " ")).toMatchObject({ code: 2 });
    await writeFile(join(folder.path, "watchkeeper.yaml"), "log: { level: info }\n");
    expect(await push()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("watchkeeper.yaml grafana: is not there") as string,
    });
    await writeFile(join(folder.path, "watchkeeper.yaml"), `grafana: { url: "${lab.url}" }\n`);
    expect(await push()).toMatchObject({ code: 2, stderr: expect.stringContaining("grafana.login") as string });
  });
});
