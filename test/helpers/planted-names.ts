import { alternatives, mapLeaves, type JsonSchema } from "../../src/lib/documents/schema-tree.ts";

/** What every planted name has, so that one search finds all of them. */
const MARK = "nm5planted";

/**
 * Gives everything that is somebody's own in settings another name, the same for the same: names of things, users,
 * channels and hosts. What the schema itself names, secrets, and files that have to be there stay.
 */
export const plantNames = (root: JsonSchema, settings: unknown): unknown =>
  mapLeaves(root, settings, (value, schemas) => {
    if (typeof value !== "string") return value;
    const shapes = schemas.flatMap((schema) => alternatives(root, schema, value));
    const isOwn = shapes.some((shape) => [shape.const, shape.default, ...(shape.enum ?? [])].includes(value));
    if (isOwn || shapes.some(({ writeOnly, format }) => writeOnly === true || format === "path")) return value;
    if (URL.canParse(value)) return value.replace(/^(\w+:\/\/)([^/:]+)/, `$1${MARK}.$2.example.org`);
    // it stands for this machine, whichever that is
    if (value === "127.0.0.1") return value;
    const named = `${MARK}.${value.replace(/@(?=\w+\.)/, `@${MARK}.`)}`;
    return shapes.every(({ pattern }) => pattern === undefined || new RegExp(pattern, "u").test(named)) ? named : value;
  });

/** Planted names in a text, each with what stands around it. */
export const namesIn = (text: string): readonly string[] =>
  [...text.matchAll(new RegExp(MARK, "gi"))].map(({ index }) => text.slice(Math.max(0, index - 80), index + 80));
