import { z } from "zod";
import { plainMessage } from "./messages.ts";
import type { JsonSchema } from "./schema-tree.ts";
import { shapeFaults } from "./shape-faults.ts";
import type { Path, PathFault } from "./values.ts";

/** A value read by a schema. */
export type Shaped<T> = { readonly data: T } | { readonly faults: readonly PathFault[] };

/**
 * Makes a reader of a schema that says in plain words what is wrong, with paths that begin with `base`. The tree, by
 * default the schema's own, gives help and known keys; it is looked into only when something is wrong.
 */
export function shapeReader<T>(
  schema: z.ZodType<T>,
  tree: () => JsonSchema = () => z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
): (value: unknown, base?: Path) => Shaped<T> {
  let root: JsonSchema | undefined;
  return (value, base = []) => {
    const read = schema.safeParse(value, { error: plainMessage });
    if (read.success) return { data: read.data };
    root ??= tree();
    const faults = shapeFaults(root, value, read.error.issues);
    return { faults: faults.map((fault) => ({ ...fault, path: [...base, ...fault.path] })) };
  };
}
