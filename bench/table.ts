import { printAim, printQuantity, printRatio } from "./figures.ts";
import type { Row } from "./report.ts";

const HEADINGS = ["what", "ours", "peer or limit", "ratio", "aim", "note"];

/** The rows as text in columns. */
export function printTable(rows: readonly Row[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

const cellsOf = (row: Row): readonly string[] => [
  row.what,
  printQuantity(row.ours, row.unit),
  againstOf(row),
  row.ratio === undefined ? "" : printRatio(row.ratio),
  aimsOf(row),
  row.note ?? "",
];

/** What a row is compared with, such as `3.2 ms, one ready buffer`; empty when with nothing. */
export const againstOf = ({ against, unit }: Row): string =>
  against === undefined ? "" : `${printQuantity(against.value, unit)}, ${against.name}`;

/** The aims of a row; empty when there is none. */
export const aimsOf = ({ aim, ratio, unit }: Row): string =>
  [...(aim ? [printAim(aim, unit)] : []), ...(ratio?.aim ? [`ratio ${printAim(ratio.aim, "")}`] : [])].join(", ");
