import { alternatives, type JsonSchema } from "./schema-tree.ts";

/** One line of a table. */
interface Row {
  readonly key: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** A table under a heading: the keys of one mapping and of the mappings in it. */
interface Table {
  readonly heading: string;
  readonly rows: readonly Row[];
  /** Sentences under the table. */
  readonly notes: readonly string[];
}

/** A section of the reference page: a table of the keys, then one for each form that a key of several forms may have. */
export function section(
  root: JsonSchema,
  title: string,
  prefix: string,
  schema: boolean | JsonSchema | undefined,
  help?: string,
): string {
  if (typeof schema !== "object") return `## \`${title}\``;
  const [first, ...others] = tables(root, schema, prefix === "" ? "" : `${prefix}.`, "");
  const intro = sentence(help ?? schema.description);
  return [
    `## \`${title}\``,
    intro,
    first && render(first),
    ...others.map((table) => `${table.heading}\n\n${render(table)}`),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}

function tables(root: JsonSchema, schema: JsonSchema, prefix: string, heading: string): readonly Table[] {
  const rows: Row[] = [];
  const notes: string[] = [];
  const forms: Table[] = [];
  const collect = (object: JsonSchema, before: string): void => {
    notes.push(...choices(object, before));
    for (const [name, child] of Object.entries(object.properties ?? {})) {
      if (typeof child === "boolean") continue;
      rows.push({ key: before + name, schema: child, required: object.required?.includes(name) ?? false });
      const { inner, suffix } = unwrapped(child);
      const objects = alternatives(root, inner, undefined).filter((one) => one.type === "object");
      const below = `${before}${name}${suffix}.`;
      const [only] = objects;
      if (only !== undefined && objects.length === 1) collect(only, below);
      else
        forms.push(
          ...objects.flatMap((form, i) => tables(root, form, below, formHeading(form, below.slice(0, -1), i))),
        );
    }
  };
  collect(schema, prefix);
  return [{ heading, rows, notes }, ...forms];
}

/** A list is described by its entries. */
function unwrapped(schema: JsonSchema): { inner: JsonSchema; suffix: string } {
  const items = [schema.items].flat()[0];
  return typeof items === "object" ? { inner: items, suffix: "[]" } : { inner: schema, suffix: "" };
}

function formHeading(form: JsonSchema, key: string, index: number): string {
  const constants = Object.entries(form.properties ?? {}).flatMap(([name, child]) =>
    typeof child === "object" && child.const !== undefined ? [`${name}: ${child.const}`] : [],
  );
  const which = constants.length > 0 ? `with \`${constants.join("`, `")}\`` : `form ${index + 1}`;
  return `### \`${key}\` ${which}`;
}

/** Reads the constraints that `secretPair` writes. */
function choices({ allOf }: JsonSchema, prefix: string): readonly string[] {
  return (allOf ?? []).flatMap(({ oneOf }) => {
    const keys = (oneOf ?? []).flatMap(({ required }) => required ?? []).map((key) => `\`${prefix}${key}\``);
    return keys.length > 1 ? [`Exactly one of ${keys.join(" and ")} is required.`] : [];
  });
}

function render({ rows, notes }: Table): string {
  const lines = rows.map(({ key, schema, required }) => {
    const cells = [
      `\`${key}\``,
      typeText(schema),
      required ? "required" : defaultText(schema),
      sentence(schema.description),
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const table = ["| Key | Type | Default | Help |", "| --- | --- | --- | --- |", ...lines].join("\n");
  return [table, ...notes].join("\n\n");
}

const sentence = (help: string | undefined): string => (help ?? "").replaceAll(/\s+/g, " ").trim();

function defaultText({ default: value }: JsonSchema): string {
  if (value === undefined) return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

const FORMATS: Readonly<Record<string, string>> = { uri: "URL", path: "file" };
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  number: "number",
  boolean: "`true` or `false`",
  object: "mapping",
};

function typeText(schema: JsonSchema): string {
  const { title, type, format, items } = schema;
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const union = schema.oneOf ?? schema.anyOf;
  const entry = [items].flat()[0];
  if (title !== undefined) return title;
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(", ");
  if (union !== undefined) return [...new Set(union.map(typeText))].join(" or ");
  if (type === "array") return typeof entry === "object" ? `list of: ${typeText(entry)}` : "list";
  const word = FORMATS[format ?? ""] ?? TYPES[String(type)] ?? "anything";
  return word + rangeText(schema);
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (from !== undefined) return to === undefined ? `, at least ${from}` : `, ${from} to ${to}`;
  return to === undefined ? "" : `, at most ${to}`;
}
