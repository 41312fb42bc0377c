import { parseDate } from "./dates.ts";
import { readDynamicTemplates, type DynamicTemplate } from "./dynamic-templates.ts";
import { ElasticError } from "./errors.ts";
import { mapping as refused, readField, type Field } from "./field-types.ts";
import { isObject, listOf, type Json, type JsonObject, say } from "./json.ts";

/** What is known of an object between fields. */
export interface Container {
  readonly type: "object" | "nested" | "passthrough";
  readonly isEnabled: boolean;
  /** Whether fields that are not mapped become so; `strict` refuses them. */
  readonly dynamic: string | undefined;
  readonly priority: number;
}

const TOP = new Set([
  "properties",
  "dynamic",
  "dynamic_templates",
  "date_detection",
  "numeric_detection",
  "_meta",
  "_source",
]);
const OF_OBJECTS = new Set([
  "type",
  "properties",
  "dynamic",
  "enabled",
  "subobjects",
  "priority",
  "time_series_dimension",
]);

/** The mapping of an index: what was declared, and what documents added. */
export class Mapping {
  readonly fields = new Map<string, Field>();
  readonly aliases = new Map<string, string>();
  readonly containers = new Map<string, Container>();
  readonly #templates: DynamicTemplate[] = [];
  #dynamic = "true";
  #detectsDates = true;

  /** Adds what a mapping declares; a later one wins. */
  declare(declared: JsonObject): void {
    for (const name of Object.keys(declared))
      if (!TOP.has(name))
        throw refused(
          `Root mapping definition has unsupported parameters:  [${name} : ${JSON.stringify(declared[name])}]`,
        );
    this.#dynamic = say(declared["dynamic"] ?? this.#dynamic);
    this.#detectsDates = declared["date_detection"] !== false && this.#detectsDates;
    this.#templates.push(...readDynamicTemplates(listOf(declared["dynamic_templates"])));
    this.#declareAll("", declared["properties"]);
  }

  /**
   * The field that a name leads to: its own, an alias', or one inside an object whose fields are seen from the root.
   */
  find(name: string): Field | undefined {
    const own = this.fields.get(name);
    if (own !== undefined) return own;
    const path = this.aliases.get(name);
    return path === undefined ? this.#passedThrough(name) : this.fields.get(path);
  }

  /** All names of fields that can be asked for, aliases included. */
  names(): readonly string[] {
    const passed = [...this.containers].flatMap(([path, { type }]) =>
      type === "passthrough"
        ? [...this.fields.values()].flatMap((field) =>
            field.parent === undefined && field.path.startsWith(`${path}.`) ? [field.path.slice(path.length + 1)] : [],
          )
        : [],
    );
    return [...new Set([...this.fields.keys(), ...this.aliases.keys(), ...passed])];
  }

  /** The field of a value that no mapping knows, or why there is none; undefined when it is left out. */
  add(path: string, value: Json): Field | undefined {
    const dynamic = this.#dynamicAt(path);
    if (dynamic === "strict")
      throw new ElasticError(
        "strict_dynamic_mapping_exception",
        `[1:1] mapping set to strict, dynamic introduction of [${path}] within [_doc] is not allowed`,
      );
    if (dynamic !== "true") return undefined;
    const [kind, guessed] = this.#guess(value);
    const template = this.#templates.find((each) => each.fits(path, kind));
    const declared = template === undefined ? guessed : template.mappingOf(guessed);
    this.#declareOne(path, declared);
    return this.fields.get(path);
  }

  /** As `GET _mapping` answers it. */
  toJson(): JsonObject {
    const properties: Record<string, Json> = {};
    for (const [path, target] of this.aliases) place(properties, path, { type: "alias", path: target });
    for (const field of this.fields.values())
      if (field.parent === undefined) place(properties, field.path, field.declared);
    return { properties };
  }

  #declareAll(prefix: string, properties: Json | undefined): void {
    if (!isObject(properties)) return;
    for (const [name, declared] of Object.entries(properties)) this.#declareOne(prefix + name, declared);
  }

  #declareOne(path: string, declared: Json): void {
    if (!isObject(declared)) throw refused(`Expected map for property [fields] on field [${path}]`);
    const type = declared["type"] ?? "object";
    if (type === "alias") return void this.aliases.set(path, say(declared["path"]));
    if (type !== "object" && type !== "nested" && type !== "passthrough") return this.#declareField(path, declared);
    for (const name of Object.keys(declared))
      if (!OF_OBJECTS.has(name)) throw refused(`unknown parameter [${name}] on mapper [${path}] of type [${type}]`);
    this.#contain(path);
    const dynamic = declared["dynamic"];
    this.containers.set(path, {
      type,
      isEnabled: declared["enabled"] !== false,
      dynamic: dynamic === undefined ? undefined : say(dynamic),
      priority: Number(declared["priority"] ?? 0),
    });
    this.#declareAll(`${path}.`, declared["properties"]);
  }

  #declareField(path: string, declared: JsonObject): void {
    this.#contain(path);
    this.fields.set(path, readField(path, declared));
    const views = declared["fields"];
    if (!isObject(views)) return;
    for (const [name, view] of Object.entries(views))
      if (isObject(view)) this.fields.set(`${path}.${name}`, readField(`${path}.${name}`, view, path));
  }

  /** Makes the objects that a path leads through. */
  #contain(path: string): void {
    for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
      const outer = path.slice(0, dot);
      if (!this.containers.has(outer))
        this.containers.set(outer, { type: "object", isEnabled: true, dynamic: undefined, priority: 0 });
    }
  }

  #passedThrough(name: string): Field | undefined {
    let found: { readonly field: Field; readonly priority: number } | undefined;
    for (const [path, { type, priority }] of this.containers) {
      const field = type === "passthrough" ? this.fields.get(`${path}.${name}`) : undefined;
      if (field !== undefined && field.parent === undefined && priority > (found?.priority ?? -1))
        found = { field, priority };
    }
    return found?.field;
  }

  #dynamicAt(path: string): string {
    for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
      const dynamic = this.containers.get(path.slice(0, dot))?.dynamic;
      if (dynamic !== undefined) return dynamic;
    }
    return this.#dynamic;
  }

  #guess(value: Json): readonly [kind: string, declared: JsonObject] {
    if (typeof value === "boolean") return ["boolean", { type: "boolean" }];
    if (typeof value === "bigint") return ["long", { type: "long" }];
    if (typeof value === "number")
      return Number.isInteger(value) ? ["long", { type: "long" }] : ["double", { type: "float" }];
    const isDate =
      this.#detectsDates &&
      typeof value === "string" &&
      /^\d{4}-/.test(value) &&
      parseDate(value, ["date_optional_time"]) !== undefined;
    if (isDate) return ["date", { type: "date" }];
    return ["string", { type: "text", fields: { keyword: { type: "keyword", ignore_above: 256 } } }];
  }
}

/** Puts a declaration where its path leads among nested `properties`. */
function place(properties: Record<string, Json>, path: string, declared: JsonObject): void {
  const names = path.split(".");
  const last = names.pop() ?? path;
  let at = properties;
  for (const name of names) {
    const outer = (at[name] ??= { properties: {} }) as { properties: Record<string, Json> };
    at = outer.properties ??= {};
  }
  at[last] = declared;
}
