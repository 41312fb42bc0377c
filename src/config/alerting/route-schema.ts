import { z } from "zod";
import { printMatcher, type LabelMatcher } from "../../core/label-matcher.ts";
import type { Route } from "../../core/routing.ts";
import { matchersField } from "./matcher-field.ts";

/** A route as it is written; what is absent is taken over from the route above it, as far as that is said to happen. */
export interface RouteEntry {
  readonly matchers?: readonly LabelMatcher[] | undefined;
  readonly destinations?: readonly string[] | undefined;
  readonly group_by?: readonly string[] | undefined;
  readonly continue: boolean;
  readonly mute_time_intervals?: readonly string[] | undefined;
  readonly active_time_intervals?: readonly string[] | undefined;
  readonly routes?: readonly RouteEntry[] | undefined;
}

const intervals = (help: string) => z.array(z.string()).min(1).optional().describe(help);

/** A route and, below it, any number of others. It is one value, because JSON Schema has it under one name. */
export const routeSchema: z.ZodType<RouteEntry> = z
  .strictObject({
    matchers: matchersField()
      .optional()
      .describe(
        'Conditions on an alert\'s labels, all of which must match, as Alertmanager writes them: `severity="critical"`, `team=~"infra|db"`, `!=`, `!~`. The root takes every alert and has none.',
      ),
    destinations: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        "Names of the destinations that are told; those of the route above unless given. The root must have one.",
      ),
    group_by: z
      .array(
        z
          .string()
          .min(1, "must name a label")
          .refine((label) => label !== "...", "leave `group_by` out instead: then the sender's own grouping is kept"),
      )
      .optional()
      .describe(
        "Labels by which alerts are grouped anew; an empty list makes one group of all. Unless given, as the route above, or else as the sender grouped them.",
      ),
    continue: z
      .boolean()
      .default(false)
      .describe("Whether an alert that matched here is also offered to the next route beside this one."),
    mute_time_intervals: intervals(
      "Names of intervals during which this route's new messages wait; they are sent when it ends. Not taken over by the routes below.",
    ),
    active_time_intervals: intervals(
      "Names of intervals outside of which this route's new messages wait. Not taken over by the routes below.",
    ),
    get routes() {
      return z.array(routeSchema).optional().meta({
        id: "routes",
        title: "list of routes",
        description:
          "Routes below this one, with the same keys. An alert goes to the first that matches, and deeper; when none does it stays here.",
      });
    },
  })
  .meta({ id: "route" });

/** Builds the tree: gives each route its id, and what it takes over from the one above it. */
export const buildRoute = (root: RouteEntry): Route => build(root, "{}", { destinations: [] });

function build(entry: RouteEntry, id: string, above: Pick<Route, "destinations" | "groupBy">): Route {
  const taken = {
    destinations: entry.destinations ?? above.destinations,
    groupBy: entry.group_by ?? above.groupBy,
  };
  const { matchers = [], mute_time_intervals = [], active_time_intervals = [], routes = [] } = entry;
  const ids = new Map<string, number>();
  return {
    id,
    matchers,
    continue: entry.continue,
    ...taken,
    muteTimeIntervals: mute_time_intervals,
    activeTimeIntervals: active_time_intervals,
    routes: routes.map((child) => {
      const own = `${id}/${matchersText(child)}`;
      const count = (ids.get(own) ?? 0) + 1;
      ids.set(own, count);
      return build(child, count === 1 ? own : `${own}+${count}`, taken);
    }),
  };
}

/** In one order, so that a route whose matchers are moved about stays the same. */
const matchersText = ({ matchers = [] }: RouteEntry): string => `{${matchers.map(printMatcher).toSorted().join(",")}}`;
