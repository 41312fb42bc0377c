import { REDACTED } from "../core/secret.ts";
import { alternatives, mapLeaves, type JsonSchema } from "../lib/documents/schema-tree.ts";
import { isMapping } from "../lib/documents/values.ts";
import { printYaml } from "../lib/yaml.ts";
import type { Config } from "./schema.ts";

/** Fills in the defaults of settings that passed the schema, in the schema's order, and replaces secrets. */
export function effectiveSettings(root: JsonSchema, settings: unknown): unknown {
  return mapLeaves(root, withDefaults(root, root, settings), (value, schemas) =>
    schemas.some((schema) => alternatives(root, schema, value).some((one) => one.writeOnly === true))
      ? REDACTED
      : value,
  );
}

/** Prints the configuration as one would write it: environment and defaults filled in, secrets as `<redacted>`. */
export const renderEffective = (config: Config): string => printYaml(config.effective);

function withDefaults(root: JsonSchema, schema: JsonSchema, value: unknown): unknown {
  // where several branches of a union fit, it is not known whose defaults count
  const [shape, ...others] = alternatives(root, schema, value);
  if (shape === undefined || others.length > 0) return value;
  if (Array.isArray(value)) {
    const items = [shape.items].flat()[0];
    return typeof items === "object" ? value.map((one: unknown) => withDefaults(root, items, one)) : value;
  }
  if (!isMapping(value)) return value;
  const known = Object.entries(shape.properties ?? {}).flatMap(([key, child]): [string, unknown][] => {
    if (typeof child === "boolean") return [];
    const given = Object.hasOwn(value, key) ? value[key] : structuredClone(child.default);
    return given === undefined ? [] : [[key, withDefaults(root, child, given)]];
  });
  return {
    ...Object.fromEntries(known),
    ...Object.fromEntries(Object.entries(value).filter(([key]) => !known.some(([name]) => name === key))),
  };
}
