import type { Route } from "../../core/routing.ts";

/** Every route of a tree by its id. */
export function routesById(root: Route): ReadonlyMap<string, Route> {
  const all = (route: Route): readonly Route[] => [route, ...route.routes.flatMap(all)];
  return new Map(all(root).map((route) => [route.id, route]));
}
