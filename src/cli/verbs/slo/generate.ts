import { join } from "node:path";
import { DEFAULT_URL } from "../../../core/default-address.ts";
import type { Slo, SloFinding } from "../../../slo/model.ts";
import type { SloRuleOptions } from "../../../slo/rules/context.ts";
import { sloRuleFile } from "../../../slo/rules/files.ts";
import { eachSloGroup } from "../../../slo/rules/groups.ts";
import { renderSloInhibitRules } from "../../../slo/rules/inhibit.ts";
import { resourceLabelsOf } from "../../resource-labels.ts";
import { count, print, printFinding, readSpecs, talk, usage, type ReadSpecs, type SpecOptions } from "./specs.ts";
import { steppingOf, type SteppingOptions } from "./stepping.ts";
import { leftOver, putFile, ruleFiles, type Layout } from "./write-rules.ts";

/** What `watchkeeper slo generate` is asked. */
export interface GenerateOptions extends SpecOptions, SteppingOptions {
  /** Folder; `-` is standard output. */
  readonly out: string;
  readonly format: string;
  readonly name: string;
  readonly namespace?: string;
  /** Labels of PrometheusRules, each `name=value`. */
  readonly label?: readonly string[];
  readonly compat?: string;
  readonly rulesPerGroup?: string;
  readonly externalUrl?: string;
  readonly inhibitRules?: string;
  readonly check?: boolean;
  readonly keepGoing?: boolean;
  /** URL of a ruler to push to in place of files. */
  readonly push?: string;
  readonly tenant?: string;
}

/** Writes the rules of SLOs. Answers whether an SLO was wrong or, with `check`, a file stale. Throws `ConfigError`. */
export async function generateRules(options: GenerateOptions): Promise<boolean> {
  const layout = layoutOf(options);
  const read = await readSpecs(options, options.push === undefined);
  const rules = ruleOptions(options, read);
  const errors = read.findings.filter(({ severity }) => severity === "error");
  report(read.findings);
  if (errors.length > 0 && options.keepGoing !== true) {
    talk(`Nothing was written: ${count(errors.length, "error")}. With --keep-going the other SLOs' rules are written.`);
    return true;
  }
  const slos = errors.length > 0 ? read.sound : read.slos;
  if (slos.length === 0) talk("There is no SLO without an error, so nothing is left to write.");
  const isFine =
    options.push === undefined
      ? await write(slos, rules, layout, options, errors.length > 0)
      : await (await import("./push-rules.ts")).pushRules(slos, rules, options, read, errors.length > 0);
  return errors.length > 0 || !isFine;
}

function report(findings: readonly SloFinding[]): void {
  const errors = findings.filter(({ severity }) => severity === "error");
  for (const finding of errors) talk(printFinding(finding));
  const warnings = findings.length - errors.length;
  if (warnings > 0) talk(`${count(warnings, "warning")}; \`watchkeeper slo validate\` shows what may be wrong.`);
}

/** Writes the files that differ, or with `check` names them. Answers whether all were as they should be. */
async function write(
  slos: readonly Slo[],
  rules: SloRuleOptions,
  layout: Layout,
  { out, check = false, inhibitRules }: GenerateOptions,
  isPart: boolean,
): Promise<boolean> {
  if (out === "-") {
    for (const piece of sloRuleFile(eachSloGroup(slos, rules))) process.stdout.write(piece);
    return true;
  }
  const written = new Set<string>();
  let stale = 0;
  const put = (path: string, pieces: Iterable<string>): void => {
    if (!putFile(path, pieces, check)) return;
    stale++;
    print(`${check ? "stale" : "wrote"} ${path}`);
  };
  for (const { name, pieces } of ruleFiles(slos, rules, layout)) {
    written.add(name);
    put(join(out, name), pieces);
  }
  if (inhibitRules !== undefined) put(inhibitRules, [renderSloInhibitRules(slos)]);
  const left = await leftOver(out, written);
  for (const name of left)
    talk(
      `${join(out, name)} was written by an earlier run for SLOs that ${isPart ? "are not there any more or are wrong now: leave it until all are right" : "are not there any more: delete it"}`,
    );
  if (check && stale > 0) talk("Run the same command without --check, and commit what it writes.");
  return !check || (stale === 0 && left.length === 0);
}

const MOST_RULES = 1_000;
/** The page, ticket and no-data alerts read what was recorded just before them. */
const LEAST_RULES = 5;

function ruleOptions(options: GenerateOptions, { config }: ReadSpecs): SloRuleOptions {
  const { compat, rulesPerGroup, externalUrl } = options;
  if (compat !== undefined && compat !== "sloth") throw usage(`--compat is sloth, not ${compat}`);
  if (externalUrl !== undefined && !/^https?:\/\/[^/\s]/.test(externalUrl))
    throw usage(`--external-url begins with http:// or https://, not ${externalUrl}`);
  const most = rulesPerGroup === undefined ? undefined : Number(rulesPerGroup);
  if (most !== undefined && !(Number.isInteger(most) && most >= LEAST_RULES && most <= MOST_RULES))
    throw usage(`--rules-per-group is a number from ${LEAST_RULES} to ${MOST_RULES}, not ${rulesPerGroup ?? ""}`);
  return {
    externalUrl: (externalUrl ?? config?.server.external_url ?? DEFAULT_URL).replace(/\/+$/, ""),
    compat,
    rulesPerGroup: most,
    ...steppingOf(options),
  };
}

function layoutOf({ format, name, namespace, label = [], push, out }: GenerateOptions): Layout {
  if (format !== "prometheus" && format !== "prometheusrule")
    throw usage(`--format is prometheus or prometheusrule, not ${format}`);
  if (push !== undefined && !/^https?:\/\/[^/\s]/.test(push))
    throw usage(`--push is the URL of a ruler such as https://mimir.example.org/prometheus, not ${push}`);
  if (out === "-" && format === "prometheusrule") throw usage("--out - prints rule files only, not prometheusrule");
  if (!/^[a-z0-9]([a-z0-9-]{0,200}[a-z0-9])?$/.test(name))
    throw usage(`--name has lower-case letters, digits and dashes, not ${name}`);
  return { format, name, namespace, labels: resourceLabelsOf(label, format, usage) };
}
