import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { trueNasCollector } from "../../src/collectors/truenas/collector.ts";
import { ConfigError } from "../../src/core/errors.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";

const kinds = { collectors: [trueNasCollector], alerts: [], notifiers: [] };

/** What is said of a configuration with these lines for the one server of it. */
async function faultsOf(...lines: readonly string[]): Promise<readonly string[]> {
  const folder = await createTemporaryFolder("truenas-config");
  onTestFinished(() => folder.remove());
  const file = join(folder.path, "watchkeeper.yaml");
  const target = ["name: nas", ...lines].map((line, i) => `    ${i === 0 ? "-" : " "} ${line}\n`);
  await writeFile(file, `targets:\n  truenas:\n${target.join("")}`);
  try {
    await loadConfig({ file, ...kinds, env: {} });
    return [];
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return thrown.message.replaceAll(`${folder.path}/`, "").split("\n");
  }
}

describe("the configuration of a TrueNAS server", () => {
  it("needs a URL and a key", async () => {
    expect(await faultsOf("url: https://nas.example.org", "api_key: hunter2")).toEqual([]);
    expect(await faultsOf("url: wss://nas.example.org", "api_key: hunter2", "username: watchkeeper")).toEqual([]);
    expect(await faultsOf()).toMatchInlineSnapshot(`
      [
        "watchkeeper.yaml:3:7 targets.truenas.0.url: is missing: URL of the server, as its web interface has it; \`wss://\` means the same.",
        "watchkeeper.yaml:3:7 targets.truenas.0: needs api_key or api_key_file: API key, as it was shown once when it was made.",
      ]
    `);
  });

  it("refuses an unencrypted connection, with the reason, at its place", async () => {
    for (const url of ["ws://nas.example.org", "http://nas.example.org/websocket"])
      expect(await faultsOf(`url: ${url}`, "api_key: hunter2")).toEqual([
        "watchkeeper.yaml:4:12 targets.truenas.0.url: TrueNAS revokes an API key at once when it is used over an unencrypted connection: write https://, and ca_file or fingerprint for a certificate of your own",
      ]);
  });

  it("says what else is wrong with it", async () => {
    expect(await faultsOf("url: https://root:hunter2@nas", "api_key: hunter2")).toMatchInlineSnapshot(`
      [
        "watchkeeper.yaml:4:12 targets.truenas.0.url: must not hold a user name or password: use api_key",
      ]
    `);
    expect(await faultsOf("url: https://nas/ui/", "api_key: hunter2")).toMatchInlineSnapshot(`
      [
        "watchkeeper.yaml:4:12 targets.truenas.0.url: write the server alone, without a path: https://nas.example.org",
      ]
    `);
    expect(await faultsOf("url: nas", "api_key: hunter2")).toMatchInlineSnapshot(`
      [
        "watchkeeper.yaml:4:12 targets.truenas.0.url: write a URL that starts with https:// or wss://",
      ]
    `);
    expect(await faultsOf("url: https://nas", "api_key: hunter2", "api_key_file: key")).toMatchInlineSnapshot(`
      [
        "watchkeeper.yaml:5:16 targets.truenas.0.api_key: stands beside api_key_file: keep one of the two",
        "watchkeeper.yaml:6:21 targets.truenas.0.api_key_file: there is no such file; a relative path starts at the folder of the configuration file",
      ]
    `);
    expect(await faultsOf("url: https://nas", "api_key: hunter2", "user: x", "verify: no")).toMatchInlineSnapshot(`
      [
        "watchkeeper.yaml:6:7 targets.truenas.0: unknown key "user"; known are name, pace, concurrency, url, ca_file, fingerprint, server_name, username, api_key, api_key_file, datasets",
        "watchkeeper.yaml:7:7 targets.truenas.0: unknown key "verify"; known are name, pace, concurrency, url, ca_file, fingerprint, server_name, username, api_key, api_key_file, datasets",
      ]
    `);
    expect(await faultsOf("url: https://nas", "api_key: hunter2", "datasets: { exclude: tank }"))
      .toMatchInlineSnapshot(`
      [
        "watchkeeper.yaml:6:28 targets.truenas.0.datasets.exclude: must be a list, is a text",
      ]
    `);
  });
});
