/** One line of a bench's table. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  /** The peer's or the limit's figure; an aim is written as `aim <= 10 ms`. */
  readonly against: string;
  readonly ratio?: string;
}

/** What a bench found. */
export interface Report {
  readonly rows: readonly Row[];
  /** The figures by their lasting names; what could not be measured is absent. */
  readonly figures: Readonly<Record<string, number>>;
  /** One line for each figure that was left out, and why. */
  readonly skipped: readonly string[];
}

/** One performance claim and how it is measured. */
export interface Claim {
  readonly title: string;
  measure(): Promise<Report>;
}

/** Joins the reports of the pieces of one claim. */
export const joinReports = (reports: readonly Report[]): Report => ({
  rows: reports.flatMap(({ rows }) => rows),
  figures: Object.assign({}, ...reports.map(({ figures }) => figures)) as Report["figures"],
  skipped: reports.flatMap(({ skipped }) => skipped),
});

/** The rows as text in columns. */
export function printTable(rows: readonly Row[]): string {
  const cells = [
    ["what", "ours", "peer or limit", "ratio"],
    ...rows.map(({ what, ours, against, ratio }) => [what, ours, against, ratio ?? ""]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** The middle value; of an even number of values, the upper one of the two in the middle. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError("no values");
  return middle;
}

/** Rounds a figure for the report: three digits are more than a noisy machine can promise. */
export const round = (value: number): number => Number(value.toPrecision(3));
