import { existsSync, globSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { readAllPages } from "../helpers/read-docs.ts";

const pages = await readAllPages();
const reference = readFileSync(join(packageRoot, "docs/reference/metrics.md"), "utf8");
const anchors = new Map(pages.map((page) => [page.path, page.anchors]));

describe.each(pages.map((page) => [page.path, page] as const))("the page %s", (path, { links, codes, blocks }) => {
  it("links to files and headings that exist", () => {
    const broken = links
      .filter(({ text }) => !/^[a-z]+:/.test(text))
      .filter(({ text }) => {
        const [file = "", anchor] = decodeURI(text).split("#");
        const to = file === "" ? path : normalize(join(path, "..", file));
        return !existsSync(join(packageRoot, to)) || (anchor !== undefined && !anchors.get(to)?.has(anchor));
      });
    expect(broken).toEqual([]);
  });

  it("names files of the repository that exist", () => {
    const missing = codes
      .filter(({ text }) => /^(?:src|test|docs|alerts|deploy|bench)\/[^<\s]*$/.test(text))
      .filter(({ text }) => globSync(text, { cwd: packageRoot }).length === 0);
    expect(missing).toEqual([]);
  });

  it("names metrics and alerts that exist", () => {
    const texts = [...codes, ...blocks.filter(({ language }) => language === "promql")].map(({ text }) => text);
    // a name of one word more is none of ours, such as that of a Slack message's metadata
    const metrics = texts.flatMap(
      (text) => text.match(/\b(?:watchkeeper|truenas|x509)(?:_[a-z0-9]+){2,}(?![a-z0-9_]*\*)/g) ?? [],
    );
    expect(metrics.filter((name) => !reference.includes(`\`${name.replace(/_bucket$/, "")}\``))).toEqual([]);
    const alerts = texts.filter((text) =>
      /^(?:Certificate|Proxmox|TrueNas|Vault|Watchkeeper)(?:[A-Z][a-z]+)+$/.test(text),
    );
    const runbook = (name: string) => globSync(`src/collectors/*/runbooks/${name}.md`, { cwd: packageRoot });
    expect(alerts.filter((name) => runbook(name).length === 0)).toEqual([]);
  });
});
