import type { Command } from "commander";
import { CONFIG_OPTION, configFile, exitWith } from "./command-parts.ts";
import { LABEL_OPTION } from "./resource-labels.ts";

const SPECS = [
  "[specs...]",
  "files, folders and patterns of specifications (default: those of --config, else slo)",
] as const;
const SPECS_CONFIG = [
  "-c, --config <file>",
  "take specifications, URLs and credentials from this configuration file",
] as const;
const WINDOW = ["--default-window <length>", "window of an SLO whose format has no word for it", "30d"] as const;
/** How counters are read, the same for rules, their tests and what they cost. */
const STEP = [
  "--step <duration>",
  "how often counters are read: 15s where they are scraped every 15 seconds",
  "30s",
] as const;
const LAG = ["--lag <duration>", "how long ago they are read: longer than any scrape takes", "15s"] as const;
const TENANT = ["--tenant <name>", "Mimir's tenant"] as const;
const JSON_OPTION = ["--json", "print one JSON object"] as const;

/** The verbs of SLOs; each one's code is loaded when it is called. */
export function addSlo(slo: Command): void {
  addGenerate(slo);
  addValidate(slo);
  addTests(slo);
  addBacktest(slo);
  addReport(slo);
  addGate(slo);
}

function addGenerate(slo: Command): void {
  slo
    .command("generate")
    .description("write the recording and alerting rules of SLOs")
    .argument(...SPECS)
    .option(...SPECS_CONFIG)
    .option(...WINDOW)
    .option("--out <folder>", "folder to write into; - prints them", "alerts/slo")
    .option("--format <format>", "prometheus or prometheusrule", "prometheus")
    .option(
      "--name <name>",
      "name of the PrometheusRule resources, or of the file with --rules-per-group",
      "watchkeeper-slos",
    )
    .option("--namespace <name>", "namespace of the PrometheusRule resources, or of the ruler with --push")
    .option(...LABEL_OPTION)
    .option("--compat <program>", "sloth: also the labels and the info metric that its dashboards ask for")
    .option(
      "--rules-per-group <count>",
      "share groups of so many rules, for rulers that bound them; Mimir's bound is 20",
    )
    .option(...STEP)
    .option(...LAG)
    .option("--external-url <url>", "URL of Watchkeeper as people reach it, for links in alerts")
    .option(
      "--inhibit-rules <file>",
      "also write the rule by which Alertmanager keeps a ticket quiet while its page fires",
    )
    .option(
      "--push <url>",
      "push to a ruler of Mimir or Cortex, such as https://mimir.example.org/prometheus, and write no file",
    )
    .option(...TENANT)
    .option("--check", "write nothing; exit 1 when a file is stale")
    .option("--keep-going", "when some SLOs are wrong, write the rules of the others")
    .action(async (specs, options) =>
      exitWith(await (await import("./verbs/slo/generate.ts")).generateRules({ ...options, specs })),
    );
}

function addValidate(slo: Command): void {
  slo
    .command("validate")
    .description("check specifications; every finding has its place and says what to do")
    .argument(...SPECS)
    .option(...SPECS_CONFIG)
    .option(...WINDOW)
    .option(
      "--connect [url]",
      "also ask a Prometheus, by default that of --config: unknown series, impossible ratios, no traffic",
    )
    .option(...TENANT)
    .option("--cost", "also estimate what the rules cost a Prometheus")
    .option(...STEP)
    .option(...LAG)
    .option("--strict", "exit 1 for warnings too")
    .option(...JSON_OPTION)
    .action(async (specs, options) =>
      exitWith(await (await import("./verbs/slo/validate.ts")).validateSpecs({ ...options, specs })),
    );
}

function addTests(slo: Command): void {
  slo
    .command("tests")
    .description("write promtool tests that prove when each SLO's alerts fire and when not")
    .argument(...SPECS)
    .option(...SPECS_CONFIG)
    .option(...WINDOW)
    .option("--out <folder>", "folder to write into", "alerts/slo/tests")
    .option(...STEP)
    .option(...LAG)
    .option("--check", "write nothing; exit 1 when a file is stale")
    .option("--run", "run them by promtool, which must be on PATH")
    .action(async (specs, options) =>
      exitWith(await (await import("./verbs/slo/tests.ts")).writeTests({ ...options, specs })),
    );
}

/** What the verbs that look at a Prometheus have in common. */
const reading = (command: Command): Command =>
  command
    .option(...CONFIG_OPTION)
    .option("--specs <path...>", "files, folders and patterns of specifications in place of the configuration's")
    .option("--prometheus <url>", "the Prometheus to ask in place of the configuration's")
    .option(...TENANT);

/** The configuration is needed unless the command line says everything. */
const withConfig = (options: {
  config?: string;
  specs?: readonly string[];
  prometheus?: string;
}): { config?: string } =>
  options.config === undefined && options.specs !== undefined && options.prometheus !== undefined
    ? {}
    : { config: configFile(options) };

function addBacktest(slo: Command): void {
  reading(slo.command("backtest"))
    .description("ask a Prometheus what alerts would have told of a past time, from its raw series")
    .argument("[ids...]", "ids of SLOs (default: all)")
    .option("--last <length>", "how much time", "7d")
    .option("--until <moment>", "its end, such as 2026-12-01T00:00:00Z (default: now)")
    .option("--objective <percentages>", "what if: 99.5, or several with commas")
    .option(...JSON_OPTION)
    .action(async (ids, options) =>
      (await import("./verbs/slo/backtest.ts")).backtest({ ...options, ...withConfig(options), ids }),
    );
}

function addReport(slo: Command): void {
  reading(slo.command("report"))
    .description("report on budgets: what was left, what used it up, what was not measured")
    .argument("[ids...]", "ids of SLOs (default: all)")
    .option("--month <month>", "such as 2026-11 (default: the month before this one)")
    .option("--last <length>", "a length until now, such as 30d, in place of a month")
    .option("--time-zone <name>", "whose months these are", "UTC")
    .option("--format <format>", "markdown, html or json", "markdown")
    .option("--out <file>", "file to write (default: standard output)")
    .action(async (ids, options) =>
      (await import("./verbs/slo/report.ts")).report({ ...options, ...withConfig(options), ids }),
    );
}

function addGate(slo: Command): void {
  reading(slo.command("gate"))
    .description("ask whether a change may be made now; exit 1 when not")
    .argument("<id>", "id of the SLO")
    .option("--change <kind>", "kind of change, such as rollback")
    .option("--approved-by <name>", "who approved it, where the policy wants that")
    .option("--group <labels>", "only groups with these labels, such as country=de")
    .option(...JSON_OPTION)
    .action(async (id, options) =>
      exitWith(await (await import("./verbs/slo/gate.ts")).gate({ ...options, ...withConfig(options), id })),
    );
}
