import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packs } from "../../collectors/index.ts";
import { notifiers } from "../../notifiers/index.ts";
import { loadConfig } from "../../config/load.ts";
import { DEFAULT_URL } from "../../core/default-address.ts";
import { ConfigError } from "../../core/errors.ts";
import { DASHBOARD_FORMATS, OUTPUT_KINDS, outputs, type Output, type OutputOptions } from "../../app/outputs.ts";
import type { Config } from "../../config/schema.ts";
import { loadWebConfig } from "../../server/web-config/load.ts";
import { CLIENT_AUTH_TYPES } from "../../server/web-config/tls-names.ts";
import { kinds } from "../kinds.ts";
import { resourceLabelsOf } from "../resource-labels.ts";

/** What `watchkeeper generate` is asked. */
export interface GenerateOptions {
  /** Kinds of output; all when empty. */
  readonly what: readonly string[];
  readonly check?: boolean;
  /** Of rules or of dashboards; `prometheus` and `files` unless given. */
  readonly format?: string;
  /** Configuration file to take the server, the sources of alerts and the section `rules` from. */
  readonly config?: string;
  readonly externalUrl?: string;
  /** Labels of PrometheusRules, each `name=value`. */
  readonly label?: readonly string[];
  readonly out: string;
}

/** Writes the outputs that differ from what is there, or with `check` names them. Answers whether one was stale. */
export async function generate(options: GenerateOptions): Promise<boolean> {
  const { what, check = false, out } = options;
  const unknown = what.find((kind) => !OUTPUT_KINDS.some((known) => known === kind));
  if (unknown !== undefined)
    throw usage(`there is nothing named ${unknown} to generate; there are: ${OUTPUT_KINDS.join(", ")}`);
  const all = outputs(packs, notifiers, await outputOptions(options));
  const wanted = what.length === 0 ? all : all.filter(({ kind }) => what.includes(kind));
  if (what.includes("alertmanager") && !wanted.some(({ kind }) => kind === "alertmanager"))
    throw usage("no Alertmanager could send: give alerting.sources an entry without credentials, with bearer or basic");
  const stale: Output[] = [];
  for (const output of wanted) {
    const path = join(out, output.path);
    if ((await readFile(path, "utf8").catch(() => undefined)) === output.text) continue;
    stale.push(output);
    if (check) continue;
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, output.text);
  }
  const verb = check ? "stale" : "wrote";
  for (const { path } of stale) process.stdout.write(`${verb} ${join(out, path)}\n`);
  if (check && stale.length > 0) process.stderr.write("Run `watchkeeper generate` and commit what it writes.\n");
  return check && stale.length > 0;
}

const USUAL_CONFIG = "watchkeeper.yaml";

async function outputOptions(options: GenerateOptions): Promise<OutputOptions> {
  const { what, format, config: file, externalUrl, label = [] } = options;
  const given = externalUrl === undefined ? undefined : withoutSlash(externalUrl);
  const formats = { ...formatsOf(format, what), resourceLabels: resourceLabelsOf(label, format, usage) };
  if (file === undefined) {
    if (given === undefined && existsSync(USUAL_CONFIG))
      process.stderr.write(
        `${USUAL_CONFIG} was not read, and links lead to ${DEFAULT_URL}: give --config ${USUAL_CONFIG}, or --external-url.\n`,
      );
    return { ...formats, externalUrl: given ?? DEFAULT_URL };
  }
  const config = await loadConfig({ file, ...kinds, env: process.env, withoutFiles: true });
  const { server, rules = {}, grafana, alerting } = config;
  const isServerAsked = what.length === 0 || what.includes("alertmanager") || what.includes("prometheus");
  return {
    ...formats,
    externalUrl: given ?? server.external_url,
    overrides: rules,
    ...(isServerAsked && { server: await serverOf(config, given), sources: alerting?.sources ?? [] }),
    ...(grafana !== undefined && { grafanaUrl: grafana.url }),
  };
}

/** How others reach the service, by its web configuration. Throws `ConfigError` when that can not be used. */
async function serverOf(
  { server: { external_url, is_external_url_given, web_config_file }, store }: Config,
  given: string | undefined,
): Promise<NonNullable<OutputOptions["server"]>> {
  const web = web_config_file === undefined ? undefined : await loadWebConfig(web_config_file);
  // the URL that is made from `listen` does not know of TLS
  const isMade = given === undefined && is_external_url_given !== true;
  const url = given ?? external_url;
  return {
    url: isMade && web?.tls !== undefined ? url.replace(/^http:/, "https:") : url,
    hasOwnCertificate: web?.tls !== undefined,
    wantsClientCertificate: web?.tls !== undefined && CLIENT_AUTH_TYPES[web.tls.clientAuth].require,
    mayBeReplicas: store.type === "postgres",
    username: web?.users.keys().next().value,
  };
}

function withoutSlash(externalUrl: string): string {
  if (!/^https?:\/\/[^/\s]/.test(externalUrl))
    throw usage(`--external-url begins with http:// or https://, not ${externalUrl}`);
  return externalUrl.replace(/\/+$/, "");
}

const RULE_FORMATS = ["prometheus", "prometheusrule"] as const;

/** A format belongs to rules or to dashboards, and is refused where neither is asked for. */
function formatsOf(format: string | undefined, what: readonly string[]): Pick<OutputOptions, "format" | "dashboards"> {
  const asked = (kind: string): boolean => what.length === 0 || what.includes(kind);
  const [ofRules, ofDashboards] = [asked("rules") ? RULE_FORMATS : [], asked("dashboards") ? DASHBOARD_FORMATS : []];
  const rules = ofRules.find((each) => each === format);
  const dashboards = ofDashboards.find((each) => each === format);
  if (format !== undefined && rules === undefined && dashboards === undefined)
    throw unknownFormat(format, ofRules, ofDashboards);
  return { format: rules ?? "prometheus", dashboards: dashboards ?? "files" };
}

function unknownFormat(format: string, ofRules: readonly string[], ofDashboards: readonly string[]): ConfigError {
  const formats = [...ofRules, ...ofDashboards];
  if (formats.length === 0) return usage(`only rules and dashboards have a --format`);
  return usage(`--format is ${formats.slice(0, -1).join(", ")} or ${formats.at(-1) ?? ""}, not ${format}`);
}

const usage = (message: string): ConfigError => new ConfigError([{ file: "generate", path: "", message }]);
