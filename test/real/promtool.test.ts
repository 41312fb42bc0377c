import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { runProgram } from "../helpers/process.ts";

describeReal("the alert rules", ["promtool"], ({ promtool }) => {
  const run = (args: readonly string[]) => runProgram(promtool, args, { cwd: join(packageRoot, "alerts") });
  const filesIn = (folder: string): string[] =>
    readdirSync(join(packageRoot, "alerts", folder)).map((name) => `${folder}/${name}`);

  it("are rules to Prometheus, and promtool has nothing to say of them", async () => {
    const { code, stdout, stderr } = await run(["check", "rules", "--lint=all", "--lint-fatal", ...filesIn("rules")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const found = [...stdout.matchAll(/SUCCESS: (\d+) rules? found/g)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
    expect(found).toBe(packs.flatMap(({ alerts }) => alerts).length);
  });

  it.each(filesIn("tests"))("fire and stay quiet as the cases in %s say", async (file) => {
    const { code, stdout, stderr } = await run(["test", "rules", file]);
    expect({ code, output: stdout + stderr }).toEqual({ code: 0, output: expect.stringContaining("SUCCESS") });
  });
});
