import pLimit from "p-limit";
import { inSeconds, seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { HttpStatusError } from "../../lib/http/client.ts";
import type {
  ResolvedDashboard,
  ResolvedPanel,
  ResolvedQuery,
  ResolvedSignals,
  ResolvedVariable,
} from "../../dashboards/resolved.ts";
import { fill, rateInterval, type Chosen } from "./fill.ts";
import { seriesFor, type PanelSeries } from "./series.ts";
import type { Answered, PreviewSource, TimeRange } from "./source.ts";

export type { ResolvedDashboard, ResolvedPanel, ResolvedSignals, ResolvedVariable };

/** Dashboards and whom their panels ask. */
export interface Preview {
  readonly dashboards: ReadonlyMap<string, ResolvedDashboard>;
  readonly source: PreviewSource;
}

/** What a panel is asked for. */
export interface PanelQuestion extends TimeRange {
  /** Seconds. */
  readonly step: number;
  readonly chosen: Chosen;
}

/** What a panel shows: plain JSON. */
export interface PanelAnswer {
  /** Unix seconds; one only where a panel shows nothing but the newest values. */
  readonly times: readonly number[];
  readonly series: readonly PanelSeries[];
  /** Sentences about what is not shown or not complete. */
  readonly notes: readonly string[];
}

/** A question that has no answer, as a sentence. */
export class PreviewFault extends Error {
  override readonly name = "PreviewFault";
  readonly status: 400 | 404 | 502;

  constructor(status: PreviewFault["status"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** What the preview asks at most; that there are more series is said. `values` are the choices of a variable. */
export const PREVIEW_BOUNDS = { timeout: seconds(15), series: 100, values: 500, points: 2_000 } as const;

/** A Prometheus of which nothing more is known is taken to scrape as often as Grafana thinks it does. */
const SCRAPE_INTERVAL = inSeconds(seconds(15));
/** Queries at a time, over all that look. */
const limit = pLimit(8);

/** The dashboard of a uid, or `PreviewFault`. */
export function dashboardOf({ dashboards }: Preview, uid: string): ResolvedDashboard {
  const found = dashboards.get(uid);
  if (found === undefined) throw new PreviewFault(404, "There is no dashboard of this uid; see /dashboards.");
  return found;
}

/** Asks what a panel shows. Throws `PreviewFault`. */
export async function readPanel(
  preview: Preview,
  { uid, id }: { readonly uid: string; readonly id: number },
  question: PanelQuestion,
): Promise<PanelAnswer> {
  const dashboard = dashboardOf(preview, uid);
  const panel = dashboard.rows.flatMap(({ panels }) => panels).find((each) => each.id === id);
  if (panel?.kind !== "signals")
    throw new PreviewFault(404, "This dashboard has no panel of this id that asks Prometheus.");
  const filled = { ...spaced(panel, question), chosen: checked(dashboard.variables, question.chosen) };
  const times = timesOf(panel, filled);
  const answers = await Promise.all(
    panel.queries.map(async (query) => ({
      query,
      answer: await asking((signal) => askQuery(preview.source, { panel, query, dashboard, question: filled, signal })),
    })),
  );
  const context = { panel, times, dashboards: preview.dashboards };
  return {
    times,
    series: answers.flatMap(({ query, answer }) => seriesFor(query, answer, context)),
    notes: [...new Set(answers.flatMap(({ answer }) => notesOf(answer)))],
  };
}

const LABEL_VALUES = /^label_values\((.*), *(\w+)\)$/s;

/** The choices of a variable. Throws `PreviewFault`. */
export async function readVariable(
  preview: Preview,
  { uid, name }: { readonly uid: string; readonly name: string },
  { from, to, chosen }: Omit<PanelQuestion, "step">,
): Promise<readonly string[]> {
  const { variables } = dashboardOf(preview, uid);
  const index = variables.findIndex((variable) => variable.name === name);
  const [, selector, label] = LABEL_VALUES.exec(variables[index]?.query ?? "") ?? [];
  if (selector === undefined || label === undefined)
    throw new PreviewFault(404, "This dashboard has no variable of this name.");
  const before = { variables: variables.slice(0, index), chosen, rateInterval: rateInterval(0, SCRAPE_INTERVAL) };
  return asking((signal) => preview.source.labelValues(fill(selector, before), label, { from, to }, signal));
}

/** Whether a panel is drawn over time, or shows only what is now. */
const isOverTime = ({ view }: ResolvedSignals): boolean => view === "timeseries" || view === "state-timeline";

/** With no smaller step than the panel has, so that the last point is the newest. */
function spaced({ leastStep = 0 }: ResolvedSignals, question: PanelQuestion): PanelQuestion {
  const { from, to, step } = question;
  return leastStep <= step
    ? question
    : { ...question, from: to - Math.floor((to - from) / leastStep) * leastStep, step: leastStep };
}

function timesOf(panel: ResolvedSignals, { from, to, step }: PanelQuestion): readonly number[] {
  if (!isOverTime(panel)) return [to];
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}

interface Asked {
  readonly panel: ResolvedSignals;
  readonly query: ResolvedQuery;
  readonly dashboard: ResolvedDashboard;
  readonly question: PanelQuestion;
  readonly signal: AbortSignal;
}

function askQuery(source: PreviewSource, { panel, query, dashboard, question, signal }: Asked): Promise<Answered> {
  const { chosen, step, to } = question;
  const window = rateInterval(step, SCRAPE_INTERVAL);
  const promql = fill(query.expr, { variables: dashboard.variables, chosen, rateInterval: window });
  return isOverTime(panel) ? source.range(promql, question, signal) : source.instant(promql, to, signal);
}

/** Throws for a variable of one value that has none: its panels would show nothing, without a word. */
function checked(variables: readonly ResolvedVariable[], chosen: Chosen): Chosen {
  const missing = variables.find(({ name, multiple }) => !multiple && chosen[name]?.[0] === undefined);
  if (missing !== undefined) throw new PreviewFault(400, `Nothing is chosen at "${missing.title}".`);
  return chosen;
}

async function asking<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await limit(() => work(AbortSignal.timeout(PREVIEW_BOUNDS.timeout)));
  } catch (thrown) {
    if (!(thrown instanceof CollectError)) throw thrown;
    const said = thrown instanceof HttpStatusError ? thrown.said : "";
    throw new PreviewFault(
      502,
      said === "" ? `Prometheus gave no answer: ${thrown.message}` : `Prometheus says: ${said}`,
      { cause: thrown },
    );
  }
}

const notesOf = ({ isCut, warnings }: Answered): readonly string[] => [
  ...(isCut ? [`There are more series; the first ${PREVIEW_BOUNDS.series} are shown.`] : []),
  ...warnings,
];
