import { existsSync } from "node:fs";
import { cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { completed, configOf, placeConfig, type ConfigPart } from "../helpers/docs-config.ts";
import { serveConfig, type ServedConfig } from "../helpers/docs-services.ts";
import { snippetsOf } from "../helpers/docs-snippets.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runProgram, type RunResult } from "../helpers/process.ts";
import { commandsOf, readPages } from "../helpers/read-docs.ts";
import { seedDeliveries } from "../helpers/seed-deliveries.ts";

/** A command of the pages that is not run here: why, and what does run it, if anything can. */
interface NotRun {
  readonly command: RegExp;
  readonly because: string;
  readonly runBy?: string;
}

const NOT_RUN: readonly NotRun[] = [
  { command: /^watchkeeper serve\b/, because: "it runs until it is stopped", runBy: "test/e2e/serve.test.ts" },
  { command: /^watchkeeper backup$/, because: "it lacks the file", runBy: "test/cli/backup.test.ts" },
  {
    command: /^watchkeeper health(?: --config .*)?$/,
    because: "it asks a service that runs",
    runBy: "src/cli/verbs/health.test.ts",
  },
  { command: /^watchkeeper preview\b/, because: "it runs until it is stopped", runBy: "test/e2e/preview.test.ts" },
  { command: /^watchkeeper grafana push\b/, because: "it needs a Grafana", runBy: "test/cli/grafana.test.ts" },
  { command: /^npm run demo\b/, because: "it runs until it is stopped", runBy: "test/e2e/demo.test.ts" },
  { command: /^npm (?:ci|test|run build|run check)$/, because: "it comes before this test", runBy: ".ci/run" },
  { command: /^bash test\/real\/install\.sh$/, because: "it comes before this test", runBy: ".ci/run" },
  {
    command: /^(?:npm run test:kubernetes|bash test\/real\/install-kubernetes\.sh)$/,
    because: "it builds Kubernetes for minutes",
    runBy: "test/real/kubernetes-certificates.test.ts",
  },
  {
    command: /^(?:npm run test:jaeger|bash test\/real\/install-jaeger\.sh)$/,
    because: "it builds Jaeger for minutes",
    runBy: "test/real/jaeger-traces.test.ts",
  },
  {
    command: /^watchkeeper correlate\b/,
    because: "it needs an alert and its telemetry",
    runBy: "test/cli/correlate.test.ts",
  },
  { command: /^npm run generate$/, because: "it writes into the repository", runBy: "test/cli/cli.test.ts" },
  {
    command: /^watchkeeper slo (?:backtest|gate|report|validate --connect)\b/,
    because: "it needs a Prometheus that knows the SLOs",
    runBy: "test/cli/slo.test.ts",
  },
  {
    command: /^npm (?:pack$|sbom |ci --)/,
    because: "it makes a package or installs one",
    runBy: "test/e2e/image.test.ts",
  },
  { command: /^npm (?:audit|update|ls) /, because: "what the registry knows depends on the day" },
  { command: /^npm run quality\b/, because: "it takes minutes", runBy: "bench/quality.ts" },
  { command: /^npm run bench -- /, because: "it takes minutes", runBy: "bench/run.ts" },
  { command: /^npm run faults -- /, because: "it takes minutes", runBy: "test/e2e/delivery-faults.test.ts" },
];

/** What is meant where a page shows no configuration. */
const USUAL: ConfigPart = {
  targets: { vault: [{ name: "homelab" }] },
  alerting: {
    destinations: [
      { name: "chat", type: "slack" },
      { name: "pager", type: "pagerduty" },
    ],
  },
};

const OTHER_STARTS = /^(?:npm run -s watchkeeper --|node_modules\/\.bin\/node dist\/cli\/main\.js) /;

const pages = await readPages();
const commands = pages.flatMap((page) =>
  commandsOf(page)
    .map((command) => ({ ...command, page, text: command.text.replace(OTHER_STARTS, "watchkeeper ") }))
    .filter(({ text }) => /^(?:watchkeeper|npm|bash) /.test(text)),
);
const toRun = commands.filter(({ text }) => !NOT_RUN.some(({ command }) => command.test(text)));
/** Pages with the same configuration need the same services, and the same command is run once for them. */
const rooms = Map.groupBy(toRun, ({ page }) => JSON.stringify(configOf(snippetsOf([page]))));

/** What is in square brackets may be left out, so there are two commands. */
const variants = (text: string): readonly string[] =>
  text.includes("[") ? [text.replaceAll(/ ?\[.*?\]/g, ""), text.replaceAll(/[[\]]/g, "")] : [text];

/** Ids and times are others each time. */
const general = (line: string): string =>
  line
    .replaceAll(/\b(?:[0-9a-f]{8}|C[0-9A-Z]{9,}|\d{9,}\.\d+|[\d.]+ (?:ms|s|min|h|d))\b/g, "0")
    .replaceAll(/\s+/g, " ")
    .trim();

describe.each([...rooms].map(([config, commands]) => [commands[0]?.page.path, config, commands] as const))(
  "with the configuration of %s",
  (_, written, commands) => {
    let folder: TemporaryFolder;
    let served: ServedConfig;
    let env: Readonly<Record<string, string>>;
    beforeAll(async () => {
      folder = await createTemporaryFolder("docs");
      const config = written === "{}" ? USUAL : (JSON.parse(written) as ConfigPart);
      served = await serveConfig(completed(config), folder.path);
      ({ env } = await placeConfig(folder.path, served.config));
      await cp(join(packageRoot, "examples/slo"), join(folder.path, "slo"), { recursive: true });
      await mkdir(join(folder.path, "bin"));
      const program = `#!/bin/sh\nexec '${process.execPath}' '${join(packageRoot, "dist/cli/main.js")}' "$@"\n`;
      await writeFile(join(folder.path, "bin/watchkeeper"), program, { mode: 0o755 });
    });
    afterAll(async () => {
      await served.close();
      await folder.remove();
    });

    /** Runs it by the shell, with a new store that has some deliveries. */
    async function run(text: string): Promise<RunResult> {
      const cwd = folder.path;
      for await (const file of glob("watchkeeper.db*", { cwd })) await rm(join(cwd, file));
      const { dead } = await seedDeliveries(join(cwd, "watchkeeper.db"));
      const command = text
        .replaceAll(/<id>|\b[0-9a-f]{8}\b/g, dead)
        .replaceAll("<destination>", String(served.config.alerting?.destinations?.[0]?.["name"]))
        // what is anywhere on a machine is in the folder
        .replaceAll(/ \/(?:etc\/watchkeeper\/)?/g, " ");
      const PATH = [join(cwd, "bin"), process.env["PATH"]].join(delimiter);
      return runProgram("sh", ["-c", command], { cwd, env: { ...env, PATH } });
    }

    const cases = commands.flatMap(({ place, text, output }) =>
      variants(text).map((variant) => [variant, place, output] as const),
    );
    const once = new Map(
      cases.map(([text, place, output]) => [JSON.stringify([text, output]), [text, place, output]] as const),
    );
    it.each([...once.values()])("%s ends well, and writes what is shown (%s)", async (text, _, output) => {
      const { code, stdout, stderr } = await run(text);
      const wrote = stdout + stderr;
      expect({ code, wrote }).toEqual({ code: 0, wrote });
      const lines = stdout.split("\n").map(general);
      // a terminal cuts long lines off
      const missing = output.filter((line) => !lines.some((one) => one.startsWith(general(line))));
      expect({ missing, wrote }).toEqual({ missing: [], wrote });
    });
  },
);

describe("commands that are not run here", () => {
  it.each(NOT_RUN)("$command are on a page, and run by $runBy", ({ command, runBy }) => {
    expect(commands.filter(({ text }) => command.test(text))).not.toEqual([]);
    expect(runBy === undefined || existsSync(join(packageRoot, runBy))).toBe(true);
  });

  it("name scripts that exist", async () => {
    const { scripts } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as { scripts: object };
    const named = commands.flatMap(({ text }) => /^npm run (\S+)/.exec(text)?.[1] ?? []);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});
