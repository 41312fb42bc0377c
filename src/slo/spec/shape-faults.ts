import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import type { YamlPath } from "../../lib/yaml-places.ts";

/** A value that is not as its format wants it. */
export interface ShapeFault {
  readonly path: YamlPath;
  /** A sentence whose subject is the path; it never quotes the value. */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;
type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A value read by a schema. */
export type Shaped<T> = { readonly data: T } | { readonly faults: readonly ShapeFault[] };

/** Makes a reader of a schema that says in plain words what is wrong; `schema` is looked into only when something is. */
export function shapeReader<T>(schema: z.ZodType<T>): (value: unknown, base: YamlPath) => Shaped<T> {
  let tree: JsonSchema | undefined;
  return (value, base) => {
    const read = schema.safeParse(value, { error: messageOf });
    if (read.success) return { data: read.data };
    tree ??= z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    const explained = new Explainer(tree, value).explain(read.error.issues, []);
    return { faults: explained.map(({ path, message }) => ({ path: [...base, ...path], message })) };
  };
}

const NOUNS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping of keys",
  record: "a mapping of keys",
  null: "empty",
};

const noun = (value: unknown): string =>
  NOUNS[value === null ? "null" : Array.isArray(value) ? "array" : typeof value] ?? "something else";

function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type": {
      const quotes = issue.expected === "string" && ["number", "boolean"].includes(typeof issue.input);
      return `must be ${NOUNS[issue.expected] ?? issue.expected}, is ${noun(issue.input)}${quotes ? ": put it in quotes" : ""}`;
    }
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}${meant(issue.input, issue.values.map(String))}`;
    case "too_small":
      return bound(issue.origin, issue.minimum, issue.inclusive === false ? "more than" : "at least");
    case "too_big":
      return bound(issue.origin, issue.maximum, issue.inclusive === false ? "less than" : "at most");
    default:
      return undefined;
  }
}

function bound(origin: string, limit: number | bigint, comparison: string): string {
  if (origin === "number") return `must be ${comparison} ${limit}`;
  if (Number(limit) === 1 && comparison === "at least") return "must not be empty";
  return `must have ${comparison} ${limit} ${origin === "string" ? "characters" : "entries"}`;
}

/** A hint at the known name that was probably meant: about a third of its letters may differ. */
function meant(input: unknown, known: readonly string[]): string {
  if (typeof input !== "string" || known.length < 2) return "";
  const best = closest(input.toLowerCase(), [...known]);
  return distance(input.toLowerCase(), best) <= Math.max(1, Math.round(best.length / 3))
    ? `; did you mean "${best}"?`
    : "";
}

class Explainer {
  private readonly root: JsonSchema;
  private readonly value: unknown;

  constructor(root: JsonSchema, value: unknown) {
    this.root = root;
    this.value = value;
  }

  explain(issues: readonly Issue[], base: YamlPath): readonly ShapeFault[] {
    return issues.flatMap((issue) => this.one(issue, [...base, ...issue.path.map(segment)]));
  }

  private one(issue: Issue, path: YamlPath): readonly ShapeFault[] {
    const value = valueAt(this.value, path);
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => this.unknownKey([...path, key]));
    if (issue.code === "invalid_key") return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    if (issue.code === "custom") return [{ path, message: issue.message }];
    if (value === undefined) return [{ path, message: this.missing(path) }];
    if (value === null) return [{ path, message: "is empty: give it a value, or take the key out" }];
    if (issue.code !== "invalid_union") return [{ path, message: issue.message }];
    const fitting = issue.errors.filter((branch) => !branch.some(isOfOtherType));
    const [closestBranch] = fitting.toSorted((a, b) => a.length - b.length);
    return closestBranch === undefined ? [{ path, message: issue.message }] : this.explain(closestBranch, path);
  }

  private missing(path: YamlPath): string {
    const help = this.schemasAt(path).find(({ description }) => description !== undefined)?.description;
    return help === undefined ? "is missing" : `is missing: ${help}`;
  }

  private unknownKey(path: YamlPath): ShapeFault {
    const name = String(path.at(-1));
    const around = this.schemasAt(path.slice(0, -1));
    const known = [...new Set(around.flatMap((schema) => Object.keys(schema.properties ?? {})))];
    const hint = meant(name, known);
    return { path, message: `is not known here${hint === "" ? `; known are ${known.join(", ")}` : hint}` };
  }

  private schemasAt(path: YamlPath): readonly JsonSchema[] {
    return path.reduce<readonly JsonSchema[]>(
      (schemas, key) =>
        schemas.flatMap((schema) => {
          const child = typeof key === "number" ? schema.items : schema.properties?.[key];
          return isSchema(child) ? branches(child) : [];
        }),
      branches(this.root),
    );
  }
}

const isOfOtherType = ({ code, path }: Issue): boolean => path.length === 0 && code === "invalid_type";

const segment = (key: PropertyKey): string | number => (typeof key === "number" ? key : String(key));

const isSchema = (schema: unknown): schema is JsonSchema =>
  typeof schema === "object" && schema !== null && !Array.isArray(schema);

const branches = (schema: JsonSchema): readonly JsonSchema[] => [
  schema,
  ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(isSchema).flatMap(branches),
];

const valueAt = (root: unknown, path: YamlPath): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
    root,
  );
