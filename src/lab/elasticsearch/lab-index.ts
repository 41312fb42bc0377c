import { ElasticError } from "./errors.ts";
import { readValue, type Field, type Scalar } from "./field-types.ts";
import { decode, isObject, type Json, type JsonObject, say } from "./json.ts";
import { Mapping } from "./mapping.ts";

/** The values of one field, by document; of several values a list. */
export type Column = (Scalar | readonly Scalar[] | undefined)[];

/** The documents of an index that were there at some time. */
export interface Snapshot {
  readonly index: LabIndex;
  /** Documents from this number on came later. */
  readonly end: number;
  /** What was replaced or deleted by then. */
  readonly gone: ReadonlySet<number>;
}

/** What became of a document. */
export interface Written {
  readonly id: string;
  readonly seqNo: number;
  readonly version: number;
  readonly result: "created" | "updated";
}

/** One index in memory. Documents are numbered as they come; what replaces one gets a new number. */
export class LabIndex {
  readonly name: string;
  readonly uuid: string;
  readonly shards: number;
  readonly mapping = new Mapping();
  readonly aliases = new Set<string>();
  readonly ids: string[] = [];
  /** The documents as they were sent. */
  readonly sources: string[] = [];
  /** The values of a document that were too long or malformed, by field. */
  readonly ignored = new Map<number, Readonly<Record<string, readonly Json[]>>>();
  readonly #columns = new Map<string, Column>();
  readonly #byId = new Map<string, number>();
  readonly #versions = new Map<string, number>();
  #gone: ReadonlySet<number> = new Set();

  constructor(name: string, uuid: string, shards: number) {
    this.name = name;
    this.uuid = uuid;
    this.shards = shards;
  }

  get count(): number {
    return this.ids.length - this.#gone.size;
  }

  snapshot(): Snapshot {
    return { index: this, end: this.ids.length, gone: this.#gone };
  }

  column(field: Field): Column {
    return this.#columns.get(field.path) ?? [];
  }

  /** The values under a key of a flattened field. */
  keyed(field: Field, key: string): Column {
    return this.#columns.get(`${field.path}\0${key}`) ?? [];
  }

  /** Whether any document has a value there. */
  hasValues(field: Field): boolean {
    return this.#columns.has(field.path);
  }

  /** Takes a document in; throws what Elasticsearch refuses it with, and then nothing of it is kept. */
  write(source: string, id: string, isNew: boolean): Written {
    const before = this.#byId.get(id);
    if (before !== undefined && isNew) throw conflict(this, id, this.#versions.get(id) ?? 1);
    const body = readBody(source);
    const reader = new DocumentReader(this.mapping, id);
    reader.walk("", body);
    const doc = this.ids.length;
    this.ids.push(id);
    this.sources.push(source);
    for (const [key, values] of reader.values) {
      let column = this.#columns.get(key);
      if (column === undefined) this.#columns.set(key, (column = []));
      column[doc] = values.length === 1 ? values[0] : values;
    }
    if (reader.ignored.size > 0) this.ignored.set(doc, Object.fromEntries([...reader.ignored].toSorted()));
    if (before !== undefined) this.#gone = new Set([...this.#gone, before]);
    this.#byId.set(id, doc);
    const version = (this.#versions.get(id) ?? 0) + 1;
    if (version > 1) this.#versions.set(id, version);
    return { id, seqNo: doc, version, result: before === undefined ? "created" : "updated" };
  }
}

/** Reads the values of one document by the mapping, which it may add to. */
class DocumentReader {
  readonly values = new Map<string, Scalar[]>();
  readonly ignored = new Map<string, Json[]>();
  readonly #mapping: Mapping;
  readonly #id: string;

  constructor(mapping: Mapping, id: string) {
    this.#mapping = mapping;
    this.#id = id;
  }

  walk(prefix: string, object: JsonObject): void {
    for (const name in object) this.#take(prefix + name, object[name] ?? null);
  }

  #take(path: string, value: Json): void {
    if (Array.isArray(value)) return (value as readonly Json[]).forEach((each) => this.#take(path, each));
    const field = this.#mapping.fields.get(path);
    if (field !== undefined) return this.#store(field, value);
    if (value === null) return;
    const container = this.#mapping.containers.get(path);
    if (container !== undefined && !isObject(value)) throw this.#notAnObject(path);
    if (!isObject(value)) return this.#store(this.#mapping.add(path, value), value);
    // a nested object is a document of its own, which searches of the lab do not see
    if (container?.isEnabled !== false && container?.type !== "nested") this.walk(`${path}.`, value);
  }

  #store(field: Field | undefined, given: Json): void {
    if (field === undefined) return;
    const value = given ?? field.nullValue;
    if (field.kind === "flattened") return this.#flatten(field, "", given);
    if (value === undefined) return;
    this.#put(field, value);
    const views = field.declared["fields"];
    if (!isObject(views)) return;
    for (const name of Object.keys(views)) {
      const view = this.#mapping.fields.get(`${field.path}.${name}`);
      if (view !== undefined) this.#put(view, value);
    }
  }

  #put(field: Field, value: Json): void {
    try {
      const read = readValue(field, value, this.#id);
      const isTooLong = typeof read === "string" && read.length > field.ignoreAbove;
      if (isTooLong) this.#ignore(field, value);
      else this.#push(field.path, read);
    } catch (error) {
      if (!field.ignoreMalformed) throw error;
      this.#ignore(field, value);
    }
  }

  #ignore({ path }: Field, value: Json): void {
    this.ignored.set(path, [...(this.ignored.get(path) ?? []), value]);
  }

  #flatten(field: Field, key: string, value: Json): void {
    if (isObject(value)) {
      for (const [name, inner] of Object.entries(value))
        this.#flatten(field, key === "" ? name : `${key}.${name}`, inner);
    } else if (Array.isArray(value)) (value as readonly Json[]).forEach((each) => this.#flatten(field, key, each));
    else if (value !== null) {
      this.#push(field.path, say(value));
      this.#push(`${field.path}\0${key}`, say(value));
    }
  }

  #push(key: string, value: Scalar): void {
    const values = this.values.get(key);
    if (values === undefined) this.values.set(key, [value]);
    else values.push(value);
  }

  #notAnObject(path: string): ElasticError {
    const name = path.slice(path.lastIndexOf(".") + 1);
    return new ElasticError(
      "document_parsing_exception",
      `[1:1] object mapping for [${path}] tried to parse field [${name}] as object, but found a concrete value`,
    );
  }
}

function readBody(source: string): JsonObject {
  try {
    const body = decode(source);
    if (isObject(body)) return body;
  } catch {
    // said below
  }
  throw new ElasticError("document_parsing_exception", "[1:1] failed to parse", {
    details: { caused_by: { type: "x_content_parse_exception", reason: "[1:1] not an object of JSON" } },
  });
}

const conflict = ({ name, uuid }: LabIndex, id: string, version: number): ElasticError =>
  new ElasticError(
    "version_conflict_engine_exception",
    `[${id}]: version conflict, document already exists (current version [${version}])`,
    {
      status: 409,
      details: { index_uuid: uuid, shard: "0", index: name },
    },
  );
