import { loadSpecs, type Specs } from "../../../app/slo/specs.ts";
import type { Config } from "../../../config/schema.ts";
import { days, parseDuration } from "../../../core/duration.ts";
import { ConfigError } from "../../../core/errors.ts";
import type { SloFinding, SloWindow } from "../../../slo/model.ts";

/** Where specifications come from: named on the command line, or by the section `slo` of a configuration. */
export interface SpecOptions {
  readonly specs?: readonly string[];
  readonly config?: string;
  /** Window of an SLO whose format has no word for it, such as `28d`. */
  readonly defaultWindow?: string;
}

/** What was read, and the configuration when one was named. */
export interface ReadSpecs extends Specs {
  readonly config: Config | undefined;
}

/** Where specifications lie when nothing says so. */
const USUAL = ["slo"];

/**
 * Reads the specifications; `withoutFiles` for a verb that reads none of the files which the configuration names.
 * Throws `ConfigError` for the options and the configuration.
 */
export async function readSpecs(
  { specs = [], config: file, defaultWindow }: SpecOptions,
  withoutFiles = false,
): Promise<ReadSpecs> {
  const config = file === undefined ? undefined : await configOf(file, withoutFiles);
  const paths = specs.length > 0 ? specs : (config?.slo?.specs ?? USUAL);
  return { ...(await loadSpecs(paths, defaultWindow === undefined ? undefined : windowOf(defaultWindow))), config };
}

/** Packs and notifiers are loaded only for a configuration: they take longer than many specifications. */
async function configOf(file: string, withoutFiles: boolean): Promise<Config> {
  const [{ loadConfig }, { kinds }] = await Promise.all([import("../../../config/load.ts"), import("../../kinds.ts")]);
  return loadConfig({ file, ...kinds, env: process.env, withoutFiles });
}

function windowOf(text: string): SloWindow {
  const length = parseDuration(text);
  if (length === undefined || length < days(1))
    throw usage(`--default-window is a duration of a day or more, not ${text}`);
  return { kind: "rolling", length };
}

/** `file:line:column error path: message [check]`. */
export function printFinding(finding: SloFinding): string {
  const { source, severity, path, check, message } = finding;
  return path === ""
    ? `${source.file}:${source.line}:${source.column} ${severity}: ${message} [${check}]`
    : `${source.file}:${source.line}:${source.column} ${severity} ${path}: ${message} [${check}]`;
}

/** Throws `ConfigError` that says what is wrong with the command line. */
export const usage = (message: string): ConfigError => new ConfigError([{ file: "slo", path: "", message }]);
export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));
/** Words for a person, apart from the data. */
export const talk = (text: string): void => void process.stderr.write(`${text}\n`);
/** `2 errors`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
