import { ConfigError, type ConfigFault } from "../core/errors.ts";
import { shapeReader } from "../lib/documents/shape-reader.ts";
import { isCollection, withValue, type PathFault } from "../lib/documents/values.ts";
import { nearestPlace, parseYaml, type YamlSource } from "../lib/yaml.ts";
import { effectiveSettings } from "./effective.ts";
import { fileFaults, resolveFiles } from "./files.ts";
import { applyOverrides, unknownVariables, type OverridableSetting } from "./overrides.ts";
import { readText } from "./read-text.ts";
import { resolveReferences, type Environment } from "./references.ts";
import { configSchema, type Config, type Kinds } from "./schema.ts";
import { settingsTree } from "./settings-tree.ts";
import { resolveSlo } from "./slo-schema.ts";
import { resolveStore } from "./store-schema.ts";
import { aboutRules } from "./unknown-alert.ts";

/** What {@link loadConfig} reads. */
export interface ConfigSource extends Kinds {
  /** Path of the YAML file; faults name it as it is given here. */
  readonly file: string;
  readonly env: Environment;
  /** Files that are named, such as those of secrets, need not be there: for what reads none of them. */
  readonly withoutFiles?: boolean;
}

/**
 * Reads the configuration: YAML, then references to the environment in its texts, then the environment's overrides,
 * then the schema. Throws `ConfigError` with every fault that was found, sorted by line, those of the environment last.
 */
export async function loadConfig({ file, env, withoutFiles = false, ...kinds }: ConfigSource): Promise<Config> {
  const source = parseYaml(await readText(file), file);
  if (source.faults.length > 0) throw new ConfigError(source.faults);
  if (source.value === null) throw new ConfigError([{ file, path: "", message: NOTHING }]);
  if (depthOf(source.value) > MOST_DEPTH) throw new ConfigError([{ file, path: "", message: TOO_DEEP }]);

  const root = settingsTree(kinds);
  const resolved = resolveReferences(root, source.value, env);
  const overridden = applyOverrides(root, resolved.settings, env);
  const { settings, files } = resolveFiles(root, overridden.settings, file);
  const read = shapeReader(configSchema(kinds), () => root)(settings);

  const place = placer(file, source, overridden.applied);
  // what a variable overrides needs not be resolved
  const unresolved = resolved.faults.map(place).filter((fault) => fault.file === file);
  const ofShape = ("faults" in read ? read.faults : []).map(aboutRules(settings, kinds.alerts));
  const ofFiles = withoutFiles ? [] : await fileFaults(files);
  const others = [...ofShape, ...ofFiles].map(place);
  const variables = unknownVariables(root, env, resolved.variables).map(({ variable, message }) => ({
    file: environmentVariable(variable),
    path: "",
    message,
  }));
  // what can not be resolved can not be judged either
  const unclear = new Set(unresolved.map(({ path }) => path));
  const judged = others.filter(({ path }) => !unclear.has(path));
  const faults = [...unresolved, ...judged].toSorted(byPlace).concat(variables);
  if (faults.length > 0 || "faults" in read) throw new ConfigError(faults);
  const store = resolveStore(read.data.store, file);
  const withUrl = withValue(settings, ["server", "external_url"], read.data.server.external_url);
  const complete = store.type === "sqlite" ? withValue(withUrl, ["store", "sqlite", "path"], store.path) : withUrl;
  const slo = read.data.slo && resolveSlo(read.data.slo, file);
  return { ...read.data, slo, store, file, effective: effectiveSettings(root, complete) };
}

const NOTHING = "holds no settings: write at least one target under `targets`";

/** Far above what people write: each route takes two levels. */
const MOST_DEPTH = 100;
const TOO_DEEP = `is nested too deeply: more than ${MOST_DEPTH} lists and mappings within each other`;

function depthOf(value: unknown): number {
  let depth = 0;
  for (let level = [value].filter(isCollection); level.length > 0 && depth <= MOST_DEPTH; depth++)
    level = level.flatMap((one) => Object.values(one)).filter(isCollection);
  return depth;
}

const environmentVariable = (name: string): string => `environment variable ${name}`;

/** Gives a fault its file, line and column. */
function placer(file: string, source: YamlSource, overridden: readonly OverridableSetting[]) {
  return ({ path, key, message }: PathFault): ConfigFault => {
    const dotted = path.join(".");
    const override = overridden.find((setting) => setting.path.join(".") === dotted);
    if (override !== undefined) return { file: environmentVariable(override.variable), path: dotted, message };
    return { file, ...nearestPlace(source, path, key), path: dotted, message };
  };
}

/** Places of the file first, by line; then what has none. */
function byPlace(a: ConfigFault, b: ConfigFault): number {
  const last = Number.MAX_SAFE_INTEGER;
  return (a.line ?? last) - (b.line ?? last) || (a.column ?? last) - (b.column ?? last);
}
