import type { estypes } from "@elastic/elasticsearch";
import type { LogField } from "../../core/evidence-config.ts";
import type { TelemetryFilter, TimeWindow } from "../../core/telemetry.ts";
import type { Profile, ProfileField } from "./profile.ts";

type Query = estypes.QueryDslQueryContainer;

/** The conditions of a filter, or why nothing can be asked with it. */
export type Filtered =
  | { readonly conditions: readonly Query[]; readonly notes: readonly string[] }
  | { readonly conditions: undefined; readonly notes: readonly string[] };

/**
 * A line belongs when its service, pod or host is one of those named; when none is named, each one of the namespaces.
 * With namespaces its namespace must be one of them, or not be known. What no field can tell is left out and told; a
 * filter of which nothing is left finds nothing, never everything.
 */
export function filterQuery(filter: TelemetryFilter, profile: Profile): Filtered {
  const { services, pods, hosts, namespaces } = filter;
  const named = [naming("service", services), naming("pod", pods), naming("host", hosts)].filter(
    ({ values }) => values.length > 0,
  );
  const notes = named
    .filter(({ meaning }) => profile[meaning].length === 0)
    .map(
      ({ meaning, values }) =>
        `no field names the ${meaning} of a line, so that ${values.join(", ")} could not be asked for`,
    );
  const things = named.flatMap(({ meaning, values }) => profile[meaning].flatMap((field) => oneOf(field, values)));
  const spaces = profile.namespace.flatMap((field) => oneOf(field, namespaces));
  if (named.length > 0) {
    if (things.length === 0) return { conditions: undefined, notes };
    return {
      conditions: [any(things), ...(spaces.length === 0 ? [] : [any([...spaces, unknown(profile.namespace)])])],
      notes,
    };
  }
  if (spaces.length > 0) return { conditions: [any(spaces)], notes };
  return {
    conditions: undefined,
    notes: [
      namespaces.length === 0
        ? "nothing was asked: no service, pod, host or namespace is named"
        : "no field names the namespace of a line, so that nothing could be asked for",
    ],
  };
}

const naming = (meaning: Extract<LogField, "service" | "pod" | "host">, values: readonly string[]) => ({
  meaning,
  values,
});

/** A field that has one of the values. */
export function oneOf({ name, kind, term }: ProfileField, values: readonly string[]): readonly Query[] {
  if (values.length === 0) return [];
  if (term !== undefined) return [{ terms: { [term]: [...values] } }];
  if (kind === "text") return values.map((value) => ({ match_phrase: { [name]: value } }));
  // of several types: what is no number finds nothing there, instead of failing
  return values.map((value) => ({ match: { [name]: { query: value, operator: "and", lenient: true } } }));
}

/** Any of the conditions. */
export const any = (should: readonly Query[]): Query => ({ bool: { should: [...should], minimum_should_match: 1 } });

const unknown = (fields: readonly ProfileField[]): Query => ({
  bool: { must_not: fields.map(({ name }) => ({ exists: { field: name } })) },
});

/** Lines of a window, its end not included. */
export const within = (timestamp: string, { from, to }: TimeWindow): Query => ({
  range: {
    [timestamp]: {
      gte: new Date(from).toISOString(),
      lt: new Date(to).toISOString(),
      format: "strict_date_optional_time",
    },
  },
});
