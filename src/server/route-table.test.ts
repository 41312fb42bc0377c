import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { createApp, type AppOptions } from "./app.ts";
import { PREVIEW_ROUTES, ROUTES, type RouteEntry, type RouteGroup } from "./route-table.ts";
import { createPreviewApp } from "./routes/preview-app.ts";
import { holdToRoutes, serveRoutes } from "./serve-routes.ts";

const lines = (groups: readonly RouteGroup[]): readonly string[] =>
  groups.flatMap((group) =>
    Object.values(group).flatMap(({ methods, path }) => methods.map((one) => `${one} ${path}`)),
  );

/** The routes that an app has; that of HEAD counts with that of GET. */
async function routesOf(
  create: (watch: (app: FastifyInstance) => void) => FastifyInstance,
): Promise<readonly string[]> {
  const found: string[] = [];
  const app = create((watched) =>
    watched.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) if (one !== "HEAD") found.push(`${one} ${url}`);
    }),
  );
  await app.ready();
  await app.close();
  return found;
}

describe("the table of routes", () => {
  it("is all that a service with every feature serves", async () => {
    // routes are registered whatever is behind them, and none is asked here
    const nothing = {} as never;
    const all: Partial<AppOptions> = {
      packs: [],
      alerting: nothing,
      evidence: nothing,
      slos: nothing,
      preview: nothing,
    };
    const found = await routesOf((guard) => createApp({ ...all, guard } as AppOptions));
    expect(found.toSorted()).toEqual(lines(Object.values(ROUTES)).toSorted());
  });

  it("lets no link of another site lead to what is posted", () => {
    const all: readonly RouteEntry[] = Object.values<RouteGroup>(ROUTES).flatMap((group) => Object.values(group));
    const linked = all.filter(({ isLinked }) => isLinked).flatMap(({ methods }) => methods);
    expect(new Set(linked)).toEqual(new Set(["GET"]));
  });
});

describe("a server that is held to the table", () => {
  function held(): FastifyInstance {
    const app = Fastify();
    onTestFinished(() => app.close());
    holdToRoutes(app, [PREVIEW_ROUTES]);
    return app;
  }

  it("has no route that is not in it, nor one that only looks like it", () => {
    const app = held();
    const refusal = (path: string) => `GET ${path} is not in the table of routes: add it, with who may ask`;
    expect(() => app.get("/secret", () => "told")).toThrow(refusal("/secret"));
    expect(() => app.get("/", () => "told")).toThrow(refusal("/"));
    expect(() => serveRoutes(app, { home: { ...PREVIEW_ROUTES.home } }, { home: () => "told" })).toThrow(refusal("/"));
    expect(() => serveRoutes(app, PREVIEW_ROUTES, { home: () => "told" })).not.toThrow();
  });

  it("does not start with a line of it that has no handler", () => {
    const app = held();
    expect(() => serveRoutes(app, PREVIEW_ROUTES, {} as never)).toThrow("GET / has no handler");
  });
});

it("is kept by the server of `watchkeeper preview`", async () => {
  const app = createPreviewApp({ dashboards: new Map() } as never);
  onTestFinished(() => app.close());
  for (const line of lines([PREVIEW_ROUTES, ROUTES.dashboards])) {
    const url = (line.split(" ")[1] ?? "").replaceAll(/:\w+/g, "none");
    const ask = async (headers: Readonly<Record<string, string>>) => (await app.inject({ url, headers })).statusCode;
    expect([url, await ask({ host: "rebound.evil.example.org" })]).toEqual([url, 421]);
    expect([url, await ask({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })]).toEqual([url, 403]);
    expect([url, await ask({})]).toEqual([url, expect.toBeOneOf([200, 302, 404])]);
  }
  const other = lines(Object.values(ROUTES)).filter((line) => !lines([ROUTES.dashboards]).includes(line));
  for (const line of other.filter((one) => one !== "GET /")) {
    const [method, path = ""] = line.split(" ");
    const { statusCode } = await app.inject({ method: method as "GET", url: path.replaceAll(/:\w+|\*/g, "none") });
    expect([line, statusCode]).toEqual([line, 404]);
  }
});
