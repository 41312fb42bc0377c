import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { makeSupportBundle, type SupportBundleOptions } from "../../src/app/support-bundle/support-bundle.ts";
import { kinds } from "../../src/cli/kinds.ts";
import type { DestinationState } from "../../src/core/conversation.ts";
import { CollectError, ConfigError } from "../../src/core/errors.ts";
import { version } from "../../src/lib/package.ts";
import { openSqliteStore } from "../../src/stores/index.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runCli } from "../helpers/run-cli.ts";
import { seedDeliveries } from "../helpers/seed-deliveries.ts";

let cwd: string;
let file: string;
beforeEach(async () => {
  const folder = await createTemporaryFolder("support-bundle");
  onTestFinished(() => folder.remove());
  cwd = folder.path;
  file = join(cwd, "watchkeeper.yaml");
});

const CONFIGURATION = `
server: { listen: "127.0.0.1:1" }
targets:
  vault:
    - { name: attic, nodes: ["https://vault-0.attic.example.org:8200", "https://10.20.30.40:8200"] }
    - { name: cellar, nodes: ["https://vault-0.attic.example.org:8201"], server_name: vault-0.attic.example.org }
alerting:
  sources: [{ name: prometheus-of-bob }]
  destinations:
    - { name: chat, type: slack, token: planted-secret, channel: C0123456789 }
    - { name: oncall, type: ntfy, topic: alerts-of-bob, url: "https://ntfy.example.org" }
  route:
    destinations: [chat]
    routes: [{ matchers: ['severity="critical"', 'team="bobs-team"'], destinations: [oncall] }]
`;

const NOW = Date.UTC(2026, 10, 27, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Writes what is known of destinations into the store. */
async function remember(states: readonly (Partial<DestinationState> & { readonly destination: string })[]) {
  const store = await openSqliteStore({ path: join(cwd, "watchkeeper.db"), role: "visitor" });
  for (const { destination, ...of } of states)
    await store.changeDestination(destination, (state) => ({ ...state, ...of }));
  await store.close();
}

/** Everything above that is somebody's own. */
const OWN = ["attic", "cellar", "10.20.30.40", "bob", "chat", "oncall", "C0123456789", "example", "planted-secret"];

const ownIn = (text: string): readonly string[] => OWN.filter((word) => text.includes(word));

/** The text below a heading, and what is in its block of YAML. */
function sectionOf(text: string, title: string): string {
  const [, section = ""] = text.split(`\n## ${title}\n`);
  return section.split("\n## ")[0] ?? "";
}
const yamlOf = (text: string, title: string): unknown =>
  parse(/```yaml\n([^]*?)\n```/.exec(sectionOf(text, title))?.[1] ?? "");

const make = (of: Partial<SupportBundleOptions> = {}) =>
  makeSupportBundle({
    kinds,
    file,
    env: {},
    checkFurther: async () => undefined,
    service: async () => "not asked",
    now: NOW,
    ...of,
  });

describe("a support bundle", () => {
  it("shows how everything hangs together, and nothing that is somebody's own", async () => {
    await writeFile(file, CONFIGURATION);
    const { text } = await make();
    expect(ownIn(text)).toEqual([]);
    expect(yamlOf(text, "Configuration")).toMatchObject({
      targets: {
        vault: [
          { name: "target-1", nodes: ["https://host-1:8200", "https://192.0.2.1:8200"] },
          { name: "target-2", nodes: ["https://host-1:8201"], server_name: "host-1" },
        ],
      },
      alerting: {
        sources: [{ name: "source-1" }],
        destinations: [
          { name: "destination-1", type: "slack", token: "<redacted>", channel: "channel-1" },
          { name: "destination-2", type: "ntfy", topic: "topic-1", url: "https://host-2" },
        ],
        route: {
          destinations: ["destination-1"],
          routes: [{ matchers: ['severity="critical"', 'label-1="value-1"'], destinations: ["destination-2"] }],
        },
        retention: { groups: "30d" },
      },
    });
    expect(yamlOf(text, "Versions")).toMatchObject({ watchkeeper: version, node: process.version });
    expect(yamlOf(text, "Packages")).toMatchObject({ fastify: expect.stringMatching(/^\d/) as string });
    expect(text).toContain("No fault was found.");
  });

  it("tells what is wrong with a configuration, shows it as it is written, and says what that costs", async () => {
    await writeFile(
      file,
      `${CONFIGURATION}  fallback: [chat, oncal]\nrules: { attic: {} }\ngrafana: { attic: bobs }\n`,
    );
    const { text, missing } = await make({ env: { WATCHKEEPER_ATTIC: "1" } });
    expect(ownIn(text)).toEqual([]);
    const checked = sectionOf(text, "Check of the configuration");
    expect(checked).toMatch(/^the configuration:15:20 alerting\.fallback\.1: there is no destination of this name/m);
    expect(checked).toMatch(/^the configuration:16:10 rules: unknown alert/m);
    expect(checked).toMatch(/^environment variable variable-1: is not a setting/m);
    expect(yamlOf(text, "Configuration")).toMatchObject({
      alerting: { fallback: ["destination-1", "destination-3"], destinations: [{ token: "<redacted>" }, {}] },
      grafana: { "key-1": "text-1" },
    });
    expect(missing).toContain("The configuration can not be used, so nothing is known of the store.");
    for (const sentence of missing) expect(text).toContain(`- not to be had: ${sentence}`);
  });

  it.each([
    ["is no YAML", "targets: [attic\n x: y: z", /^the configuration:2:\d+: /m],
    ["is empty", "", /^the configuration: holds no settings/m],
    ["is not there", undefined, /^the configuration: cannot be read: no such file/m],
  ])("says that the configuration %s", async (_, written, message) => {
    if (written !== undefined) await writeFile(file, written);
    const { text, missing } = await make();
    expect(sectionOf(text, "Check of the configuration")).toMatch(message);
    expect(ownIn(text)).toEqual([]);
    expect(missing).toContain("The settings themselves could not be read.");
  });

  it("is whole where a file of a secret is missing, and quotes no other file", async () => {
    await writeFile(file, CONFIGURATION.replace("token: planted-secret", "token_file: bobs-token"));
    const checkFurther = () =>
      Promise.reject(new ConfigError([{ file: "/home/bob/web.yml", line: 3, path: "users.bob", message: "is bob" }]));
    const { text } = await make({ checkFurther });
    expect(text).toMatch(/^the configuration:\d+:\d+ alerting\.destinations\.0\.token_file: there is no such file/m);
    expect(yamlOf(text, "Configuration")).toMatchObject({ alerting: { retention: { groups: "30d" } } });
    expect(ownIn(text)).toEqual([]);
    await writeFile(file, CONFIGURATION);
    const { text: further } = await make({ checkFurther });
    expect(further).toMatch(/^file-\d\.yml:3 key-\d\.key-\d: a fault, whose message may quote that file/m);
    expect(ownIn(further)).toEqual([]);
  });

  it("counts what is in the store and what waits there", async () => {
    await writeFile(file, CONFIGURATION);
    expect(yamlOf((await make()).text, "Store and queue")).toEqual({ kind: "sqlite", state: "there is no file yet" });
    await seedDeliveries(join(cwd, "watchkeeper.db"));
    const { text } = await make();
    expect(yamlOf(text, "Store and queue")).toMatchObject({
      kind: "sqlite",
      executed: expect.arrayContaining(["0001-alert-delivery"]) as string[],
      rows: { conversations: 3, alert_groups: 2 },
      bytes: { database: expect.any(Number) as number },
      queue: expect.arrayContaining([
        { destination: "destination-1", state: "dead", count: 1 },
        { destination: "destination-1", state: "pending", count: 1, oldest: expect.any(String) as string },
        { destination: "destination-2", state: "settled", count: 1 },
      ]) as object[],
    });
    const waits_since = expect.stringMatching(/ ago$/) as string;
    const [chat, oncall] = (yamlOf(text, "Store and queue") as { destinations: object[] }).destinations;
    expect(chat).toEqual({
      destination: "destination-1",
      type: "slack",
      health: "well",
      waiting: 1,
      dead: 1,
      waits_since,
    });
    expect(oncall).toEqual({ destination: "destination-2", type: "ntfy", health: "well", waiting: 0 });
    for (const told of ["db-1", "NodeDown", "nas-1", "Disk"]) expect(text).not.toContain(told);
    await remember([
      {
        destination: "chat",
        brokenReason: "forbidden",
        brokenSince: NOW - 3 * HOUR,
        probeAt: NOW + 2 * MINUTE,
        failures: 9,
      },
      { destination: "oncall", pausedUntil: NOW + 30_000 },
    ]);
    const { text: ill } = await make();
    expect(yamlOf(ill, "Store and queue")).toMatchObject({
      destinations: [
        {
          destination: "destination-1",
          health: "broken",
          reason: "forbidden",
          since: "3 h ago",
          next_probe: "in 2 min",
        },
        { destination: "destination-2", health: "paused", reason: "rate_limited", pause_ends: "in 30 s" },
      ],
    });
    expect(ownIn(ill)).toEqual([]);
    await writeFile(join(cwd, "watchkeeper.db"), "no database at all, ".repeat(500));
    expect(sectionOf((await make()).text, "Store and queue")).toContain("could not be looked into: StoreUn");
  });

  it("asks a running service for its parts and its own metrics", async () => {
    await writeFile(file, CONFIGURATION);
    const { text } = await make({
      service: async () => ({ get: async () => ({ text: METRICS }), close: async () => undefined }),
    });
    expect(sectionOf(text, "Service")).toMatch(
      /\nvault +target-1 +seal +without dns_failure 1 +20 s ago +30 s +250 ms +dns_failure 7, timeout 1\nvault +target-2 +seal +waits +never\n/,
    );
    const metrics = sectionOf(text, "Metrics of the service itself");
    expect(metrics).toContain('\nwatchkeeper_deliveries_dead_total{destination="destination-1"} 2\n');
    expect(metrics).toContain("\nwatchkeeper_store_writable 0\n");
    expect(metrics).not.toMatch(/vault_|watchkeeper_part_|_received_total/);
    expect(ownIn(text)).toEqual([]);
    const away = () => Promise.reject(new CollectError("connection_refused", "GET https://attic.example.org refused"));
    const { text: unreached } = await make({ service: async () => ({ get: away, close: async () => undefined }) });
    expect(unreached).toContain("It was not reached: connection_refused.");
    expect(ownIn(unreached)).toEqual([]);
  });
});

/** What a service tells of these targets. */
const METRICS = `# HELP watchkeeper_part_success Whether attic was read.
# TYPE watchkeeper_part_success gauge
watchkeeper_part_success{target="attic",collector="vault",part="seal"} 1
watchkeeper_part_last_success_timestamp_seconds{target="attic",collector="vault",part="seal"} ${NOW / 1000 - 20}
watchkeeper_part_interval_seconds{target="attic",collector="vault",part="seal"} 30
watchkeeper_part_duration_seconds{target="attic",collector="vault",part="seal"} 0.25
watchkeeper_part_errors_total{target="attic",collector="vault",part="seal",reason="dns_failure"} 7
watchkeeper_part_errors_total{target="attic",collector="vault",part="seal",reason="timeout"} 1
watchkeeper_part_errors_total{target="attic",collector="vault",part="seal",reason="sealed"} 0
watchkeeper_part_missing_pieces{target="attic",collector="vault",part="seal",reason="dns_failure"} 1
watchkeeper_part_errors_total{target="cellar",collector="vault",part="seal",reason="timeout"} 0
watchkeeper_deliveries_dead_total{destination="chat"} 2
watchkeeper_notifications_received_total{source="prometheus-of-bob"} 0
watchkeeper_store_writable 0
vault_up{target="attic",node="vault-0.attic.example.org:8200"} 1
`;

describe("watchkeeper support-bundle", () => {
  it("writes a file for its owner only, says to read it, and leaves one that is there as it is", async () => {
    await writeFile(file, CONFIGURATION);
    const { code, stdout, stderr } = await runCli(["support-bundle", "--out", "bundle.md"], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(
      /^Wrote bundle\.md \(\d+ KiB\)\. .*\nNot to be had: The running service was not reached \(connection_refused\): .*\nRead it before you post it: /,
    );
    const text = await readFile(join(cwd, "bundle.md"), "utf8");
    expect((await stat(join(cwd, "bundle.md"))).mode & 0o777).toBe(0o600);
    expect(ownIn(text)).toEqual([]);
    expect(await runCli(["support-bundle", "--out", "bundle.md"], { cwd })).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "bundle.md: is there already and is left as it is: name a new file\n",
    });
    expect(await readFile(join(cwd, "bundle.md"), "utf8")).toBe(text);
  });

  it("goes to standard output, with a configuration that is broken too, and refuses options that do not fit", async () => {
    await writeFile(file, "targets: { vualt: [] }\n");
    const { code, stdout } = await runCli(["support-bundle", "--url", "http://127.0.0.1:1", "--out", "-"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('targets: unknown key "key-1"; did you mean "vault"?');
    expect(await runCli(["support-bundle", "--username", "bob"], { cwd })).toMatchObject({
      code: 2,
      stderr: "support-bundle: --username and --password-file are given together or not at all\n",
    });
  });
});
