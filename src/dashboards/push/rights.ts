import { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import type { Connection } from "./connection.ts";
import { FOLDER_UID } from "./contract.ts";

/** What will be done. */
export interface Intent {
  readonly createsFolder: boolean;
  readonly creates: boolean;
  /** Uids of dashboards that are changed. */
  readonly changes: readonly string[];
  readonly deletes: readonly string[];
}

const granted = z.record(z.string(), z.array(z.string()).nullable());

/**
 * Rights that the token lacks for what is intended, such as `dashboards:write`. Empty also when Grafana does not tell:
 * then the first write does. Throws `CollectError`.
 */
export async function missingRights(connection: Connection, intent: Intent): Promise<readonly string[]> {
  const rights = await readIfTold(connection, "/api/access-control/user/permissions", granted);
  if (rights === undefined) return [];
  const has = (action: string, scopes: readonly string[]): boolean =>
    [action, ...setsOf(action)]
      .flatMap((each) => rights[each] ?? [])
      .some((scope) => scopes.some((each) => covers(scope, each)));
  const inFolder = intent.createsFolder ? [] : (await readFolders(connection)).map((uid) => `folders:uid:${uid}`);
  const needs: readonly (readonly [action: string, scopes: readonly string[]])[] = [
    ...(intent.createsFolder ? [["folders:create", ["folders:uid:general"]] as const] : []),
    // whoever makes a folder may use it
    ...(intent.creates && !intent.createsFolder ? [["dashboards:create", inFolder] as const] : []),
    ...intent.changes.map((uid) => ["dashboards:write", [...inFolder, `dashboards:uid:${uid}`]] as const),
    ...intent.deletes.map((uid) => ["dashboards:delete", [...inFolder, `dashboards:uid:${uid}`]] as const),
  ];
  return [...new Set(needs.filter(([action, scopes]) => !has(action, scopes)).map(([action]) => action))];
}

/** Permissions on folders and dashboards may be told as the sets that they are given as. */
const setsOf = (action: string): readonly string[] =>
  action.startsWith("dashboards:") ? ["folders:edit", "folders:admin", "dashboards:edit", "dashboards:admin"] : [];

const folder = z.looseObject({ parents: z.array(z.looseObject({ uid: z.string() })).nullish() });

/** Our folder and those above it, whose permissions hold in it, too. */
async function readFolders(connection: Connection): Promise<readonly string[]> {
  const found = await readIfTold(connection, `/api/folders/${FOLDER_UID}`, folder);
  return [FOLDER_UID, ...(found?.parents ?? []).map(({ uid }) => uid)];
}

/** Undefined when Grafana does not tell. */
async function readIfTold<T>(connection: Connection, path: string, shape: z.ZodType<T>): Promise<T | undefined> {
  try {
    const answer = await connection.get(path);
    return answer && readShape(shape, answer.body, answer.where);
  } catch (thrown) {
    if (thrown instanceof CollectError && (thrown.reason === "forbidden" || thrown.reason === "unexpected_shape"))
      return;
    throw thrown;
  }
}

/**
 * `*`, `folders:*` and `folders:uid:*` cover `folders:uid:x`; an action without scope, such as before 11, is granted at
 * all.
 */
function covers(scope: string, wanted: string): boolean {
  if (scope === wanted || scope === "" || scope === "*") return true;
  return scope.endsWith("*") && wanted.startsWith(scope.slice(0, -1));
}
