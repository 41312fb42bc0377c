import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";

const page = await readFile(join(packageRoot, "docs/architecture.md"), "utf8");
/**
 * Steps of walks and rows of tables: a file without a folder lies beside the one that was named before it in the same.
 */
const entries = page.split(/\n(?=\d+\. |\||\n)/);
const codesOf = (entry: string): readonly string[] => [...entry.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);

/** The whole path of each file that an entry names. */
function pathsIn(entry: string): readonly string[] {
  let folder = "";
  return codesOf(entry).flatMap((code) => {
    if (code.endsWith("/")) folder = code;
    if (!/^[\w./-]+\.(?:ts|js|json|yaml|md)$/.test(code)) return [];
    const path = code.includes("/") || code.startsWith(".") ? code : join(folder, code);
    folder = dirname(path);
    return [path];
  });
}

describe("the page about the architecture", () => {
  it("explains every folder, and no other", () => {
    const explained = [...page.matchAll(/^\| ((?:`[a-z-]+(?:\/[a-z-]+)?\/`(?:, )?)+) *\|/gm)]
      .flatMap(([, cell = ""]) => codesOf(cell))
      .map((code) => code.replace(/\/$/, ""));
    const rooms = readdirSync(join(packageRoot, "src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `src/${name}`);
    const others = ["alerts", "bench", "deploy", "docs", "examples/slo", "slo", "test"];
    expect(explained.toSorted()).toEqual([...others, ...rooms].toSorted());
  });

  it("leads from file to file by paths that exist", () => {
    const paths = entries.flatMap(pathsIn);
    expect(paths.filter((path) => !existsSync(join(packageRoot, path)))).toEqual([]);
    expect(paths.length).toBeGreaterThan(50);
  });

  it("has three walks, each of some steps", () => {
    const walks = page.split(/^## /m).filter((section) => /^\d+\. /m.test(section));
    expect(walks.map((walk) => walk.split("\n")[0])).toEqual([
      "A reading, from the socket to /metrics",
      "An alert, from the webhook to Slack",
      "A signal, from metrics.ts to a panel",
    ]);
    for (const walk of walks) expect(walk.match(/^\d+\. `(?:src|deploy)\//gm)?.length).toBeGreaterThan(7);
  });
});
