import { loadConfig } from "../../config/load.ts";
import { overridableSettings } from "../../config/overrides.ts";
import { readText } from "../../config/read-text.ts";
import type { Environment } from "../../config/references.ts";
import type { Config, Kinds } from "../../config/schema.ts";
import { settingsTree } from "../../config/settings-tree.ts";
import { ConfigError, formatConfigFault, type ConfigFault } from "../../core/errors.ts";
import { parseYaml, printYaml } from "../../lib/yaml.ts";
import { summarizeAlerting } from "../check-alerting.ts";
import { evidenceWarnings } from "../evidence/check-evidence.ts";
import { productWords } from "./product-words.ts";
import { createPseudonyms, type Pseudonyms } from "./pseudonyms.ts";
import { publicPath, publicSettings, schemaWords, type PublicSettingsOptions } from "./public-settings.ts";

/** What a configuration is read from. */
export interface ConfigurationSource {
  readonly kinds: Kinds;
  readonly file: string;
  readonly env: Environment;
  /** Looks at what the configuration names besides; throws `ConfigError`. */
  readonly checkFurther: (config: Config) => Promise<void>;
}

/** A configuration for anybody to read. */
export interface ConfigurationFacts {
  /** Absent when it has a fault that leaves nothing to go by. */
  readonly config: Config | undefined;
  /** What `watchkeeper check` says of it. */
  readonly checked: string;
  /**
   * The settings as YAML: in effect, or as they are written where they have faults; absent when they can not be read.
   */
  readonly settings: string | undefined;
  /** Used so far; what else is told is to go through them too. */
  readonly names: Pseudonyms;
}

/** Reads the configuration as far as that goes; never throws for a fault of it. */
export async function configurationFacts(source: ConfigurationSource): Promise<ConfigurationFacts> {
  const { kinds, file, env, checkFurther } = source;
  const root = settingsTree(kinds);
  const words = schemaWords(root);
  const names = createPseudonyms(productWords(kinds, root));
  const options: PublicSettingsOptions = { root, names, words };
  const whole = await attempt(() => loadConfig({ file, ...kinds, env }));
  // where a file of a secret is missing the rest can be read all the same
  const config = "value" in whole ? whole.value : await withoutFiles(source);
  const further = "value" in whole ? await attempt(() => checkFurther(whole.value)) : { faults: [] };
  const faults = [whole, further].flatMap((found) => ("faults" in found ? found.faults : []));
  const effective = config && publicSettings(config.effective, options);
  // a fault may speak of what is written and not in effect
  const written = faults.length === 0 ? undefined : await writtenSettings(file, options);
  const settings = effective ?? written;
  return {
    config,
    names,
    checked: (faults.length > 0
      ? faults.map((fault) => publicFault(fault, file, options))
      : ["No fault was found.", ...warningsOf(config, names)]
    ).join("\n"),
    settings: settings === undefined ? undefined : printYaml(settings),
  };
}

async function attempt<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly faults: readonly ConfigFault[] }> {
  try {
    return { value: await work() };
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown;
    return { faults: thrown.faults };
  }
}

async function withoutFiles({ kinds, file, env }: ConfigurationSource): Promise<Config | undefined> {
  const found = await attempt(() => loadConfig({ file, ...kinds, env, withoutFiles: true }));
  return "value" in found ? found.value : undefined;
}

/** As they stand in the file; undefined when it is not there or no YAML. */
async function writtenSettings(file: string, options: PublicSettingsOptions): Promise<unknown> {
  const text = await attempt(() => readText(file));
  if (!("value" in text)) return undefined;
  for (const [, variable = ""] of text.value.matchAll(/\$\{(\w+)/g)) options.names.of("variable", variable);
  const { value, faults } = parseYaml(text.value, file);
  return faults.length > 0 || value === null ? undefined : publicSettings(value, options);
}

const VARIABLE = /^environment variable /;
const ELSEWHERE = "a fault, whose message may quote that file and is left out";

function publicFault(fault: ConfigFault, file: string, options: PublicSettingsOptions): string {
  const { root, names } = options;
  const path = publicPath(fault.path, options);
  const message = names.inText(fault.message);
  if (fault.file === file) return formatConfigFault({ ...fault, file: "the configuration", path, message });
  if (!VARIABLE.test(fault.file))
    return formatConfigFault({ ...fault, file: names.of("file", fault.file), path, message: ELSEWHERE });
  const variable = fault.file.replace(VARIABLE, "");
  const isOurs = overridableSettings(root).some((setting) => setting.variable === variable);
  const shown = isOurs ? variable : names.of("variable", variable);
  return formatConfigFault({ file: `environment variable ${shown}`, path, message });
}

/** A route is called by its matchers, which are not shown. */
const warningsOf = (config: Config | undefined, names: Pseudonyms): readonly string[] =>
  config === undefined
    ? []
    : [...(summarizeAlerting(config)?.warnings ?? []), ...evidenceWarnings(config)].map(
        (warning) => `Warning: ${names.inText(warning.replaceAll(/\{.*\}/g, "{...}"))}`,
      );
