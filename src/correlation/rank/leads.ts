import { mapInSteps, type Steps } from "../../lib/steps.ts";

/** Longer traces are followed no further; what arises first stands in front. */
const MOST_OF_TRACE = 50;
const MOST_TRACES = 50_000;
const TRACES_PER_STEP = 500;

/** Follows patterns through traces, to tell which of them comes first. */
export interface Leads {
  /** Takes note of a line; in the order of time. */
  see(traceId: string, pattern: number, at: number): void;
  /**
   * Of the traces that have a group of patterns, the share in which no other group is before it; `groups` gives the
   * group of each pattern that counts. A failure is told first where it arises, and then by each who asked; so the
   * group that leads is the nearest to the cause.
   */
  among(groups: ReadonlyMap<number, number>): Steps<ReadonlyMap<number, number>>;
}

/** Begins to follow. */
export function createLeads(): Leads {
  const traces = new Map<string, { readonly pattern: number; readonly at: number }[]>();
  return {
    see: (traceId, pattern, at) => {
      const lines = traces.get(traceId);
      if (lines === undefined && traces.size < MOST_TRACES) traces.set(traceId, [{ pattern, at }]);
      else if (lines !== undefined && lines.length < MOST_OF_TRACE) lines.push({ pattern, at });
    },
    *among(groups) {
      const counts = new Map<number, { traces: number; first: number }>();
      yield* mapInSteps([...traces.values()], TRACES_PER_STEP, (lines) => {
        const meant = lines.flatMap(({ pattern, at }) => {
          const group = groups.get(pattern);
          return group === undefined ? [] : [{ group, at }];
        });
        const firstAt = meant[0]?.at;
        const first = new Set(meant.filter(({ at }) => at === firstAt).map(({ group }) => group));
        for (const group of new Set(meant.map((line) => line.group))) {
          const count = counts.get(group) ?? { traces: 0, first: 0 };
          counts.set(group, { traces: count.traces + 1, first: count.first + Number(first.has(group)) });
        }
      });
      return new Map([...counts].map(([group, count]) => [group, count.first / count.traces]));
    },
  };
}
