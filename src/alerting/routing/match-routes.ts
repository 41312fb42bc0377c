import type { TextMap } from "../../core/notification.ts";
import type { Route } from "../../core/routing.ts";

/** Whether a route's own matchers all match; what stands above it is not looked at. */
export const takes = ({ matchers }: Route, labels: TextMap): boolean =>
  matchers.every((matcher) => matcher.matches(labels));

/**
 * The routes that an alert ends at, in the order of the tree. A route that matches hands the alert on to its children
 * and keeps it when none of them matches; the first child that matches is the last one looked at, unless it has
 * `continue`. The root takes every alert, so there is always one.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#route
 */
export function matchRoutes(root: Route, labels: TextMap): readonly Route[] {
  const ends: Route[] = [];
  for (const route of root.routes) {
    if (!takes(route, labels)) continue;
    ends.push(...matchRoutes(route, labels));
    if (!route.continue) break;
  }
  return ends.length > 0 ? ends : [root];
}
