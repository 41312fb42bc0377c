import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSpecs } from "../../src/app/slo/specs.ts";
import { packageRoot } from "../../src/lib/package.ts";

const page = await readFile(join(packageRoot, "docs/slo-migrate.md"), "utf8");
/** The last cells of the tables, without those of what is compared. */
const cells = (section: string): readonly string[] => {
  const [, body = ""] = page.split(`\n## From ${section}\n`);
  const [before = ""] = body.split("\n## ");
  const table = before.slice(before.lastIndexOf("| finding"));
  return [...table.matchAll(/^\|.*\| (.*?) +\|$/gm)].map(([, cell = ""]) => cell).slice(1);
};

describe.each([
  ["sloth", "sloth.yaml", ["none, since it is no part of the specification: write `alerts.tiers` in our own format"]],
  ["Pyrra", "pyrra.yaml", []],
  ["OpenSLO", "openslo.yaml", []],
] as const)("what docs/slo-migrate.md says is not taken from %s", (section, file, others) => {
  it("is what is found", async () => {
    const { findings } = await loadSpecs([join(import.meta.dirname, "__fixtures__/slo-not-taken", file)]);
    const messages = findings.flatMap(({ severity, message }) => (severity === "error" ? [message] : []));
    expect(messages.length).toBeGreaterThan(5);
    expect(cells(section).toSorted()).toEqual([...new Set(messages), ...others].toSorted());
  });
});
