import { createHash } from "node:crypto";
import { ElasticError, illegal, noSuchIndex, parsing } from "./errors.ts";
import { isObject, listOf, wildcard, type Json, type JsonObject, say } from "./json.ts";
import { LabIndex } from "./lab-index.ts";
import { onlyFields, wholeAt } from "./read.ts";

interface Template {
  readonly fits: readonly ((name: string) => boolean)[];
  readonly priority: number;
  readonly body: JsonObject;
}

/** What a request says about names that are no index. */
export interface Leniency {
  readonly ignoreUnavailable: boolean;
  readonly allowNoIndices: boolean;
}

const SETTINGS = ["settings", "mappings", "aliases"];

/** The indices, their aliases, and the templates of those to come. */
export class Catalog {
  readonly indices = new Map<string, LabIndex>();
  readonly #templates = new Map<string, Template>();

  /** Makes an index, with what templates and the body say of it. */
  create(name: string, body: JsonObject): LabIndex {
    const existing = this.indices.get(name);
    if (existing !== undefined) throw alreadyThere(existing);
    if (!/^[^A-Z\s\\/*?"<>|,#:_+-][^A-Z\s\\/*?"<>|,#:]*$/.test(name))
      throw new ElasticError(
        "invalid_index_name_exception",
        `Invalid index name [${name}], must not start with '_', '-', or '+', must be lowercase and hold none of [ \\ / * ? " < > | , # :]`,
      );
    onlyFields(body, SETTINGS, "create_index");
    const layers = [this.#templateOf(name), body];
    const uuid = createHash("sha256").update(`${name} ${this.indices.size}`).digest("base64url").slice(0, 22);
    const index = new LabIndex(name, uuid, Math.max(1, ...layers.map(({ settings }) => shardsOf(settings))));
    for (const { mappings, aliases } of layers) {
      if (isObject(mappings)) index.mapping.declare(mappings);
      if (isObject(aliases)) for (const alias of Object.keys(aliases)) index.aliases.add(alias);
    }
    this.indices.set(name, index);
    return index;
  }

  /** The index that documents are written into: it is made when it is not there. */
  forWriting(name: string): LabIndex {
    const aliased = [...this.indices.values()].filter(({ aliases }) => aliases.has(name));
    if (aliased.length > 1)
      throw illegal(
        `no write index is defined for alias [${name}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index`,
      );
    return this.indices.get(name) ?? aliased[0] ?? this.create(name, {});
  }

  /** Deletes the indices that patterns name. */
  delete(patterns: string): void {
    for (const { name } of this.resolve(patterns, { ignoreUnavailable: false, allowNoIndices: true }))
      this.indices.delete(name);
  }

  /** The indices that a list of names, aliases and patterns leads to, in the order of their names. */
  resolve(patterns: string, { ignoreUnavailable, allowNoIndices }: Leniency): readonly LabIndex[] {
    const found = new Map<string, LabIndex>();
    for (const pattern of patterns.split(",")) {
      const isExclusion = pattern.startsWith("-") && found.size > 0;
      const name = isExclusion ? pattern.slice(1) : pattern === "_all" || pattern === "" ? "*" : pattern;
      const matching = this.#matching(name);
      if (matching.length === 0 && !(name.includes("*") ? allowNoIndices : ignoreUnavailable))
        throw noSuchIndex(pattern);
      for (const index of matching) {
        if (isExclusion) found.delete(index.name);
        else found.set(index.name, index);
      }
    }
    if (found.size === 0 && !allowNoIndices) throw noSuchIndex(patterns);
    return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  putTemplate(name: string, body: JsonObject): void {
    onlyFields(
      body,
      ["index_patterns", "template", "priority", "version", "_meta", "composed_of", "data_stream", "allow_auto_create"],
      "index_template",
    );
    if (isObject(body["data_stream"])) throw parsing("[index_template] the lab has no data streams");
    if (listOf(body["composed_of"]).length > 0) throw parsing("[index_template] the lab has no component templates");
    const fits = listOf(body["index_patterns"]).map((pattern) => wildcard(say(pattern)));
    if (fits.length === 0)
      throw new ElasticError(
        "action_request_validation_exception",
        "Validation Failed: 1: index patterns are missing;",
      );
    const template = isObject(body["template"]) ? body["template"] : {};
    onlyFields(template, SETTINGS, "template");
    // what could not be made later is refused now
    if (isObject(template["mappings"])) new LabIndex("", "", 1).mapping.declare(template["mappings"]);
    this.#templates.set(name, { fits, priority: wholeAt(body["priority"], 0, "priority"), body: template });
  }

  deleteTemplate(name: string): void {
    if (this.#templates.delete(name)) return;
    throw new ElasticError("resource_not_found_exception", `index_template [${name}] missing`, { status: 404 });
  }

  #matching(name: string): readonly LabIndex[] {
    const fits = wildcard(name);
    return [...this.indices.values()].filter((index) => fits(index.name) || [...index.aliases].some(fits));
  }

  #templateOf(name: string): JsonObject {
    const fitting = [...this.#templates.values()].filter(({ fits }) => fits.some((fit) => fit(name)));
    return fitting.toSorted((one, other) => other.priority - one.priority)[0]?.body ?? {};
  }
}

function shardsOf(settings: Json | undefined): number {
  if (!isObject(settings)) return 1;
  const inner = isObject(settings["index"]) ? settings["index"] : {};
  return wholeAt(
    inner["number_of_shards"] ?? settings["index.number_of_shards"] ?? settings["number_of_shards"],
    1,
    "number_of_shards",
  );
}

const alreadyThere = ({ name, uuid }: LabIndex): ElasticError =>
  new ElasticError("resource_already_exists_exception", `index [${name}/${uuid}] already exists`, {
    details: { index_uuid: uuid, index: name },
  });
