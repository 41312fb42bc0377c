import {
  askQuery,
  placeOf,
  possibleChoices,
  type AskedDashboard,
  type PanelQuery,
  type PanelSource,
} from "./panel-run.ts";

/** What the panels of dashboards showed. */
export interface Shown {
  /** Queries that Prometheus refused, with its words. */
  readonly errors: readonly string[];
  /** Panels by uid and title, of which no query gave a series. */
  readonly empty: readonly PanelQuery[];
  /** Labels that links or legends ask for, and no series has. */
  readonly missing: readonly string[];
}

interface Outcome {
  readonly query: PanelQuery;
  readonly errors: readonly string[];
  readonly series: readonly Readonly<Record<string, string>>[];
}

/**
 * Asks every query of a dashboard as Grafana does: with all that may be chosen, with one value and with several. What
 * it shows is what it shows with everything chosen.
 */
export async function showDashboard(dashboard: AskedDashboard, of: PanelSource): Promise<Shown> {
  const { all, some } = await possibleChoices(dashboard, of);
  const outcomes: Outcome[] = [];
  for (const query of dashboard.queries) {
    const errors = new Set<string>();
    const series: Outcome["series"][number][] = [];
    for (const choices of [...all, ...some])
      try {
        const answer = await askQuery(query, choices, of);
        if (all.includes(choices)) series.push(...answer.series);
      } catch (error) {
        errors.add(`${placeOf(query)}\n  ${String(error)}`);
      }
    outcomes.push({ query, errors: [...errors], series });
  }
  return {
    errors: outcomes.flatMap(({ errors }) => errors),
    empty: outcomes.filter(({ series }) => series.length === 0).map(({ query }) => query),
    missing: outcomes.flatMap(missingIn),
  };
}

/** The labels by which a link leads on are there, or the click leads nowhere. */
function missingIn({ query, series }: Outcome): readonly string[] {
  if (series.length === 0) return [];
  return query.linkLabels
    .filter((label) => !series.some((labels) => (labels[label] ?? "") !== ""))
    .map((label) => `${placeOf(query)}\n  no series has the label ${label}, by which a link leads on`);
}

/** Of the empty queries, those whose panels do not say why. */
export const unexplained = (shown: readonly Shown[]): readonly PanelQuery[] =>
  shown.flatMap(({ empty }) => empty.filter(({ emptyWhen }) => emptyWhen === undefined));
