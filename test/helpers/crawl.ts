import type { FastifyInstance } from "fastify";
import { packs } from "../../src/collectors/index.ts";
import { createApp } from "../../src/server/app.ts";
import { pino } from "pino";

/** Most addresses that are asked of one route: the others differ in what comes with Watchkeeper. */
const MOST_OF_ROUTE = 3;

/** Every route for GET that the server has when all sections are configured, such as `/alerts/:id`. */
async function getRoutes(): Promise<readonly string[]> {
  const found = new Set<string>();
  const guard = (app: FastifyInstance): void => {
    app.addHook("onRoute", ({ method, url }) => {
      if ([method].flat().includes("GET")) found.add(url);
    });
  };
  // routes are made without asking what they will serve
  const none = {} as never;
  const app = createApp({
    runtime: none,
    exposition: none,
    packs,
    log: pino({ enabled: false }),
    alerting: { receiver: none, source: () => none } as never,
    evidence: none,
    slos: none,
    preview: none,
    guard,
  });
  await app.ready();
  await app.close();
  return [...found];
}

/**
 * Asks every route that there is: those with a parameter at the addresses that pages and answers name, or at one that
 * is not there. `ask` gives the text of an answer. Gives all paths that were asked.
 */
export async function crawl(ask: (path: string) => Promise<string>): Promise<readonly string[]> {
  const routes = await getRoutes();
  const asked = new Map<string, string[]>(routes.map((route) => [route, []]));
  const visit = async (path: string): Promise<void> => {
    const route = routeOf(path, routes);
    const paths = route === undefined ? undefined : asked.get(route);
    if (paths === undefined || paths.includes(path) || paths.length >= MOST_OF_ROUTE) return;
    paths.push(path);
    for (const link of linksIn(await ask(path))) await visit(link);
  };
  for (const route of routes.filter((one) => !/[:*]/.test(one))) await visit(route);
  for (const [route, paths] of asked) {
    if (paths.length === 0) await visit(route.replace(/:[a-z]+/gi, "nothing").replace("*", "nothing"));
  }
  return [...asked.values()].flat();
}

function routeOf(path: string, routes: readonly string[]): string | undefined {
  const plain = path.split("?", 1)[0] ?? path;
  const fitting = routes.filter((route) =>
    new RegExp(
      `^${route
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replace(/:[a-z]+/gi, "[^/]+")
        .replace("*", ".+")}$`,
    ).test(plain),
  );
  return fitting.find((route) => route === plain) ?? fitting[0];
}

/** Paths of this server in a page or in JSON. */
const linksIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:href|src|action)="(\/[^"/][^"]*|\/)"/g)].map(([, path = ""]) =>
    path.replaceAll("&amp;", "&").replace(/#.*$/, ""),
  );
