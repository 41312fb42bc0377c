import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { RouteEntry, RouteGroup } from "./route-table.ts";
import type { Query } from "./routes/query-texts.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The line of the table that the route was made of. */
    entry?: RouteEntry;
    /** Of a route for sources: whether the source that this request names has a credential to show. */
    hasCredential?: ((request: FastifyRequest) => boolean) | undefined;
  }
}

/** The parameters that a path has, by name. */
type ParamsOf<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Readonly<Record<Name, string>> & ParamsOf<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? Readonly<Record<Name, string>>
    : P extends `${string}*`
      ? Readonly<Record<"*", string>>
      : unknown;

/** A request of a route with this path. */
type RequestOf<P extends string> = FastifyRequest<{ Params: ParamsOf<P>; Querystring: Query; Body: unknown }>;

type Answer<P extends string> = (request: RequestOf<P>, reply: FastifyReply) => unknown;

interface ReaderRoute<P extends string> {
  readonly handler: Answer<P>;
  /** Bytes of a body; 1 MiB unless given. */
  readonly bodyLimit?: number;
}

/** A route that asks for a credential by itself, before the body is read. */
interface SourceRoute<P extends string> extends ReaderRoute<P> {
  hasCredential(request: RequestOf<P>): boolean;
  /** Answers who has none or a wrong one, and else gives nothing. */
  onRequest(request: RequestOf<P>, reply: FastifyReply): Promise<FastifyReply | undefined>;
}

type HandlerOf<E extends RouteEntry> = E["authority"] extends "source"
  ? SourceRoute<E["path"]>
  : Answer<E["path"]> | ReaderRoute<E["path"]>;

/** A handler for each route of a group. */
export type HandlersOf<G extends RouteGroup> = { readonly [K in keyof G]: HandlerOf<G[K]> };

/** Serves the routes of a group. Throws for one that has no handler. */
export function serveRoutes<G extends RouteGroup>(app: FastifyInstance, group: G, handlers: HandlersOf<G>): void {
  for (const [name, entry] of Object.entries<RouteEntry>(group)) {
    const given: Partial<HandlersOf<RouteGroup>> = handlers;
    const served = given[name];
    if (served === undefined) throw new Error(`${entry.methods.join(", ")} ${entry.path} has no handler`);
    const { handler, hasCredential, ...options }: Partial<SourceRoute<string>> =
      typeof served === "function" ? { handler: served } : served;
    const route = {
      method: [...entry.methods],
      url: entry.path,
      config: { entry, hasCredential },
      handler,
      ...options,
    };
    // the parameters are those of the path
    app.route(route as unknown as RouteOptions);
  }
}

/** Refuses, with an error, every route that is not made of one of these groups; register it before any route. */
export function holdToRoutes(app: FastifyInstance, groups: readonly RouteGroup[]): void {
  const entries = new Set<RouteEntry | undefined>(groups.flatMap((group) => Object.values(group)));
  app.addHook("onRoute", ({ method, url, config }) => {
    if (!entries.has(config?.entry))
      throw new Error(`${[method].flat().join(", ")} ${url} is not in the table of routes: add it, with who may ask`);
  });
}

/** Whether the route itself asks this request for a credential, so that no password is asked for. */
export function hasOwnCredential(request: FastifyRequest): boolean {
  const { entry, hasCredential } = request.routeOptions.config;
  return entry?.authority === "source" && hasCredential?.(request) === true;
}
