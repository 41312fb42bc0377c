import { oneLine } from "../../lib/text.ts";
import { percent } from "../percent.ts";
import { writeTime } from "./period.ts";
import type { Report, ReportRow } from "./report.ts";
import {
  badInWords,
  countsInWords,
  gapInWords,
  goodInWords,
  incidentInWords,
  leftInWords,
  rowName,
  STATUS,
} from "./words.ts";

/** A report as Markdown: a table of all objectives, then what consumed the budget of each. */
export function reportMarkdown(report: Report): string {
  const { period, rows } = report;
  const table = [
    "| Objective | | Target | Good | Budget left | Bad time | Measured |",
    "|-|-|-|-|-|-|-|",
    ...rows.map(tableRow),
  ];
  return `${[
    `# Service levels: ${plain(period.title)}`,
    `${writeTime(period.bounds.from, period.timeZone)} to ${writeTime(period.bounds.to, period.timeZone)} (${period.timeZone}). ${sentence(countsInWords(report))}`,
    ...(rows.length > 0 ? [table.join("\n")] : []),
    ...rows.flatMap((row) => details(row, period.timeZone)),
  ].join("\n\n")}\n`;
}

function tableRow(row: ReportRow): string {
  const { slo, budget, status } = row;
  const cells = [
    plain(rowName(row)),
    status === "met" ? STATUS.met : `**${STATUS[status]}**`,
    percent(slo.objective),
    goodInWords(budget),
    leftInWords(budget),
    badInWords(budget),
    percent(budget.coverage),
  ];
  return `| ${cells.join(" | ")} |`;
}

function details(row: ReportRow, timeZone: string): string[] {
  const gap = gapInWords(row.budget);
  const incidents = row.incidents.map((incident) => `- ${incidentInWords(incident, timeZone)}`);
  const excluded = row.excluded.map(
    ({ from, to, reason }) => `- ${writeTime(from, timeZone)} to ${writeTime(to, timeZone)}: ${plain(reason)}`,
  );
  const parts = [
    ...(gap === undefined ? [] : [gap]),
    ...(incidents.length === 0 ? [] : [`What consumed most of it:\n\n${incidents.join("\n")}`]),
    ...(excluded.length === 0 ? [] : [`Not counted:\n\n${excluded.join("\n")}`]),
  ];
  if (parts.length === 0) return [];
  const about = plain(row.slo.description);
  return [`## ${plain(rowName(row))}`, ...(about === "" ? [] : [about]), ...parts];
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Foreign text on one line, without what Markdown or the HTML in it would make of its signs. */
const plain = (text: string): string => oneLine(text).replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`);
