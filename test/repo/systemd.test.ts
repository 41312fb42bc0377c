import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { findProgram } from "../helpers/programs.ts";
import { runProgram } from "../helpers/process.ts";

const UNIT = join(packageRoot, "deploy/systemd/watchkeeper.service");
const COMMAND = join(packageRoot, "deploy/systemd/watchkeeper");
/** Shell that prints the program's own name, the configuration, and each argument by itself. */
const SHOW = `printf '%s %s' "\${0##*/}" "$WATCHKEEPER_CONFIG"; printf ' [%s]' "$@"; echo`;
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
    expect(program).toBe("node");
    expect(args).toBe(`/opt/watchkeeper/${bin.watchkeeper} serve --config /etc/watchkeeper/watchkeeper.yaml`);
    expect(files).toContain("deploy/systemd");
    expect(existsSync(join(packageRoot, "docs/install-systemd.md"))).toBe(true);
  });

  it("runs as a user that the page makes, with files where the page puts them", async () => {
    const unit = await readFile(UNIT, "utf8");
    const page = await readFile(join(packageRoot, "docs/install-systemd.md"), "utf8");
    const user = /^User=(.*)$/m.exec(unit)?.[1];
    expect(page).toMatch(new RegExp(`^useradd --system --user-group .* ${user}$`, "m"));
    expect(page).toContain(`install -d -m 0750 -g ${user} /etc/watchkeeper/secrets\n`);
    expect(page).toContain(`path: /var/lib/${/^StateDirectory=(.*)$/m.exec(unit)?.[1]}/watchkeeper.db\n`);
    expect(await readFile(COMMAND, "utf8")).toContain(`runuser -u ${user} -- `);
  });

  describe("and its command line", () => {
    let folder: TemporaryFolder;
    /** Runs the script with programs that only print what they are given. */
    const run = async (uid: number, env: Readonly<Record<string, string>> = {}): Promise<string> => {
      const programs = { id: `echo ${uid}`, node: SHOW, runuser: SHOW };
      for (const [name, text] of Object.entries(programs))
        await writeFile(join(folder.path, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      const { code, stdout, stderr } = await runProgram("/bin/sh", [COMMAND, "check", "--route", "a=b c"], {
        env: { ...env, PATH: folder.path },
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout;
    };
    beforeAll(async () => {
      folder = await createTemporaryFolder("systemd-command");
    });
    afterAll(() => folder.remove());

    it("become the service's user when root asks", async () => {
      expect(await run(0)).toBe(
        "runuser /etc/watchkeeper/watchkeeper.yaml [-u] [watchkeeper] [--] [node] " +
          "[/opt/watchkeeper/dist/cli/main.js] [check] [--route] [a=b c]\n",
      );
    });

    it("stay who asks otherwise, and take another configuration", async () => {
      expect(await run(1000, { WATCHKEEPER_CONFIG: "other.yaml" })).toBe(
        "node other.yaml [/opt/watchkeeper/dist/cli/main.js] [check] [--route] [a=b c]\n",
      );
    });
  });

  describe("by systemd-analyze", mayAnalyze, () => {
    let folder: TemporaryFolder;
    let unit: string;
    // with a Node.js that is there: systemd-analyze looks for the program
    const writeUnit = async (change: (text: string) => string): Promise<void> => {
      await writeFile(unit, change((await readFile(UNIT, "utf8")).replace("=node ", `=${process.execPath} `)));
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
