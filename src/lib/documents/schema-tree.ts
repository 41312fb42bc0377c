import type { z } from "zod";
import { isCollection, isMapping, valueAt, type Path } from "./values.ts";

/** JSON Schema of one value: draft 2020-12, as zod writes it. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The schemas that a value may follow: one, or several for a union. The branches of a union are narrowed to those whose
 * constants (such as `method: token`) fit the value; all stay when none does. References are followed.
 */
export function alternatives(root: JsonSchema, schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const target = followed(root, schema);
  const union = target.oneOf ?? target.anyOf;
  if (union === undefined) return [target];
  const fitting = union.filter((branch) => constantsFit(followed(root, branch), value));
  return (fitting.length > 0 ? fitting : union).flatMap((branch) => alternatives(root, branch, value));
}

/** The schemas of one key or entry of a value that follows `schema`; none when the key is not known. */
function childSchemas(root: JsonSchema, schema: JsonSchema, value: unknown, key: string | number): JsonSchema[] {
  return alternatives(root, schema, value).flatMap((one) => {
    if (typeof key === "number") return [one.items].flat().filter(isSchema);
    const named = one.properties !== undefined && Object.hasOwn(one.properties, key) ? one.properties[key] : undefined;
    return [named ?? one.additionalProperties].filter(isSchema);
  });
}

/** The schemas of the value at a path of a whole document; none when the path is not known. */
export function schemasAt(root: JsonSchema, settings: unknown, path: Path): readonly JsonSchema[] {
  let schemas: readonly JsonSchema[] = [root];
  path.forEach((key, depth) => {
    const value = valueAt(settings, path.slice(0, depth));
    schemas = schemas.flatMap((schema) => childSchemas(root, schema, value, key));
  });
  return schemas;
}

/** The keys that the mapping at a path may have, in the order of the schema. */
export function knownKeys(root: JsonSchema, settings: unknown, path: Path): readonly string[] {
  const value = valueAt(settings, path);
  const objects = schemasAt(root, settings, path).flatMap((schema) => alternatives(root, schema, value));
  return [...new Set(objects.flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

/** Gives what takes the place of a value that is neither a list nor a mapping and stands at a known key. */
export type LeafChange = (value: unknown, schemas: readonly JsonSchema[], path: Path) => unknown;

/** Copies settings with every scalar at a known key changed; what stands under an unknown key stays as it is. */
export function mapLeaves(root: JsonSchema, settings: unknown, change: LeafChange): unknown {
  const walk = (value: unknown, schemas: readonly JsonSchema[], path: Path): unknown => {
    const child = (one: unknown, key: string | number): unknown => {
      const below = schemas.flatMap((schema) => childSchemas(root, schema, value, key));
      return below.length === 0 ? one : walk(one, below, [...path, key]);
    };
    if (Array.isArray(value)) return value.map((one: unknown, i) => child(one, i));
    if (isMapping(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, child(one, key)]));
    return change(value, schemas, path);
  };
  return walk(settings, [root], []);
}

const isSchema = (schema: unknown): schema is JsonSchema => isCollection(schema);

/** The schema that a reference stands for, with what is written beside the reference. */
export function followed(root: JsonSchema, schema: JsonSchema): JsonSchema {
  const { $ref, ...beside } = schema;
  const name = $ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
  const target = name === undefined ? undefined : root.$defs?.[name];
  return target === undefined ? schema : followed(root, { ...target, ...beside });
}

function constantsFit(branch: JsonSchema, value: unknown): boolean {
  return Object.entries(branch.properties ?? {}).every(
    ([key, schema]) => !isSchema(schema) || schema.const === undefined || valueAt(value, [key]) === schema.const,
  );
}
