import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSpecs } from "../../src/app/slo/specs.ts";
import { packageRoot } from "../../src/lib/package.ts";
import type { Slo } from "../../src/slo/model.ts";
import { shapes } from "../../src/slo/promtool-tests/__fixtures__/shapes.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { runProgram } from "../helpers/process.ts";
import { writeSloTests, type SloFolder } from "../helpers/slo-promtool.ts";

const UNTESTED = new Set([
  // judged by a quantile of a histogram: no counts make a quantile that is sure to be above or below its threshold
  "checkout-latency",
  // compares with the time; slo-shipped.test.ts has a test that was written by hand
  "backups-guests",
]);

const examples = await loadSpecs([join(packageRoot, "examples/slo")]);
const shipped = await loadSpecs([join(packageRoot, "slo")]);

describeReal("generated tests of SLOs", ["promtool"], ({ promtool }) => {
  const run = (folder: string, args: readonly string[]) => runProgram(promtool, args, { cwd: folder });

  it("have every example to be written from", () => {
    expect(examples.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(examples.sound).toHaveLength(examples.slos.length);
  });

  describe.each([
    ["examples/slo", examples.slos],
    ["slo", shipped.slos],
    ["every shape of query", shapes],
  ] as const)("of %s", (_, slos) => {
    let written: SloFolder;
    beforeAll(async () => {
      written = await writeSloTests(slos);
    });
    afterAll(() => written.remove());

    it("are written for each that can be fed", () => {
      const untested = written.findings.map(({ path }) => path.replace(/\.sli$/, ""));
      expect(untested).toEqual(slos.map(({ id }) => id).filter((id) => UNTESTED.has(id)));
      const tested = new Set(written.tests.map((name) => name.replace(/\..*/, "")));
      expect(tested.size).toBe(slos.length - untested.length);
      expect(slos.length).toBeGreaterThan(5);
    });

    it("are of rules that promtool has nothing to say of", async () => {
      const rules = slos.map(({ id }) => `${id}.yaml`);
      const { code, stderr } = await run(written.folder, ["check", "rules", "--lint=all", "--lint-fatal", ...rules]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    });

    it.concurrent.each(slos.map(({ id }) => id).filter((id) => !UNTESTED.has(id)))("pass for %s", async (id) => {
      const own = written.tests.filter((name) => name.startsWith(`${id}.`));
      const { code, stdout, stderr } = await run(written.folder, ["test", "rules", ...own]);
      expect({ code, output: stdout + stderr }).toMatchObject({ code: 0 });
    });
  });

  describe("of broken rules", () => {
    const plain = shapes.filter(({ id }) => id === "patterns");
    const grouped = shapes.filter(({ id }) => id === "grouped");

    const broken = async (of: readonly Slo[], change: (text: string) => string): Promise<string> => {
      const { folder, tests, remove } = await writeSloTests(of);
      const file = join(folder, `${of[0]?.id}.yaml`);
      const text = await readFile(file, "utf8");
      const changed = change(text);
      expect(changed).not.toBe(text);
      await writeFile(file, changed);
      const { code, stdout, stderr } = await run(folder, ["test", "rules", ...tests]);
      await remove();
      return code === 0 ? "all tests passed" : stdout + stderr;
    };

    it.each<[string, (text: string) => string, RegExp]>([
      [
        "a page that asks for another factor",
        (text) => text.replaceAll(/> (14\.4|6)\b/g, "> 60"),
        /times too fast: page/,
      ],
      ["a ticket that never fires", (text) => text.replaceAll(/> [13] and/g, "> 1e9 and"), /ticket/],
      [
        "a page without the minimum",
        (text) => text.replaceAll(/ and sum_over_time\([^)]*\) >= [\d.]+/g, ""),
        /in a quiet time/,
      ],
      ["a minimum that is higher", (text) => text.replaceAll(/(\[1h\]\)) >= 2/g, "$1 >= 6"), /more of them: page/],
      ["a page that waits", (text) => text.replace("keep_firing_for: 30m", "for: 1m\n        $&"), /page within 1m/],
      [
        "a page that does not end",
        (text) => text.replace("keep_firing_for: 30m", "keep_firing_for: 3h"),
        /and the page ends/,
      ],
      ["a page that ends at once", (text) => text.replace(/ +keep_firing_for: 30m\n/, ""), /and the page ends/],
      ["another threshold of the budget", (text) => text.replace("< 0.5 >= 0.1", "< 0.2 >= 0.1"), /below 50%/],
      [
        "a budget that is told of before it was measured",
        (text) => text.replaceAll(/ and slo:coverage:ratio{[^}]*} >= 0.1/g, ""),
        /of two hours that were measured/,
      ],
      [
        "errors that are absent",
        (text) => text.replaceAll(/ or sum\(slo:sli_total:[^)]*\) \* 0/g, ""),
        /no failure was ever counted/,
      ],
      [
        "a no-data alert of another series",
        (text) => text.replace("absent(slo:sli_total", "absent(slo:sli_totals"),
        /burns at 0.5 of what it allows/,
      ],
      [
        "a budget that is not of the whole",
        (text) => text.replace("1 - slo:period_burn_rate", "2 - slo:period_burn_rate"),
        /all of the budget is left/,
      ],
    ])("fail for %s", async (_, change, expected) => {
      expect(await broken(plain, change)).toMatch(expected);
    });

    it("fail where one group hides in the sum of all", async () => {
      const change = (text: string) => text.replaceAll("sum by (zone, job)", "sum by (job)");
      expect(await broken(grouped, change)).toMatch(/one of 3 groups fails/);
    });
  });
});
