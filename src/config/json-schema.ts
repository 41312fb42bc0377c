import type { JsonSchema } from "../lib/documents/schema-tree.ts";
import type { Kinds } from "./schema.ts";
import { settingsTree } from "./settings-tree.ts";

const REFERENCE = "reference";

/**
 * The JSON Schema (draft 2020-12) of the configuration file, for editors: `# yaml-language-server: $schema=<its path>`.
 * Where a value is bound to a form, a reference such as `${NAME}` is allowed in its place, as it is when the file is
 * read.
 */
export function configJsonSchema(kinds: Kinds): JsonSchema {
  const { $schema, $defs, ...root } = settingsTree(kinds);
  return {
    ...($schema !== undefined && { $schema }),
    $id: "urn:watchkeeper:configuration",
    title: "Configuration of Watchkeeper",
    ...withReferences(root),
    $defs: {
      ...mapValues($defs ?? {}, withReferences),
      [REFERENCE]: {
        type: "string",
        pattern: "\\$\\{[A-Za-z_]",
        description: "Text with `${NAME}` or `${NAME:-default}`, which stands for an environment variable.",
      },
    },
  };
}

/** Allows a reference at every leaf that would refuse it. */
function withReferences(schema: JsonSchema): JsonSchema {
  const { properties, items, additionalProperties, oneOf, anyOf } = schema;
  if (isBound(schema)) return orReference(schema);
  return {
    ...schema,
    ...(properties !== undefined && { properties: mapValues(properties, below) }),
    ...(items !== undefined && { items: Array.isArray(items) ? items.map(below) : below(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: below(additionalProperties) }),
    ...(oneOf !== undefined && { oneOf: oneOf.map(withReferences) }),
    ...(anyOf !== undefined && { anyOf: anyOf.map(withReferences) }),
  };
}

const below = (schema: boolean | JsonSchema): boolean | JsonSchema =>
  typeof schema === "boolean" ? schema : withReferences(schema);

/** A constant stays as it is: it tells the branches of a union apart. */
function isBound({ type, const: constant, enum: values, pattern, format }: JsonSchema): boolean {
  if (constant !== undefined) return false;
  if (type === "string") return values !== undefined || pattern !== undefined || format !== undefined;
  return type === "number" || type === "integer" || type === "boolean";
}

function orReference({ title, description, default: otherwise, writeOnly, ...bound }: JsonSchema): JsonSchema {
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(otherwise !== undefined && { default: otherwise }),
    ...(writeOnly !== undefined && { writeOnly }),
    anyOf: [bound, { $ref: `#/$defs/${REFERENCE}` }],
  };
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
