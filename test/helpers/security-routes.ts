import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { packageRoot } from "../../src/lib/package.ts";
import { ROUTES, type Authority, type RouteEntry, type RouteGroup } from "../../src/server/route-table.ts";
import type { Trial } from "./security-trial.ts";

/** One method of a line of the table of routes. */
export interface Route extends Omit<RouteEntry, "methods"> {
  readonly method: RouteEntry["methods"][number];
}

const entries: readonly RouteEntry[] = Object.values<RouteGroup>(ROUTES).flatMap((group) => Object.values(group));

/** Everything that the service can be asked, in the order of the paths. */
export const routes: readonly Route[] = entries
  .flatMap(({ methods, ...entry }) => methods.map((method): Route => ({ method, ...entry })))
  .toSorted((a, b) => `${a.path} ${a.method}`.localeCompare(`${b.path} ${b.method}`, "en"));

const PARAMETERS: Readonly<Record<string, string>> = {
  ":source": "main",
  ":alert": "VaultSealed",
  ":id": "1",
  ":uid": "none",
  ":name": "preview.js",
  "*": "1",
};

/** An address of the route; its parameters have likely values, or all the one that is given. */
export const addressOf = ({ path }: Pick<Route, "path">, value?: string): string =>
  path.replaceAll(/:\w+|\*$/g, (name) => value ?? PARAMETERS[name] ?? "1");

/** Who may, with a web configuration and without. */
const WHO: Readonly<Record<Authority, readonly [string, string]>> = {
  reader: ["who has a password or client certificate", "whoever reaches the server"],
  source: ["who has a credential of that source", "the same"],
};

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The table of routes, as `docs/security.md` has it: one row for each path and authority. */
function routesTable(): string {
  const rows = Map.groupBy(routes, ({ path, isLinked }) => `${path} ${isLinked}`);
  return tableOf(
    ["path", "methods", "what for", "who may, with `web_config_file`", "without it", "on another site"],
    [...rows.values()].map((same) => {
      const [{ path, purpose, authority, isLinked }] = same as [Route];
      const methods = same.map(({ method }) => method).join(", ");
      return [`\`${path}\``, methods, purpose, ...WHO[authority], isLinked ? "links" : "nothing"];
    }),
  );
}

const trialsTable = (trials: readonly Trial[]): string =>
  tableOf(
    ["trial", "what was tried", "what happened"],
    trials.map(({ name, tried, happened }) => [name, tried, happened]),
  );

const TABLE = /^\|[^]*?(?=\n\n)/m;

/** The page of the security model with the tables of routes and of trials put in. */
export async function securityPage(
  trials: readonly Trial[],
): Promise<{ readonly path: string; readonly text: string }> {
  const path = join(packageRoot, "docs/security.md");
  const tables = new Map([
    ["Who may do what", routesTable()],
    ["What was tried, and what happened", trialsTable(trials)],
  ]);
  const sections = (await readFile(path, "utf8")).split(/^(?=## )/m).map((section) => {
    const table = tables.get(/^## (.*)/.exec(section)?.[1] ?? "");
    return table === undefined ? section : section.replace(TABLE, () => table);
  });
  return { path, text: await format(sections.join(""), { ...(await resolveConfig(path)), filepath: path }) };
}
