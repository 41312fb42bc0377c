import { Command } from "commander";
import { DEFAULT_LISTEN, DEFAULT_PORT } from "../core/default-address.ts";
import { StoreUnavailable, StoreUnusable } from "../core/delivery-store.ts";
import { CollectError, ConfigError } from "../core/errors.ts";
import { version } from "../lib/package.ts";
import { CONFIG_OPTION, configFile, exitWith, EXIT_FINDINGS, EXIT_USAGE } from "./command-parts.ts";
import { addDeliveries } from "./deliveries-commands.ts";
import { LABEL_OPTION } from "./resource-labels.ts";
import { addSlo } from "./slo-commands.ts";

/** The command line; each verb's code is loaded when it is called. */
function createProgram(): Command {
  const program = new Command("watchkeeper")
    .description("Watches a homelab or an on-prem platform: metrics, alert rules as code, and alerts delivered.")
    .version(version)
    .showSuggestionAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));
  addServe(program);
  addCollect(program);
  addCheck(program);
  addGenerate(program);
  addTestNotify(program);
  addHealth(program);
  addDeliveries(program.command("deliveries").description("see what was told and what waits; try again, or give up"));
  addBackup(program);
  addCorrelate(program);
  addSlo(program.command("slo").description("service level objectives as code: rules, tests, budgets, gates, reports"));
  addGrafana(program.command("grafana").description("put the dashboards into a Grafana that runs"));
  addPreview(program);
  addSupportBundle(program);
  addDemo(program);
  return program;
}

function addServe(program: Command): void {
  program
    .command("serve")
    .description("collect in the background, serve /metrics, and take and deliver alerts")
    .option(...CONFIG_OPTION)
    .action(async (options) => (await import("./verbs/serve.ts")).serve(configFile(options)));
}

function addCollect(program: Command): void {
  program
    .command("collect")
    .description("poll one target once and print its metrics")
    .argument("<target>", "name of the target, or <collector>/<name>")
    .option(...CONFIG_OPTION)
    .option("--debug", "also print the log and the effective configuration, secrets redacted")
    .action(async (target, options) =>
      exitWith(await (await import("./verbs/collect.ts")).collect({ ...options, target, file: configFile(options) })),
    );
}

function addCheck(program: Command): void {
  program
    .command("check")
    .description("check the configuration, and with --connect the targets and their permissions")
    .option(...CONFIG_OPTION)
    .option(
      "--connect",
      "ask each target: reachable, authorised, what each missing permission hides; open each destination",
    )
    .option("--without-files", "where the files are not that it names, such as those of secrets: do not look at them")
    .option("--route <labels>", "explain where an alert goes, such as severity=critical,team=infra")
    .option("--json", "print one JSON object")
    .action(async (options) =>
      exitWith(await (await import("./verbs/check.ts")).check({ ...options, file: configFile(options) })),
    );
}

function addTestNotify(program: Command): void {
  program
    .command("test-notify")
    .description("send a labelled test message to one destination, and say what came back")
    .argument("<destination>", "name of the destination")
    .option(...CONFIG_OPTION)
    .option("--json", "print one JSON object")
    .action(async (destination, options) =>
      exitWith(
        await (
          await import("./verbs/test-notify.ts")
        ).testNotify({ ...options, destination, file: configFile(options) }),
      ),
    );
}

/** The options of the verbs that ask a running service. */
const asking = (command: Command): Command =>
  command
    .option("--ca-file <file>", "PEM file of the authorities that may have signed the service's certificate")
    .option("--username <name>", "where its web configuration asks for a password")
    .option("--password-file <file>", "file that holds the password");

/** The health check of the image is this one. */
function addHealth(program: Command): void {
  asking(
    program
      .command("health")
      .description("ask a running service whether it is alive: exit 0 when it is")
      .option("--url <url>", `URL of the service (default: that of --config, else http://${DEFAULT_LISTEN})`)
      .option(
        "-c, --config <file>",
        "take the service's address, and its own certificate, from this configuration file",
      ),
  ).action(async (options) => (await import("./verbs/health.ts")).health(options));
}

function addBackup(program: Command): void {
  program
    .command("backup")
    .description("copy the store to a new file while the service runs (SQLite; PostgreSQL has pg_dump)")
    .argument("<file>", "the file to write; one that is there is left as it is; - for standard output")
    .option(...CONFIG_OPTION)
    .action(async (to, options) => (await import("./verbs/backup.ts")).backup({ to, file: configFile(options) }));
}

function addPreview(program: Command): void {
  program
    .command("preview")
    .description("show the dashboards in a browser, drawn from a Prometheus, before there is a Grafana")
    .option("--prometheus <url>", "URL of the Prometheus, such as http://localhost:9090")
    .option("--tenant <name>", "Mimir's tenant")
    .option("-c, --config <file>", "take the Prometheus, its login and changed thresholds from this configuration file")
    .option("--listen <address>", "where to serve them", "127.0.0.1:9099")
    .action(async (options) => (await import("./verbs/preview.ts")).preview(options));
}

function addSupportBundle(program: Command): void {
  asking(
    program
      .command("support-bundle")
      .description("write what helps others to help you into one file: no secret, no name, no address; read it first")
      .option(...CONFIG_OPTION)
      .option("--url <url>", "URL of the service, when it is not where the configuration has it listen")
      .option("--out <file>", "the file to write; one that is there is left as it is; - for standard output"),
  ).action(async (options) =>
    (await import("./verbs/support-bundle.ts")).supportBundle({ ...options, file: configFile(options) }),
  );
}

function addDemo(program: Command): void {
  program
    .command("demo")
    .description("run Watchkeeper between emulated systems and services, with an incident; needs nothing else")
    .option("--port <port>", "port of Watchkeeper", String(DEFAULT_PORT))
    .action(async (options) => (await import("./verbs/demo.ts")).demo(options));
}

/** The verb that finds evidence. */
function addCorrelate(program: Command): void {
  program
    .command("correlate")
    .description("find the logs, traces, metrics and changes that belong to an alert, a service or a trace")
    .option("--alert <fingerprint>", "an alert, by its fingerprint or the beginning of it")
    .option("--group <id>", "a group of alerts, by its id")
    .option("--service <name>", "a service, in the time from --from to --to")
    .option("--labels <labels>", "other things by their labels, such as namespace=prod,pod=shop-1")
    .option("--from <time>", "RFC 3339, Unix seconds, or how long ago, such as 30m (default)")
    .option("--to <time>", "the same; now unless given")
    .option("--trace <id>", "a trace with its log lines and metrics")
    .option("--log <id>", "a log line by its _id or index/_id in Elasticsearch, with its trace or the lines around it")
    .option("--rerun <id>", "ask the question of an earlier evidence again; exit 1 when it says something else")
    .option(...CONFIG_OPTION)
    .option("--json", "print one JSON object")
    .action(async (options) =>
      exitWith(await (await import("./verbs/correlate.ts")).correlate({ ...options, file: configFile(options) })),
    );
}

/** The verb that writes what is made from the packs. */
function addGenerate(program: Command): void {
  program
    .command("generate")
    .description(
      "write alert rules, dashboards, configurations of Alertmanager and Prometheus, reference pages and other files",
    )
    .argument("[what...]", "rules, dashboards, docs, files, chart, alertmanager, prometheus (default: all)")
    .option("--check", "write nothing; exit 1 when a file is stale")
    .option(
      "--format <format>",
      "of rules: prometheus (default) or prometheusrule; of dashboards: files (default), sidecar, operator or v2",
    )
    .option(
      "-c, --config <file>",
      "take the server and its URL, for links in alerts, the sources of alerts and the section `rules` from this file",
    )
    .option("--external-url <url>", "URL of Watchkeeper as people, Alertmanager and Prometheus reach it")
    .option(...LABEL_OPTION)
    .option("--out <folder>", "folder to write into", ".")
    .action(async (what, options) =>
      exitWith(await (await import("./verbs/generate.ts")).generate({ ...options, what })),
    );
}

/** The verb that needs a Grafana. */
function addGrafana(grafana: Command): void {
  grafana
    .command("push")
    .description("make Grafana's dashboards be ours: writes only what differs, and never over what people saved")
    .option(...CONFIG_OPTION)
    .option("--dry-run", "write nothing, and say what would be written")
    .option("--api <api>", "resources (Grafana 12 and newer), legacy, or auto for what Grafana offers", "auto")
    .option("--folder <title>", "title of the folder when it is made, in place of the configured one")
    .option("--prune", "delete dashboards that Watchkeeper pushed once and has no more")
    .option("--force", "take over also what people saved over or moved")
    .option("--json", "print one JSON object")
    .action(async (options) =>
      exitWith(await (await import("./verbs/grafana.ts")).grafanaPush({ ...options, file: configFile(options) })),
    );
}

/** Runs the command line of this process to its end; sets the exit code. */
export async function run(): Promise<void> {
  try {
    await createProgram().parseAsync();
  } catch (thrown) {
    const isUsage = thrown instanceof ConfigError || thrown instanceof StoreUnusable;
    if (!isUsage && !(thrown instanceof StoreUnavailable || thrown instanceof CollectError)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    process.exitCode = isUsage ? EXIT_USAGE : EXIT_FINDINGS;
  }
}
