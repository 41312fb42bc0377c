import { z } from "zod";

const aim = z.strictObject({ is: z.enum(["<", "<=", ">="]), value: z.number() }).readonly();

/** What a figure is to be, in its own unit. */
export type Aim = z.infer<typeof aim>;

const named = {
  /** The lasting name of the figure, unique within the claim; what has none is only told. */
  figure: z.string().optional(),
  aim: aim.optional(),
};

const rowSchema = z
  .strictObject({
    /** What was measured; two blanks at its beginning make it a detail of the row above. */
    what: z.string(),
    /** Of all numbers of the row but the ratio; empty for a share. */
    unit: z.string(),
    ours: z.number(),
    ...named,
    moreIsBetter: z.literal(true).optional(),
    /** The same of a peer or of a limit. */
    against: z.strictObject({ name: z.string(), value: z.number() }).readonly().optional(),
    ratio: z
      .strictObject({ ...named, of: z.enum(["ours / theirs", "theirs / ours"]), value: z.number() })
      .readonly()
      .optional(),
    note: z.string().optional(),
  })
  .readonly();

/** One line of a claim's table. */
export type Row = z.infer<typeof rowSchema>;

/** A report as JSON. */
export const reportSchema = z.strictObject({
  rows: z.array(rowSchema).readonly(),
  /** One line for each figure that was left out, and why. */
  leftOut: z.array(z.string()).readonly(),
  /** Programs and packages that took part beside Watchkeeper, with their versions. */
  peers: z.array(z.string()).readonly(),
});

/** What a bench found. */
export type Report = Readonly<z.infer<typeof reportSchema>>;

/** One performance claim and how it is measured. */
export interface Claim {
  readonly title: string;
  measure(): Promise<Report>;
}

/** A row before it is rounded: a number that could not be measured is NaN, and the ratio is not yet divided. */
export interface Measured extends Omit<Row, "ratio"> {
  readonly ratio?: Omit<NonNullable<Row["ratio"]>, "value">;
}

/** Makes a report of measurements. Numbers are rounded but for whole ones, which are counts; a row whose own number is unknown is left out. */
export function report(measured: readonly Measured[], { leftOut = [], peers = [] }: Partial<Report> = {}): Report {
  const unknown = measured.filter(({ ours }) => !Number.isFinite(ours));
  return {
    rows: measured.filter(({ ours }) => Number.isFinite(ours)).map(finish),
    leftOut: [...leftOut, ...unknown.map(({ figure, what }) => `${figure ?? what.trim()}: this system does not tell`)],
    peers,
  };
}

/** A report without figures: `figures` names those that were left out. */
export const nothing = (figures: string, reason: string): Report => report([], { leftOut: [`${figures}: ${reason}`] });

/** Joins the reports of the pieces of one claim. */
export const joinReports = (reports: readonly Report[]): Report => ({
  rows: reports.flatMap(({ rows }) => rows),
  leftOut: reports.flatMap(({ leftOut }) => leftOut),
  peers: [...new Set(reports.flatMap(({ peers }) => peers))],
});

function finish({ ratio, against, ...row }: Measured): Row {
  const whole = { ...row, ours: rounded(row.ours) };
  if (against === undefined || !Number.isFinite(against.value)) return whole;
  const quotient = ratio?.of === "theirs / ours" ? against.value / row.ours : row.ours / against.value;
  return {
    ...whole,
    against: { ...against, value: rounded(against.value) },
    ...(ratio !== undefined && Number.isFinite(quotient) && { ratio: { ...ratio, value: round(quotient) } }),
  };
}

const rounded = (value: number): number => (Number.isInteger(value) ? value : round(value));

/** Rounds to three digits: more than a noisy machine can promise. */
export const round = (value: number): number => Number(value.toPrecision(3));

/** The middle value; of an even number of values, the upper one of the two in the middle. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError("no values");
  return middle;
}
