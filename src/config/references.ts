import { alternatives, mapLeaves, type JsonSchema } from "../lib/documents/schema-tree.ts";
import type { Path, PathFault } from "../lib/documents/values.ts";

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings with the references in their texts replaced. */
export interface Resolved {
  readonly settings: unknown;
  readonly faults: readonly PathFault[];
  /** Every variable that the settings name, set or not. */
  readonly variables: ReadonlySet<string>;
}

const REFERENCE = /\$\$\{|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;
const WHOLE_REFERENCE = /^\$\{[^}]*\}$/;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text at a known key; `$${` stands for `${`. It works on parsed
 * values, so no variable can add a key or a list entry. A text that is one reference becomes a number or a boolean
 * where the schema wants one. A variable that is set to nothing counts as not set.
 */
export function resolveReferences(root: JsonSchema, settings: unknown, environment: Environment): Resolved {
  const faults: PathFault[] = [];
  const variables = new Set<string>();

  const inText = (text: string, path: Path): string =>
    text.replace(REFERENCE, (all: string, name?: string, otherwise?: string) => {
      if (all === "$${") return "${";
      if (name === undefined) {
        faults.push({
          path,
          message: 'has a "${" that begins no ${NAME} or ${NAME:-default}; write $${ for a plain ${',
        });
        return all;
      }
      variables.add(name);
      const set = variableText(environment, name);
      const found = set === "" ? otherwise : set;
      if (found === undefined) faults.push({ path, message: `environment variable ${name} is not set` });
      return found ?? all;
    });

  const changed = mapLeaves(root, settings, (value, schemas, path) => {
    if (typeof value !== "string") return value;
    const text = inText(value, path);
    return WHOLE_REFERENCE.test(value) ? convert(root, schemas, text) : text;
  });
  return { settings: changed, faults, variables };
}

/** The text of a variable; empty when it is not set. */
export const variableText = (environment: Environment, name: string): string =>
  (Object.hasOwn(environment, name) ? environment[name] : undefined) ?? "";

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/**
 * A variable's text as the schema wants it: a decimal number, `true` or `false` where it allows no text; else the text
 * as it is, for the schema to refuse.
 */
export function convert(root: JsonSchema, schemas: readonly JsonSchema[], text: string): string | number | boolean {
  const shapes = schemas.flatMap((schema) => alternatives(root, schema, text));
  const types = new Set(shapes.flatMap((shape) => shape.type ?? []));
  if (types.has("string")) return text;
  if ((types.has("number") || types.has("integer")) && NUMBER.test(text)) return Number(text);
  if (types.has("boolean") && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text;
}
