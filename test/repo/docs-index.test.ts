import { globSync } from "node:fs";
import { join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { readAllPages } from "../helpers/read-docs.ts";

const INDEX = "docs/README.md";
const pages = await readAllPages();
const linked = new Set(
  pages
    .filter(({ path }) => path === INDEX)
    .flatMap(({ links }) => links)
    .map(({ text }) => normalize(join("docs", text.split("#")[0] ?? "")).replace(/\/$/, "")),
);

describe("the index of the documentation", () => {
  it("leads to every guide, and to the page of every pack and destination", () => {
    const guides = globSync(["docs/*.md", "src/{collectors,notifiers}/*/README.md"], { cwd: packageRoot });
    expect(guides.length).toBeGreaterThan(20);
    expect(guides.filter((path) => path !== INDEX && !linked.has(path))).toEqual([]);
  });

  it("leads to the folders of what is generated, and of decisions", () => {
    expect(["docs/reference", "docs/adr"].filter((folder) => !linked.has(folder))).toEqual([]);
  });

  it("is itself found from the front page", () => {
    const front = pages.find(({ path }) => path === "README.md");
    expect(front?.links.map(({ text }) => normalize(text))).toContain(INDEX);
  });
});
