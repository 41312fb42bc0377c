import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Swagger 2.0, as Kubernetes serves it at `/openapi/v2`. */
export interface OpenApi {
  readonly definitions: Readonly<Record<string, Schema>>;
}

interface Schema {
  readonly [key: string]: unknown;
  readonly "x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What kubeconform is told of {@link writeSchemas}' folder. */
export const SCHEMA_FILES = "{{.ResourceKind}}{{.KindSuffix}}.json";

/**
 * Writes a JSON Schema for each kind of the API, which refuses unknown keys, as kubeconform looks for it.
 * Source: https://github.com/yannh/kubeconform#overriding-schemas-location
 */
export async function writeSchemas({ definitions }: OpenApi, folder: string): Promise<void> {
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, strictly(schema, name)]),
  );
  for (const [name, schema] of Object.entries(definitions)) {
    const kinds = schema["x-kubernetes-group-version-kind"] ?? [];
    // what deletes objects, and such, is of each group
    if (kinds.length !== 1 || kinds[0] === undefined) continue;
    const needed = Object.fromEntries([...closure(strict, name)].map((one) => [one, strict[one]]));
    const text = JSON.stringify({ $ref: `#/definitions/${name}`, definitions: needed });
    await writeFile(join(folder, fileName(kinds[0])), text);
  }
}

const fileName = ({ group, version, kind }: GroupVersionKind): string =>
  [kind, ...(group === "" ? [] : [group.split(".")[0]]), version].join("-").toLowerCase() + ".json";

function strictly(value: unknown, name?: string): unknown {
  if (Array.isArray(value)) return value.map((one) => strictly(one));
  if (typeof value !== "object" || value === null) return value;
  if (name?.endsWith(".resource.Quantity")) return { type: ["string", "number"] };
  const schema = value as Schema;
  if (schema["format"] === "int-or-string" || schema["x-kubernetes-int-or-string"] === true)
    return { type: ["string", "integer"] };
  const copy = Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, strictly(inner)]));
  const isClosed = typeof copy["properties"] === "object" && copy["additionalProperties"] === undefined;
  const keepsAll = copy["x-kubernetes-preserve-unknown-fields"] === true;
  return isClosed && !keepsAll && copy["type"] === "object" ? { ...copy, additionalProperties: false } : copy;
}

/** The names of a definition and of all that it refers to. */
function closure(definitions: Readonly<Record<string, unknown>>, name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, other = ""] of JSON.stringify(definitions[name]).matchAll(/"#\/definitions\/([^"]+)"/g))
    closure(definitions, other, seen);
  return seen;
}
