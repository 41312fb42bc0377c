import { Command } from "commander";
import { DEFAULT_LISTEN, DEFAULT_PORT } from "../core/default-address.ts";
import { StoreUnavailable, StoreUnusable } from "../core/delivery-store.ts";
import { CollectError, ConfigError } from "../core/errors.ts";
import { version } from "../lib/package.ts";
import { CONFIG_OPTION, configFile, exitWith, EXIT_FINDINGS, EXIT_USAGE } from "./command-parts.ts";
import { addSlo } from "./slo-commands.ts";

/** The command line; each verb's code is loaded when it is called. */
function createProgram(): Command {
  const program = new Command("watchkeeper")
    .description("Watches a homelab or on-prem platform: metrics, alert rules as code, and alerts delivered.")
    .version(version)
    .showSuggestionAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE));

  program
    .command("serve")
    .description("collect in the background, serve /metrics, and take and deliver alerts")
    .option(...CONFIG_OPTION)
    .action(async (options) => (await import("./verbs/serve.ts")).serve(configFile(options)));

  program
    .command("collect")
    .description("poll one target once and print its metrics")
    .argument("<target>", "name of the target, or <collector>/<name>")
    .option(...CONFIG_OPTION)
    .option("--debug", "also print the log and the effective configuration, secrets redacted")
    .action(async (target, options) =>
      exitWith(await (await import("./verbs/collect.ts")).collect({ ...options, target, file: configFile(options) })),
    );

  program
    .command("check")
    .description("check the configuration, and with --connect the targets and their permissions")
    .option(...CONFIG_OPTION)
    .option(
      "--connect",
      "ask each target: reachable, authorised, what each missing permission hides; open each destination",
    )
    .option("--route <labels>", "explain where an alert goes, such as severity=critical,team=infra")
    .option("--json", "print one JSON object")
    .action(async (options) =>
      exitWith(await (await import("./verbs/check.ts")).check({ ...options, file: configFile(options) })),
    );

  addGenerate(program);

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

  addHealth(program);

  addDeliveries(program.command("deliveries").description("see what was told and what waits; try again, or give up"));

  program
    .command("backup")
    .description("copy the store to a new file while the service runs (SQLite; PostgreSQL has pg_dump)")
    .argument("<file>", "the file to write; one that is there is left as it is; - for standard output")
    .option(...CONFIG_OPTION)
    .action(async (to, options) => (await import("./verbs/backup.ts")).backup({ to, file: configFile(options) }));

  addCorrelate(program);

  addSlo(program.command("slo").description("service level objectives as code: rules, tests, budgets, gates, reports"));

  addGrafana(program.command("grafana").description("put the dashboards into a Grafana that runs"));

  program
    .command("preview")
    .description("show the dashboards in a browser, drawn from a Prometheus, before there is a Grafana")
    .option("--prometheus <url>", "URL of the Prometheus, such as http://localhost:9090")
    .option("--tenant <name>", "Mimir's tenant")
    .option("-c, --config <file>", "take the Prometheus, its login and changed thresholds from this configuration file")
    .option("--listen <address>", "where to serve them", "127.0.0.1:9099")
    .action(async (options) => (await import("./verbs/preview.ts")).preview(options));

  program
    .command("demo")
    .description("run Watchkeeper between emulated systems and services, with an incident; needs nothing else")
    .option("--port <port>", "port of Watchkeeper", String(DEFAULT_PORT))
    .action(async (options) => (await import("./verbs/demo.ts")).demo(options));

  return program;
}

/** The verb that asks a running service, as the health check of the image does. */
function addHealth(program: Command): void {
  program
    .command("health")
    .description("ask a running service whether it is alive: exit 0 when it is")
    .option("--url <url>", "URL of the service", `http://${DEFAULT_LISTEN}`)
    .option("--ca-file <file>", "PEM file of the authorities that may have signed its certificate")
    .option("--username <name>", "where its web configuration asks for a password")
    .option("--password-file <file>", "file that holds the password")
    .action(async (options) => (await import("./verbs/health.ts")).health(options));
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
    .option(
      "--label <name=value>",
      "label of the resources of --format prometheusrule, such as release=kube-prometheus-stack; may be given again",
      (label: string, others: readonly string[] | undefined) => [...(others ?? []), label],
    )
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

/** The verbs that look into the store of alert delivery; the service may be running. */
function addDeliveries(deliveries: Command): void {
  const verbs = () => import("./verbs/deliveries.ts");

  deliveries
    .command("list", { isDefault: true })
    .description("list deliveries, what is not delivered first")
    .option(...CONFIG_OPTION)
    .option("--destination <name>", "only those of this destination")
    .option("--state <state>", "only those that are: waits, delivered, dead, dropped, rolled-up")
    .option("--limit <count>", "at most so many", "50")
    .option("--json", "print one JSON object")
    .action(async (options) => (await verbs()).listDeliveries({ ...options, file: configFile(options) }));

  deliveries
    .command("show")
    .description("show one delivery: its alerts, its attempts, why they failed and what to do")
    .argument("<id>", "its id, or the first six digits or more")
    .option(...CONFIG_OPTION)
    .option("--json", "print one JSON object")
    .action(async (id, options) =>
      exitWith(await (await verbs()).showDelivery({ ...options, id, file: configFile(options) })),
    );

  deliveries
    .command("retry")
    .description("try a delivery again at once, with its whole time anew")
    .argument("[id]", "its id, or the first six digits or more")
    .option(...CONFIG_OPTION)
    .option("--dead", "all that could not be delivered")
    .option("--destination <name>", "with --dead: only those of this destination")
    .option("--json", "print one JSON object")
    .action(async (id, options) =>
      exitWith(await (await verbs()).retryDeliveries({ ...options, id, file: configFile(options) })),
    );

  deliveries
    .command("drop")
    .description("give a delivery up: its destination is not told, unless the alerts change again")
    .argument("<id>", "its id, or the first six digits or more")
    .option(...CONFIG_OPTION)
    .option("--json", "print one JSON object")
    .action(async (id, options) =>
      exitWith(await (await verbs()).dropDelivery({ ...options, id, file: configFile(options) })),
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
