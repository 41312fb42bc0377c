import type { FieldCounts, TimeWindow } from "../../core/telemetry.ts";
import { frequent } from "../spans/field-counts.ts";
import type { TempoSession } from "./ask.ts";
import { instant, type InstantSeries } from "./metrics.ts";

/** Values of each attribute that are asked for; fewer when an answer was too large for Tempo's limit on series. */
const TOP_VALUES = [20, 6] as const;

/** What decides on the side, and what differs for each span anyway. */
const MEANINGLESS = /^(?:status|kind|duration|traceDuration|nestedSet\w+|(?:span|trace|event|link):.*)$/;

/** Two sides of one set of spans: those that meet the condition within the window, and all others. */
export interface Comparison {
  /** A set of spans. */
  readonly spans: string;
  /** A set of spans. */
  readonly selection: string;
  /** Where the selection lies. */
  readonly window: TimeWindow;
  /** Where all the spans lie. */
  readonly within: TimeWindow;
  readonly purpose: string;
}

/**
 * Counts the values of all attributes on both sides.
 * Source: https://grafana.com/docs/tempo/latest/metrics-from-traces/metrics-queries/functions/#compare
 */
export async function compare(session: TempoSession, comparison: Comparison): Promise<readonly FieldCounts[]> {
  const { spans, selection, window, within, purpose } = comparison;
  let partial: string | undefined;
  let series: readonly InstantSeries[] = [];
  for (const top of TOP_VALUES) {
    const q = `${spans} | compare(${selection}, ${top}, ${toNanos(window.from)}, ${toNanos(window.to)})`;
    ({ series, partial } = await instant(session, { purpose, q, window: within }));
    if (partial === undefined) break;
  }
  if (partial !== undefined) session.log.note(`Tempo gave a partial answer: ${partial}`);
  return readComparison(series);
}

const toNanos = (at: number): string => `${Math.round(at)}000000`;

type Side = "selection" | "background";
type Tally = Record<Side, number>;

/** An attribute. `told` holds also what is not there, which Tempo counts too. */
interface Sides {
  readonly told: Map<string, Tally>;
  readonly totals: Tally;
}

/** Puts the series of a `compare()` together, attribute by attribute. */
export function readComparison(series: readonly InstantSeries[]): readonly FieldCounts[] {
  const fields = new Map<string, Sides>();
  for (const one of series) {
    const field = Object.keys(one.labels).find((key) => !key.startsWith("__meta_"));
    if (field === undefined) continue;
    const sides = fields.get(field) ?? { told: new Map(), totals: { selection: 0, background: 0 } };
    fields.set(field, sides);
    addSeries(sides, one, one.labels[field] ?? "");
  }
  const all = countAll(fields.get("name"));
  return [...fields]
    .filter(([field]) => !MEANINGLESS.test(field))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, sides]) => readField(field, sides, all))
    .filter(({ values }) => values.length > 0);
}

/** Every span has a name. */
function countAll(names: Sides | undefined): Tally {
  const tallies = [...(names?.told.values() ?? [])];
  // the first releases with compare() gave no totals
  const count = (side: Side): number => names?.totals[side] || tallies.reduce((sum, tally) => sum + tally[side], 0);
  return { selection: count("selection"), background: count("background") };
}

const SIDES: Readonly<Record<string, { readonly side: Side; readonly isTotal: boolean }>> = {
  selection: { side: "selection", isTotal: false },
  selection_total: { side: "selection", isTotal: true },
  baseline: { side: "background", isTotal: false },
  baseline_total: { side: "background", isTotal: true },
};

function addSeries({ told, totals }: Sides, { labels, value }: InstantSeries, text: string): void {
  const found = SIDES[labels["__meta_type"] ?? ""];
  if (found === undefined) return;
  const tally = found.isTotal ? totals : (told.get(text) ?? { selection: 0, background: 0 });
  if (!found.isTotal) told.set(text, tally);
  tally[found.side] += value;
}

function readField(field: string, sides: Sides, all: Tally): FieldCounts {
  const { totals, told } = sides;
  // what the query itself names is counted twice
  const isDouble =
    totals.selection + totals.background > 0 &&
    totals.selection === 2 * all.selection &&
    totals.background === 2 * all.background;
  const by = isDouble ? 2 : 1;
  const unseen = { selection: mostUnseen(sides, "selection"), background: mostUnseen(sides, "background") };
  const values = [...told]
    .filter(([value]) => value !== "nil" && value !== "")
    .map(([value, { selection, background }]) => ({
      value,
      selection: (selection || unseen.selection) / by,
      background: (background || unseen.background) / by,
    }));
  return {
    field,
    selectionTotal: all.selection,
    backgroundTotal: all.background,
    distinct: values.length + Math.max(countUnseen(sides, "selection"), countUnseen(sides, "background")),
    values: frequent(values),
  };
}

/**
 * The least count of a value that a side told, and how many spans it has with others: only the frequent ones are told.
 */
function untold({ told, totals }: Sides, side: Side): { readonly least: number; readonly rest: number } {
  const counts = [...told.values()].map((tally) => tally[side]).filter((count) => count > 0);
  const rest = totals[side] - counts.reduce((sum, count) => sum + count, 0);
  return { least: Math.min(...counts), rest: Math.max(0, rest) };
}

/** How often a value may occur at most that one side did not tell, though the other did: unknown is not zero. */
function mostUnseen(sides: Sides, side: Side): number {
  const { least, rest } = untold(sides, side);
  return Math.min(rest, least);
}

/** How many values a side has at least that it did not tell: none of them is more frequent than those that it told. */
function countUnseen(sides: Sides, side: Side): number {
  const { least, rest } = untold(sides, side);
  return rest === 0 ? 0 : Math.ceil(rest / least);
}
