import type { YamlPath } from "../../../lib/yaml-places.ts";

/** A document's values that are no lists or mappings, by their paths. */
export function leavesOf(value: unknown, path: YamlPath = []): readonly YamlPath[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => leavesOf(item, [...path, i]));
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...path, key]));
}

/** The same document with another value at a path: `instead` when it knows one, else one of the same type. */
export function changed(value: unknown, path: YamlPath, instead: (value: unknown) => unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return instead(value) ?? otherThan(value);
  if (Array.isArray(value)) return value.map((item, i) => (i === head ? changed(item, rest, instead) : item));
  if (typeof value !== "object" || value === null) return value;
  return { ...value, [head]: changed(Reflect.get(value, head), rest, instead) };
}

function otherThan(value: unknown): unknown {
  if (typeof value === "number") return value / 2;
  return typeof value === "boolean" ? !value : `${String(value)}x`;
}

/** Every key that a JSON Schema knows. */
export function keysOf(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== "object" || schema === null) return new Set();
  const properties: unknown = Reflect.get(schema, "properties");
  const own = typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
  return new Set([...own, ...Object.values(schema).flatMap((child) => [...keysOf(child)])]);
}

/** Every key of a value. */
export function keysIn(value: unknown): ReadonlySet<string> {
  return new Set(leavesOf(value).flatMap((path) => path.filter((key): key is string => typeof key === "string")));
}
