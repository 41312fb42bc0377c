import { listOf, nearest } from "../lib/documents/nearest.ts";
import type { JsonSchema } from "../lib/documents/schema-tree.ts";
import { withValue } from "../lib/documents/values.ts";
import { convert, variableText, type Environment } from "./references.ts";

const PREFIX = "WATCHKEEPER_";

/** The variable that names the configuration file; read by the command line. */
export const CONFIG_VARIABLE = `${PREFIX}CONFIG`;

/** A setting that one environment variable overrides. */
export interface OverridableSetting {
  readonly variable: string;
  readonly path: readonly string[];
  readonly schema: JsonSchema;
}

/** Every scalar setting outside of lists, with its variable: `server.listen` is `WATCHKEEPER_SERVER_LISTEN`. */
export function overridableSettings(root: JsonSchema, path: readonly string[] = []): readonly OverridableSetting[] {
  return Object.entries(root.properties ?? {}).flatMap(([key, schema]) => {
    if (typeof schema === "boolean") return [];
    const here = [...path, key];
    if (schema.type === "object") return overridableSettings(schema, here);
    const scalar = ["string", "number", "integer", "boolean"].some((type) => type === schema.type);
    return scalar ? [{ variable: PREFIX + here.join("_").toUpperCase(), path: here, schema }] : [];
  });
}

/** Settings after the environment's overrides. */
export interface Overridden {
  readonly settings: unknown;
  /** What was overridden, by which variable. */
  readonly applied: readonly OverridableSetting[];
}

/** Puts the values of the environment's variables in place; a variable that is set to nothing counts as not set. */
export function applyOverrides(root: JsonSchema, settings: unknown, environment: Environment): Overridden {
  const applied = overridableSettings(root).filter((setting) => variableText(environment, setting.variable) !== "");
  const put = (into: unknown, { variable: name, path, schema }: OverridableSetting): unknown =>
    withValue(into, path, convert(root, [schema], variableText(environment, name)));
  return { settings: applied.reduce(put, settings), applied };
}

/** What is wrong with one environment variable. */
export interface VariableFault {
  readonly variable: string;
  readonly message: string;
}

/** Finds variables that begin like ours and are none; `known` are others that the file itself names. */
export function unknownVariables(
  root: JsonSchema,
  environment: Environment,
  known: ReadonlySet<string>,
): readonly VariableFault[] {
  const ours = [CONFIG_VARIABLE, ...overridableSettings(root).map((setting) => setting.variable)];
  const isUnknown = (name: string): boolean => name.startsWith(PREFIX) && !ours.includes(name) && !known.has(name);
  return Object.entries(environment)
    .filter(([name, value = ""]) => value !== "" && isUnknown(name) && !isLink(name, value))
    .map(([variable]) => {
      const meant = nearest(
        variable.slice(PREFIX.length),
        ours.map((name) => name.slice(PREFIX.length)),
      );
      const hint = meant === undefined ? `known are ${listOf(ours)}` : `did you mean ${PREFIX}${meant}?`;
      return { variable, message: `is not a setting; ${hint}` };
    })
    .toSorted((a, b) => (a.variable < b.variable ? -1 : 1));
}

/**
 * Whether Kubernetes made the variable for a service that is called `watchkeeper`.
 * Source: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isLink(name: string, value: string): boolean {
  if (/_SERVICE_(?:HOST|PORT(?:_[A-Z0-9_]+)?)$/.test(name)) return true;
  if (/_PORT_\d+_(?:TCP|UDP|SCTP)_(?:PROTO|PORT|ADDR)$/.test(name)) return true;
  return /_PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/.test(name) && /^(?:tcp|udp|sctp):\/\//.test(value);
}
