import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hash } from "@node-rs/bcrypt";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkDestinations } from "../../src/app/check-alerting.ts";
import { kinds } from "../../src/cli/kinds.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { loadWebConfig } from "../../src/server/web-config/load.ts";
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

describe("the file for TLS and passwords at", () => {
  const files = pages
    .flatMap((page) => page.blocks)
    .filter(({ text }) => /^(?:tls_server_config|basic_auth_users):/m.test(text));
  it.each(files.map(({ place, text }) => [place, text]))("%s has no fault once its hash is whole", async (_, text) => {
    const folder = await createTemporaryFolder("docs-web");
    onTestFinished(() => folder.remove());
    const { certificatePem, keyPem } = await (await createAuthority()).issue({ hosts: ["watchkeeper.example.org"] });
    for (const [, key = "", file = ""] of text.matchAll(/(\w+)_file: (\S+)/g))
      await writeFile(join(folder.path, file), key === "key" ? keyPem : certificatePem);
    const file = join(folder.path, "web.yml");
    await writeFile(file, text);
    // whoever pastes it as it is has no password that is known to all
    await expect(loadWebConfig(file)).rejects.toThrow("is not a bcrypt hash");
    const whole = await hash("planted-password", { cost: 4 });
    await writeFile(
      file,
      text.replaceAll(/\$2y\$10\$<[^>]*>/g, () => whole),
    );
    const { tls, users } = await loadWebConfig(file);
    expect(tls).toBeDefined();
    expect(users.size).toBe(1);
  });
});

describe("the JSON at", () => {
  const blocks = pages.flatMap((page) => page.blocks).filter(({ language }) => language === "json");
  it.each(blocks.map(({ place, text }) => [place, text]))("%s can be parsed", (_, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
  });
});
