import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allDashboards } from "../../src/dashboards/all.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { importShownPack, placeFiles, readShownFiles, SHOWN_PACK } from "../helpers/contributing-pack.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";

const files = await readShownFiles();
const tools = join(packageRoot, "node_modules/.bin");

describe("the pack that CONTRIBUTING.md builds", () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await createTemporaryFolder("contributing");
    await placeFiles(folder.path, files);
  });
  afterAll(() => folder.remove());

  it("has the files that the page promises", () => {
    const pieces = files.map(({ path }) => path.replace(`${SHOWN_PACK}/`, ""));
    expect(pieces).toContain("pack.ts");
    expect(pieces).toContain("alerts/tests/syncthing.test.yaml");
    expect(pieces.length).toBeGreaterThan(15);
  });

  it("passes the tests that are shown", async () => {
    const tests = files.map(({ path }) => path).filter((path) => path.endsWith(".test.ts"));
    const report = join(folder.path, "report.json");
    const args = ["run", "--root", folder.path, "--reporter=json", `--outputFile=${report}`, ...tests];
    const { code, stdout, stderr } = await runProgram(join(tools, "vitest"), args, { cwd: folder.path });
    expect({ code, output: code === 0 ? "" : stdout + stderr }).toEqual({ code: 0, output: "" });
    const { numPassedTests, numTotalTests } = JSON.parse(await readFile(report, "utf8")) as {
      readonly numPassedTests: number;
      readonly numTotalTests: number;
    };
    expect(numPassedTests).toBe(numTotalTests);
    expect(numPassedTests).toBeGreaterThan(tests.length);
  }, 120_000);

  it("has dashboards that can be drawn, and a runbook for each alert", async () => {
    const pack = await importShownPack(folder.path);
    const drawn = allDashboards([pack], { externalUrl: "https://watchkeeper.example.org" });
    expect(drawn.map(({ uid }) => uid)).toContain("watchkeeper-syncthing");
    for (const { name } of pack.alerts) {
      const runbook = await readFile(join(folder.path, SHOWN_PACK, `runbooks/${name}.md`), "utf8");
      const headings = [...runbook.matchAll(/^##? (.+)$/gm)].map(([, heading]) => heading);
      expect(headings).toEqual([name, "Meaning", "Impact", "Diagnosis", "Mitigation"]);
    }
  });
});
