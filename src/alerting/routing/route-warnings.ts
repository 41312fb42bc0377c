import type { AlertingConfig } from "../../core/alerting-config.ts";
import { printMatcher } from "../../core/label-matcher.ts";
import type { Destination } from "../../core/notifier.ts";
import type { Route } from "../../core/routing.ts";

/** What is allowed in a configuration of alerting, but hardly meant: a sentence each. */
export function routeWarnings(config: AlertingConfig): readonly string[] {
  const { destinations, route, fallback, timeIntervals } = config;
  const routes = allRoutes(route);
  const told = new Set([...fallback, ...routes.filter(mayKeep).flatMap((one) => one.destinations)]);
  const used = new Set(routes.flatMap((one) => [...one.muteTimeIntervals, ...one.activeTimeIntervals]));
  return [
    ...destinations
      .filter(({ name }) => !told.has(name))
      .map(({ name }) => `destination ${name} is never told anything: no route leads there, and it is no fallback`),
    ...routes.flatMap(shadowed),
    ...destinations.filter(({ policy }) => policy.isKeyedByGroup).flatMap((one) => meeting(one, config)),
    ...timeIntervals.filter(({ name }) => !used.has(name)).map(({ name }) => `no route uses the time interval ${name}`),
  ];
}

/** Groups with one key that meet at a destination which can not tell them apart. */
function meeting({ name }: Destination, { sources, route }: AlertingConfig): readonly string[] {
  const keeping = allRoutes(route).filter(
    (one) => mayKeep(one) && one.groupBy === undefined && one.destinations.includes(name),
  );
  const meet = [
    ...(keeping.length > 1 ? [`${keeping.length} routes that keep the sender's grouping`] : []),
    ...(keeping.length > 0 && sources.length > 1 ? [`${sources.length} sources`] : []),
  ];
  return meet.map(
    (who) =>
      `${who} lead to ${name}, which tells groups apart by the sender's key alone: groups of one key are one incident there, closed by the first that is over`,
  );
}

const allRoutes = (route: Route): readonly Route[] => [route, ...route.routes.flatMap(allRoutes)];

/** Whether an alert may end at the route: not when a route below it takes every alert. */
const mayKeep = ({ routes }: Route): boolean => routes.every(({ matchers }) => matchers.length > 0);

/** Routes that no alert comes to, because one before them takes all that they would and does not go on. */
function shadowed({ routes }: Route): readonly string[] {
  return routes.flatMap((route, i) => {
    const texts = new Set(route.matchers.map(printMatcher));
    const before = routes
      .slice(0, i)
      .find((one) => !one.continue && one.matchers.every((matcher) => texts.has(printMatcher(matcher))));
    if (before === undefined) return [];
    return [`route ${route.id} is never come to: ${before.id} takes its alerts first and has no \`continue\``];
  });
}
