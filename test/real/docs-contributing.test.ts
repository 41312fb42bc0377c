import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { renderRuleFile } from "../../src/alerting/rules.ts";
import { DEFAULT_URL } from "../../src/core/default-address.ts";
import { importShownPack, placeFiles, readShownFiles } from "../helpers/contributing-pack.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";

describeReal("the alerts that CONTRIBUTING.md builds", ["promtool"], ({ promtool }) => {
  it("fire and stay quiet as its cases say", async () => {
    const folder = await createTemporaryFolder("contributing");
    onTestFinished(() => folder.remove());
    await placeFiles(folder.path, await readShownFiles());
    const rules = renderRuleFile(await importShownPack(folder.path), { externalUrl: DEFAULT_URL });
    await mkdir(join(folder.path, "alerts/rules"));
    await writeFile(join(folder.path, "alerts/rules/syncthing.yaml"), rules);
    const test = join(folder.path, "alerts/tests/syncthing.test.yaml");
    const { code, stdout, stderr } = await runProgram(promtool, ["test", "rules", test]);
    expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
  });
});
