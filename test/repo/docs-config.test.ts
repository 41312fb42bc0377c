import { describe, expect, it, onTestFinished } from "vitest";
import { checkDestinations } from "../../src/app/check-alerting.ts";
import { kinds } from "../../src/cli/kinds.ts";
import { loadConfig } from "../../src/config/load.ts";
import { completed, configOf, placeConfig } from "../helpers/docs-config.ts";
import { snippetsOf } from "../helpers/docs-snippets.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { readPages } from "../helpers/read-docs.ts";

const pages = await readPages();
const snippets = snippetsOf(pages).filter(({ kind }) => kind === "watchkeeper");

describe("the configuration at", () => {
  it.each(snippets.map((snippet) => [snippet.place, snippet] as const))(
    "%s has no fault, and its destinations can be opened",
    async (_, snippet) => {
      const folder = await createTemporaryFolder("docs");
      onTestFinished(() => folder.remove());
      const config = await loadConfig({
        ...kinds,
        ...(await placeConfig(folder.path, completed(configOf([snippet])))),
      });
      const opened = config.alerting && (await checkDestinations(config.alerting, config.server.external_url));
      expect(opened?.flatMap(({ findings }) => findings).filter(({ ok }) => !ok) ?? []).toEqual([]);
    },
  );
});

describe("the JSON at", () => {
  const blocks = pages.flatMap((page) => page.blocks).filter(({ language }) => language === "json");
  it.each(blocks.map(({ place, text }) => [place, text]))("%s can be parsed", (_, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
  });
});
