import { alternatives, followed, type JsonSchema } from "../lib/documents/schema-tree.ts";

/** One line of a table. */
interface Row {
  readonly key: string;
  readonly type: string;
  /** What holds when the key is not given. */
  readonly otherwise: string;
  readonly help: string;
}

/** A table under a heading: the keys of one mapping and of the mappings in it. */
interface Table {
  readonly heading: string;
  readonly rows: readonly Row[];
  /** Sentences under the table. */
  readonly notes: readonly string[];
}

/** What a section of the reference page is about. */
export interface Section {
  readonly title: string;
  readonly schema: boolean | JsonSchema | undefined;
  /** What stands before every key of the table. */
  readonly prefix?: string;
  /** The schema's own words unless given. */
  readonly help?: string | undefined;
  /** Keys of the mapping that have a section of their own. */
  readonly apart?: readonly string[];
}

/**
 * A section of the reference page: a table of the keys, then one for each form that a key of several forms may have.
 */
export function section(root: JsonSchema, { title, schema, prefix = "", help, apart = [] }: Section): string {
  if (typeof schema !== "object") return `## \`${title}\``;
  const found = tablesOf({ root, schema, apart, before: prefix === "" ? "" : `${prefix}.`, key: title });
  const shown = found.map((table) => [table.heading, render(table)].filter((part) => part !== "").join("\n\n"));
  return [`## \`${title}\``, sentence(help ?? schema.description), ...shown].filter((part) => part !== "").join("\n\n");
}

interface Described {
  readonly root: JsonSchema;
  readonly schema: JsonSchema;
  readonly before: string;
  /** Names what has several forms. */
  readonly key: string;
  readonly apart?: readonly string[];
}

/** The table of a mapping's keys, or one for each of the forms that it may have. */
function tablesOf({ root, schema, before, key, apart = [] }: Described): readonly Table[] {
  const objects = alternatives(root, schema, undefined).filter((one) => one.type === "object");
  const [only] = objects;
  if (only !== undefined && objects.length === 1)
    return tables(root, only, before, { apart, heading: "", inside: [schema.$ref] });
  return objects.flatMap((form, i) =>
    tables(root, form, before, { apart: [], heading: formHeading(form, key, i), inside: [schema.$ref] }),
  );
}

interface TableOptions {
  readonly apart: readonly string[];
  readonly heading: string;
  /** The references that were followed to come here: what is in itself is shown once. */
  readonly inside: readonly (string | undefined)[];
}

function tables(
  root: JsonSchema,
  schema: JsonSchema,
  prefix: string,
  { apart, heading, inside }: TableOptions,
): readonly Table[] {
  const rows: Row[] = [];
  const notes: string[] = [];
  const forms: Table[] = [];
  const collect = (object: JsonSchema, before: string): void => {
    notes.push(...choices(object, before));
    for (const [name, written] of Object.entries(object.properties ?? {})) {
      if (typeof written === "boolean") continue;
      const child = followed(root, written);
      const required = object.required?.includes(name) ?? false;
      rows.push({
        key: before + name,
        type: typeText(root, child),
        otherwise: required ? "required" : defaultText(child),
        help: sentence(child.description),
      });
      const { inner, suffix } = unwrapped(child);
      if (apart.includes(name) || (inner.$ref !== undefined && inside.includes(inner.$ref))) continue;
      const below = { root, schema: inner, before: `${before}${name}${suffix}.`, key: `${before}${name}${suffix}` };
      const objects = alternatives(root, inner, undefined).filter((one) => one.type === "object");
      const [only] = objects;
      if (only !== undefined && objects.length === 1) collect(only, below.before);
      else forms.push(...tablesOf(below));
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
  const lines = rows.map(({ key, type, otherwise, help }) => {
    const cells = [`\`${key}\``, type, otherwise, help];
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

function typeText(root: JsonSchema, written: JsonSchema): string {
  const schema = followed(root, written);
  const { title, type, format, items } = schema;
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const union = schema.oneOf ?? schema.anyOf;
  const entry = [items].flat()[0];
  if (title !== undefined) return title;
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(", ");
  if (union !== undefined) return [...new Set(union.map((one) => typeText(root, one)))].join(" or ");
  if (type === "array") return typeof entry === "object" ? `list of: ${typeText(root, entry)}` : "list";
  const word = FORMATS[format ?? ""] ?? TYPES[String(type)] ?? "anything";
  return word + rangeText(schema);
}

function rangeText({ minimum, maximum }: JsonSchema): string {
  const from = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const to = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (from !== undefined) return to === undefined ? `, at least ${from}` : `, ${from} to ${to}`;
  return to === undefined ? "" : `, at most ${to}`;
}
