import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import { checkDashboards, printFinding } from "../../src/dashboards/checks/check.ts";
import { checkContext } from "../../src/dashboards/checks/context.ts";
import { LINTER_RULES, type LinterRule } from "../../src/dashboards/checks/linter-rules.ts";
import { OWN_CHECKS } from "../../src/dashboards/checks/own-checks.ts";
import { packageRoot } from "../../src/lib/package.ts";

describe("the dashboards that are written", () => {
  it("pass all checks", async () => {
    const paths = globSync("deploy/grafana/dashboards/*.json", { cwd: packageRoot });
    expect(paths.length, "watchkeeper generate dashboards has not been run").toBeGreaterThan(1);
    const all = await Promise.all(
      paths.map(async (path): Promise<unknown> => JSON.parse(await readFile(join(packageRoot, path), "utf8"))),
    );
    expect(checkDashboards(all, checkContext(packs, all)).map(printFinding)).toEqual([]);
  });
});

describe("the page of the checks", () => {
  it("tells of all of them as the code does", async () => {
    const page = await readFile(join(packageRoot, "docs/dashboards-checks.md"), "utf8");
    const rows = page.split("\n").flatMap((line) => (line.startsWith("| `") ? [cellsOf(line)] : []));
    const rules = Object.entries<LinterRule>(LINTER_RULES).map(([name, { wants, argued }]) =>
      argued === undefined ? [`\`${name}\``, "yes", wants] : [`\`${name}\``, "no", `${wants}: ${argued}`],
    );
    expect(rows).toEqual([...rules, ...Object.entries(OWN_CHECKS).map(([name, { wants }]) => [`\`${name}\``, wants])]);
  });
});

const cellsOf = (line: string): readonly string[] =>
  line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
