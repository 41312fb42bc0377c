import { randomBytes } from "node:crypto";
import type { Catalog } from "./catalog.ts";
import { ElasticError, illegal } from "./errors.ts";
import { decode, isObject, type JsonObject } from "./json.ts";

interface Action {
  readonly verb: "index" | "create";
  readonly index: string;
  readonly id: string;
  readonly source: string;
}

/**
 * Writes what a body of `_bulk` holds; `into` is the index that the path names. Each action succeeds or fails by
 * itself.
 */
export function writeBulk(catalog: Catalog, body: string, into: string | undefined): JsonObject {
  const actions = readActions(body, into);
  if (actions.length === 0)
    throw new ElasticError("action_request_validation_exception", "Validation Failed: 1: no requests added;");
  const items = actions.map((action) => write(catalog, action));
  return { errors: items.some(({ failed }) => failed), took: 1, items: items.map(({ item }) => item) };
}

function write(
  catalog: Catalog,
  { verb, index, id, source }: Action,
): { readonly failed: boolean; readonly item: JsonObject } {
  try {
    const target = catalog.forWriting(index);
    const { seqNo, version, result } = target.write(source, id, verb === "create");
    const _shards = { total: 2, successful: 1, failed: 0 };
    const status = result === "created" ? 201 : 200;
    const told = {
      _index: target.name,
      _id: id,
      _version: version,
      result,
      _shards,
      _seq_no: seqNo,
      _primary_term: 1,
      status,
    };
    return { failed: false, item: { [verb]: told } };
  } catch (error) {
    if (!(error instanceof ElasticError)) throw error;
    return { failed: true, item: { [verb]: { _index: index, _id: id, status: error.status, error: error.body } } };
  }
}

function readActions(body: string, into: string | undefined): readonly Action[] {
  if (body !== "" && !body.endsWith("\n")) throw illegal("The bulk request must be terminated by a newline [\\n]");
  const lines = body.split("\n");
  const actions: Action[] = [];
  for (let line = 0; line < lines.length; line += 2) {
    while (lines[line] === "") line += 1;
    const head = lines[line];
    if (head === undefined) break;
    actions.push(readAction(head, lines[line + 1], line + 1, into));
  }
  return actions;
}

function readAction(head: string, source: string | undefined, line: number, into: string | undefined): Action {
  const action = decode(head);
  const [verb, named] = isObject(action) ? (Object.entries(action)[0] ?? []) : [];
  if (verb !== "index" && verb !== "create")
    throw illegal(
      `Malformed action/metadata line [${line}], expected field [create] or [index] but found [${verb ?? ""}]: the lab neither updates nor deletes single documents`,
    );
  if (!isObject(named)) throw illegal(`Malformed action/metadata line [${line}], expected START_OBJECT`);
  if (source === undefined || source === "")
    throw illegal(`Malformed content, the action of line [${line}] has no document`);
  const { _index: index = into, _id: id } = named;
  if (typeof index !== "string")
    throw new ElasticError("action_request_validation_exception", "Validation Failed: 1: index is missing;");
  return { verb, index, source, id: typeof id === "string" ? id : randomBytes(15).toString("base64url") };
}
