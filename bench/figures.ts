import type { Aim, Row } from "./report.ts";

/** A number of a row under its lasting name. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** Empty for a ratio or a share. */
  readonly unit: string;
  readonly aim: Aim | undefined;
  readonly isRatio: boolean;
  readonly moreIsBetter: boolean;
}

/** The figures of a claim's rows, in their order. */
export const figuresOf = (rows: readonly Row[]): readonly Figure[] =>
  rows.flatMap(({ figure, ours, unit, aim, ratio, moreIsBetter = false }) => [
    ...(figure === undefined ? [] : [{ name: figure, value: ours, unit, aim, isRatio: false, moreIsBetter }]),
    ...(ratio?.figure === undefined
      ? []
      : [
          {
            name: ratio.figure,
            value: ratio.value,
            unit: "",
            aim: ratio.aim,
            isRatio: true,
            moreIsBetter: (ratio.of === "ours / theirs") === moreIsBetter,
          },
        ]),
  ]);

/** The figures by their names. */
export const figureValues = (rows: readonly Row[]): Readonly<Record<string, number>> =>
  Object.fromEntries(figuresOf(rows).map(({ name, value }) => [name, value]));

/** Whether a figure is what it is to be. */
export function isMet(value: number, { is, value: bound }: Aim): boolean {
  if (is === ">=") return value >= bound;
  return is === "<" ? value < bound : value <= bound;
}

/** A number as people read it: with its thousands apart. */
export const printNumber = (value: number): string => value.toLocaleString("en-GB", { maximumFractionDigits: 6 });

/** A number with its unit. */
export const printQuantity = (value: number, unit: string): string => `${printNumber(value)} ${unit}`.trimEnd();

/** An aim as people read it, such as `< 10 ms`. */
export const printAim = ({ is, value }: Aim, unit: string): string => `${is} ${printQuantity(value, unit)}`;

/** How ours is to theirs: 0.5 is half of it, 1/20 a twentieth. */
export const printRatio = ({ of, value }: NonNullable<Row["ratio"]>): string =>
  of === "ours / theirs" ? printNumber(value) : `1/${printNumber(value)}`;
