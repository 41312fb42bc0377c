import { readFile, writeFile } from "node:fs/promises";
import { globSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { packageRoot } from "../../src/lib/package.ts";
import { printResults, RESULTS_FILE, type Results } from "../results.ts";
import { refreshMarks } from "./marks.ts";
import { makePage, PAGE } from "./page.ts";

/** Pages that may claim something, by their paths from the folder of the repository; the page of the results is none of them. */
export const claimingPages = (): readonly string[] =>
  globSync(["README.md", "docs/**/*.md", "{src,deploy}/**/README.md"], { cwd: packageRoot })
    .filter((path) => path !== PAGE)
    .toSorted();

/** Writes the page of the results, their numbers into the pages that claim them, and themselves in their form; gives the paths of what changed. */
export async function updateDocs(results: Results): Promise<readonly string[]> {
  const texts = new Map(Object.entries(await makePage(results)));
  texts.set(RESULTS_FILE, await printResults(results));
  for (const path of claimingPages()) texts.set(path, await refreshPage(await read(path), results));
  const changed: string[] = [];
  for (const [path, text] of texts) {
    if ((await read(path).catch(() => undefined)) === text) continue;
    await writeFile(join(packageRoot, path), text);
    changed.push(path);
  }
  return changed;
}

/** A table whose numbers have other digits is to be laid out anew. */
async function refreshPage(markdown: string, results: Results): Promise<string> {
  const refreshed = refreshMarks(markdown, results);
  return refreshed === markdown ? markdown : format(refreshed, { parser: "markdown", printWidth: 120 });
}

const read = (path: string): Promise<string> => readFile(join(packageRoot, path), "utf8");
