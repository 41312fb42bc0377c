import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { findProgram } from "../helpers/programs.ts";
import { runProgram } from "../helpers/process.ts";

const UNIT = join(packageRoot, "deploy/systemd/watchkeeper.service");
/** Highest exposure that is accepted, in tenths: what reaches the network can not have none. */
const MOST_EXPOSURE = 15;

const analyze = findProgram("systemd-analyze");
const reason = "systemd-analyze is missing: install systemd";
const mayAnalyze = analyze === undefined ? { skip: true, meta: { skipReason: reason } } : {};

describe("the systemd unit", () => {
  it("runs what the npm package holds, with the options that there are", async () => {
    const [, program = "", args = ""] = /^ExecStart=(\S+) (.*)$/m.exec(await readFile(UNIT, "utf8")) ?? [];
    const { bin, files } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as {
      bin: { watchkeeper: string };
      files: string[];
    };
    expect(program).toBe("/usr/bin/node");
    expect(args).toBe(`/opt/watchkeeper/${bin.watchkeeper} serve --config /etc/watchkeeper/watchkeeper.yaml`);
    expect(files).toContain("deploy");
    expect(existsSync(join(packageRoot, "docs/install-systemd.md"))).toBe(true);
  });

  describe("by systemd-analyze", mayAnalyze, () => {
    let folder: TemporaryFolder;
    let unit: string;
    // with a Node.js that is there: systemd-analyze looks for the program
    const writeUnit = async (change: (text: string) => string): Promise<void> => {
      await writeFile(unit, change((await readFile(UNIT, "utf8")).replace("=/usr/bin/node", `=${process.execPath}`)));
    };
    const run = (...args: string[]) => runProgram(analyze ?? "", [...args, unit], { env: { SYSTEMD_PAGER: "cat" } });
    const security = () => run("security", "--offline=yes", `--threshold=${MOST_EXPOSURE}`);

    beforeAll(async () => {
      folder = await createTemporaryFolder("systemd");
      unit = join(folder.path, "watchkeeper.service");
    });
    afterAll(() => folder.remove());

    it("has no fault, and a wrong key would be one", async () => {
      await writeUnit((text) => text);
      expect(await run("verify", "--man=no")).toMatchObject({ code: 0, stderr: "" });
      await writeUnit((text) => text.replace("ProtectHome=", "ProtectHomes="));
      expect((await run("verify", "--man=no")).stderr).toContain("ProtectHomes");
    });

    it("exposes little, and a looser one is told apart", async () => {
      await writeUnit((text) => text);
      expect(await security()).toMatchObject({ code: 0, stdout: expect.stringContaining("Overall exposure level") });
      await writeUnit((text) => text.replace(/^(SystemCallFilter|ProtectSystem)=.*$/gm, ""));
      expect(await security()).toMatchObject({ code: 1 });
    });
  });
});
