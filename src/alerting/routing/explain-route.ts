import { DateTime } from "luxon";
import { printLabel, printMatcher } from "../../core/label-matcher.ts";
import type { TextMap } from "../../core/notification.ts";
import type { Route, TimeInterval } from "../../core/routing.ts";
import { heldUntil, holdAt, HORIZON, type Hold } from "./held-until.ts";
import { matchRoutes, takes } from "./match-routes.ts";

/** One route that was looked at, or passed over; plain data, in the order of the tree. */
interface RouteStep {
  readonly route: string;
  /** 0 for the root. */
  readonly depth: number;
  readonly outcome: "matched" | "not_matched" | "not_looked_at";
  /** The alert ends here. */
  readonly isEnd: boolean;
  /** The route's own matchers; `found` is absent when the alert has no such label. */
  readonly matchers: readonly { matcher: string; matched: boolean; label: string; found?: string | undefined }[];
}

/** One route that the alert ends at, and what that means. */
interface RouteEnd {
  readonly route: string;
  readonly destinations: readonly string[];
  /** Absent when the sender's grouping is kept. */
  readonly groupBy?: readonly string[] | undefined;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  /** Absent when nothing is held back at the moment. */
  readonly heldUntil?: Date | undefined;
  /** Why, and until when by the clock of the interval's place. */
  readonly heldBecause?: string | undefined;
}

/** The way of an alert through the routes. */
export interface RouteExplanation {
  readonly labels: TextMap;
  readonly steps: readonly RouteStep[];
  readonly ends: readonly RouteEnd[];
}

/** Explains where an alert with these labels goes, and whether its messages are held back at a moment. */
export function explainRoute(
  root: Route,
  labels: TextMap,
  { timeIntervals, at }: { readonly timeIntervals: readonly TimeInterval[]; readonly at: Date },
): RouteExplanation {
  const ends = matchRoutes(root, labels);
  return {
    labels,
    steps: stepsOf(root, 0, labels, ends),
    ends: ends.map((route) => {
      const { id, destinations, groupBy, muteTimeIntervals, activeTimeIntervals } = route;
      const hold = holdAt(route, timeIntervals, at);
      const until = heldUntil(route, timeIntervals, at);
      const heldBecause = hold && until && because(hold, at, until);
      return {
        route: id,
        destinations,
        groupBy,
        muteTimeIntervals,
        activeTimeIntervals,
        heldUntil: until,
        heldBecause,
      };
    }),
  };
}

function stepsOf(route: Route, depth: number, labels: TextMap, ends: readonly Route[]): readonly RouteStep[] {
  const step = (of: Route, at: number, outcome: RouteStep["outcome"]): RouteStep => ({
    route: of.id,
    depth: at,
    outcome,
    isEnd: ends.includes(of),
    matchers: of.matchers.map((matcher) => ({
      matcher: printMatcher(matcher),
      matched: matcher.matches(labels),
      label: matcher.label,
      found: Object.hasOwn(labels, matcher.label) ? labels[matcher.label] : undefined,
    })),
  });
  const last = route.routes.find((child) => takes(child, labels) && !child.continue);
  const looked = last === undefined ? route.routes.length : route.routes.indexOf(last) + 1;
  return [
    step(route, depth, "matched"),
    ...route.routes.flatMap((child, i) => {
      if (i >= looked) return [step(child, depth + 1, "not_looked_at")];
      if (!takes(child, labels)) return [step(child, depth + 1, "not_matched")];
      return stepsOf(child, depth + 1, labels, ends);
    }),
  ];
}

function because(hold: Hold, at: Date, until: Date): string {
  const intervals = hold.kind === "mute" ? [hold.interval] : hold.intervals;
  const zone = intervals.flatMap(({ ranges }) => ranges.map(({ location }) => location))[0] ?? "UTC";
  const end = `${DateTime.fromJSDate(until, { zone }).toFormat("yyyy-MM-dd HH:mm")} ${zone}`;
  const howLong = until.getTime() - at.getTime() < HORIZON ? `until ${end}` : "for more than a year";
  const names = intervals.map(({ name }) => name).join(", ");
  return hold.kind === "mute" ? `${howLong}: in ${names}` : `${howLong}: outside of ${names}`;
}

/** Prints an explanation for people. */
export function printExplanation({ labels, steps, ends }: RouteExplanation): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${printLabel(label)}=${JSON.stringify(value)}`);
  return [
    `Labels: ${pairs.join(", ") || "none"}`,
    "",
    ...steps.map((step) => `${"  ".repeat(step.depth)}${stepText(step)}${step.isEnd ? "   <- ends here" : ""}`),
    ...ends.flatMap((end) => ["", ...endLines(end)]),
  ].join("\n");
}

function stepText({ depth, outcome, matchers }: RouteStep): string {
  if (depth === 0) return "root: takes every alert";
  const own = matchers.length === 0 ? "no matchers" : matchers.map(({ matcher }) => matcher).join(", ");
  if (outcome === "not_looked_at") return `skip ${own}: an earlier route beside it matched and has no \`continue\``;
  if (outcome === "matched") return `yes  ${own}`;
  const missed = matchers.filter(({ matched }) => !matched);
  const reasons = missed.map(({ label, found }) =>
    found === undefined ? `there is no label ${label}` : `${label} is ${JSON.stringify(found)}`,
  );
  return `no   ${own}: ${[...new Set(reasons)].join(", ")}`;
}

function endLines({ route, destinations, groupBy, heldBecause, ...intervals }: RouteEnd): readonly string[] {
  const { muteTimeIntervals: mute, activeTimeIntervals: active } = intervals;
  const grouping =
    groupBy === undefined ? "as the sender groups" : groupBy.length === 0 ? "all in one" : `by ${groupBy.join(", ")}`;
  const named = [...mute.map((name) => `mute ${name}`), ...active.map((name) => `active ${name}`)].join(", ");
  return [
    `Told at ${destinations.join(", ")}`,
    `  route:  ${route}`,
    `  groups: ${grouping}`,
    ...(named === "" ? [] : [`  times:  ${named}`]),
    `  now:    ${heldBecause === undefined ? "sent at once" : `new messages wait ${heldBecause}`}`,
  ];
}
