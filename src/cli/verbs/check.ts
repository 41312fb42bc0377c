import { loadConfig } from "../../config/load.ts";
import {
  checkAlertmanagers,
  checkDestinations,
  explainLabels,
  summarizeAlerting,
  type AlertingSummary,
  type CheckedAlertmanager,
  type CheckedDestination,
  type ExplainedRoute,
} from "../../app/check-alerting.ts";
import { checkEvidence, evidenceWarnings } from "../../app/evidence/check-evidence.ts";
import type { SourceFindings } from "../../app/evidence/open-sources.ts";
import { openTargets } from "../../app/targets.ts";
import { loadWebConfig } from "../../server/web-config/load.ts";
import { asCollectError, ConfigError } from "../../core/errors.ts";
import { kinds } from "../kinds.ts";
import type { Finding, Target } from "../../core/pack.ts";

/** What `watchkeeper check` is asked. */
export interface CheckOptions {
  readonly file: string;
  readonly connect?: boolean;
  /** Files that the configuration names, such as those of secrets, need not be there. */
  readonly withoutFiles?: boolean;
  /** Labels of an alert whose way through the routes is to be explained. */
  readonly route?: string;
  readonly json?: boolean;
}

interface CheckedTarget {
  readonly collector: string;
  readonly target: string;
  readonly findings: readonly Finding[];
}

const MOST_NAMES = 10;

/** A whole check of a target may take this long: nodes are asked side by side, each with deadlines of its own. */
const CHECK_DEADLINE_MS = 60_000;

/** Everything that was found of a configuration without faults. */
interface Report {
  readonly file: string;
  readonly configured: number;
  /** What is allowed but hardly meant, besides what {@link AlertingSummary} has. */
  readonly warnings: readonly string[];
  readonly withoutFiles: boolean;
  readonly targets: readonly CheckedTarget[];
  readonly alerting: AlertingSummary | undefined;
  readonly alertmanagers: readonly CheckedAlertmanager[];
  readonly destinations: readonly CheckedDestination[];
  readonly evidence: readonly SourceFindings[];
  readonly route: ExplainedRoute | undefined;
}

/**
 * Checks the configuration, and with `connect` whatever it names. Answers whether there is something to mend.
 * Throws `ConfigError`.
 */
export async function check(options: CheckOptions): Promise<boolean> {
  const { file, json = false, withoutFiles = false, connect = false } = options;
  if (withoutFiles && connect) throw usage("--connect needs the files that --without-files does without: drop one");
  try {
    const report = await examine(options);
    if (json) printJson({ ok: true, faults: [], ...forMachines(report) });
    else print(report);
    return [...report.targets, ...report.alertmanagers, ...report.destinations, ...report.evidence].some(
      ({ findings }) => findings.some(({ ok }) => !ok),
    );
  } catch (thrown) {
    if (!(thrown instanceof ConfigError) || !json) throw thrown;
    printJson({ ok: false, file, faults: thrown.faults, targets: [] });
    process.exit(2);
  }
}

async function examine({ file, connect = false, withoutFiles = false, route }: CheckOptions): Promise<Report> {
  const config = await loadConfig({ file, ...kinds, env: process.env, withoutFiles });
  const { server, targets, alerting } = config;
  if (server.web_config_file !== undefined && !withoutFiles) await loadWebConfig(server.web_config_file);
  return {
    file,
    configured: targets.length,
    warnings: evidenceWarnings(config),
    withoutFiles,
    alerting: summarizeAlerting(config),
    route: route === undefined ? undefined : explainLabels(config, route, new Date()),
    targets: connect ? await Promise.all(targets.map((target) => checkTarget(target, file))) : [],
    alertmanagers:
      connect && alerting ? await checkAlertmanagers(alerting, AbortSignal.timeout(CHECK_DEADLINE_MS)) : [],
    destinations: connect && alerting ? await checkDestinations(alerting, server.external_url) : [],
    evidence: connect ? await checkEvidence(config, AbortSignal.timeout(CHECK_DEADLINE_MS)) : [],
  };
}

const usage = (message: string): ConfigError => new ConfigError([{ file: "check", path: "", message }]);

async function checkTarget(target: Target, file: string): Promise<CheckedTarget> {
  const { collector, name } = target;
  const [ready] = await openTargets([target], file);
  try {
    const findings = (await ready?.open.check(AbortSignal.timeout(CHECK_DEADLINE_MS))) ?? [];
    return { collector, target: name, findings };
  } catch (thrown) {
    const { reason, message } = asCollectError(thrown);
    return { collector, target: name, findings: [{ subject: "check", ok: false, message: `${reason}: ${message}` }] };
  } finally {
    await ready?.open.close();
  }
}

const forMachines = ({ file, targets, warnings, alerting, ...rest }: Report): object => ({
  file,
  targets,
  warnings,
  ...(rest.withoutFiles && { withoutFiles: true }),
  ...(alerting && { alerting: { ...alerting, checked: rest.destinations, alertmanagers: rest.alertmanagers } }),
  ...(rest.evidence.length > 0 && { evidence: rest.evidence }),
  ...(rest.route && { route: rest.route.explanation }),
});

function print(report: Report): void {
  const { file, configured, warnings, withoutFiles, targets, alerting, alertmanagers, destinations, evidence, route } =
    report;
  const counts = [count(configured, "target"), ...(alerting === undefined ? [] : alertingCounts(alerting))];
  write(
    `${file}: no fault found; ${counts.join(", ")}${withoutFiles ? "; files that it names were not looked at" : ""}`,
  );
  for (const warning of [...(alerting?.warnings ?? []), ...warnings]) write(`warning: ${warning}`);
  for (const { collector, target, findings } of targets) printFindings(`${collector} / ${target}`, findings);
  for (const { source, findings } of alertmanagers) printFindings(`alertmanager / ${source}`, findings);
  for (const { destination, type, findings } of destinations) printFindings(`${type} / ${destination}`, findings);
  for (const { source, findings } of evidence) printFindings(`evidence / ${source}`, findings);
  if (route !== undefined) write(`\n${route.text}`);
}

function printFindings(title: string, findings: readonly Finding[]): void {
  write(`\n${title}`);
  for (const { ok, subject, message, hides } of findings) {
    write(`  ${ok ? "ok  " : "FAIL"}  ${subject}: ${message}`);
    if (hides !== undefined) write(`        hides ${inShort(hides)}`);
  }
}

const write = (text: string): void => void process.stdout.write(`${text}\n`);

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;

const alertingCounts = ({ sources, destinations, routes }: AlertingSummary): readonly string[] => [
  count(sources, "source"),
  count(destinations, "destination"),
  count(routes, "route"),
];

/** More names than a person reads are counted; `--json` has them all. */
function inShort(names: readonly string[]): string {
  const shown = names.length <= MOST_NAMES ? names : names.slice(0, MOST_NAMES - 1);
  const rest = names.length - shown.length;
  return shown.join(", ") + (rest === 0 ? "" : ` and ${rest} more`);
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
