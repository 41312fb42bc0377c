import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readWindowed } from "../../src/slo/promql/windowed.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { runProgram } from "../helpers/process.ts";

/** Pieces that are put together to expressions, right and wrong ones. */
const { query } = fc.letrec<Record<"query" | "leaf" | "moved" | "called" | "joined", string>>((tie) => ({
  query: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie("leaf"), tie("moved"), tie("called"), tie("joined")),
  leaf: fc.constantFrom(
    "x",
    'x{a="b"}',
    "x[5m]",
    "x[0s]",
    "x[5m:1m]",
    "1",
    '"a"',
    "time()",
    'x{__name__="y"}',
    "vector(1)",
  ),
  moved: fc
    .tuple(tie("query"), fc.constantFrom(" offset 5m", " @ 0", "[5m:1m]", "[5m]"))
    .map(([inner, modifier]) => inner + modifier),
  called: fc.oneof(
    tie("query").map((inner) => `(${inner})`),
    tie("query").map((inner) => `-${inner}`),
    fc
      .tuple(
        fc.constantFrom(
          "rate",
          "sum",
          "topk",
          "abs",
          "scalar",
          "hour",
          "round",
          "quantile_over_time",
          "clamp",
          "sum by (a)",
        ),
        fc.array(tie("query"), { maxLength: 3 }),
      )
      .map(([name, args]) => `${name}(${args.join(", ")})`),
  ),
  joined: fc
    .tuple(
      tie("query"),
      fc.constantFrom(
        "+",
        ">",
        "> bool",
        "+ bool",
        "and",
        "or",
        "* on(a)",
        "and on(a) group_left",
        "/ on(a) group_left(a)",
      ),
      tie("query"),
    )
    .map((parts) => parts.join(" ")),
}));

const RUNS = 10_000;

describeReal("what is taken for PromQL", ["promtool"], ({ promtool }) => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slo-promql-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is what Prometheus takes", async () => {
    const queries = [...new Set(fc.sample(query, RUNS))];
    const groups = queries.map((expr, i) => ({ name: `g${i}`, rules: [{ record: `r${i}`, expr }] }));
    await writeFile(join(folder, "rules.yaml"), JSON.stringify({ groups }));
    const { stdout, stderr } = await runProgram(promtool, ["check", "rules", "rules.yaml"], { cwd: folder });
    const refused = new Set(Array.from((stdout + stderr).matchAll(/group "g(\d+)"/g), ([, i]) => Number(i)));
    const ours = new Set(queries.flatMap((text, i) => ("fault" in readWindowed(text) ? [i] : [])));
    const differ = queries.filter((_, i) => refused.has(i) !== ours.has(i));
    expect(differ).toEqual([]);
    const least = Math.min(refused.size, queries.length - refused.size);
    expect(least, "queries of each kind").toBeGreaterThan(100);
  }, 60_000);
});
