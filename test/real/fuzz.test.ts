import { expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { fuzzTargets } from "../fuzz/index.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { runProgram } from "../helpers/process.ts";

/**
 * Always the same inputs in the same order, many more of which were tried than a minute has: a release is not to be
 * refused for a fault that is as old as the last one. New inputs are for `npm run fuzz`, and each find of it becomes a
 * fixture.
 */
const SEED = 20_261_120;

describeReal("the fuzz lane", ["promtool"], () => {
  it("finds nothing in a minute, and none of what it once found", async () => {
    const args = ["test/fuzz/run.ts", "--minutes", "1", "--seed", String(SEED)];
    // how long it takes is how long it may; only opening and what is under way at the end come on top
    const { code, stdout, stderr } = await runProgram(process.execPath, args, {
      cwd: packageRoot,
      deadlineMs: 500_000,
    });
    process.stdout.write(stdout);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const rows = stdout.split("\n").map((row) => row.split(/\s{2,}/));
    for (const { name } of fuzzTargets) {
      const [, runs, , asked, finds] = rows.find(([target]) => target === name) ?? [];
      expect({ name, hasRun: Number(runs) > 0, isAsked: asked !== "0", finds }).toEqual({
        name,
        hasRun: true,
        isAsked: true,
        finds: "0",
      });
    }
  }, 600_000);
});
