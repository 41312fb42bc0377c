import { oneLine } from "../../lib/text.ts";
import { percent } from "../percent.ts";
import { writeTime } from "./period.ts";
import type { Report, ReportRow } from "./report.ts";
import {
  badInWords,
  baseInWords,
  countsInWords,
  exclusionsInWords,
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
  const excluded = exclusionsInWords(report).map((line) => `- ${plain(line)}`);
  const base = baseInWords(report);
  const table = [
    "| Objective | | Target | Good | Budget left | Bad time | Measured |",
    "|-|-|-|-|-|-|-|",
    ...rows.map(tableRow),
  ];
  return `${[
    `# Service levels: ${plain(period.title)}`,
    `${writeTime(period.bounds.from, period.timeZone)} to ${writeTime(period.bounds.to, period.timeZone)} (${period.timeZone}). ${sentence(countsInWords(report))}`,
    ...(rows.length > 0 ? [table.join("\n")] : []),
    ...(base === undefined ? [] : [plain(base)]),
    ...rows.flatMap((row) => details(row, period.timeZone)),
    ...(excluded.length === 0 ? [] : ["## Not counted", excluded.join("\n")]),
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
  const gap = gapInWords(row);
  const incidents = row.incidents.map((incident) => `- ${incidentInWords(incident, timeZone)}`);
  const parts = [
    ...(gap === undefined ? [] : [gap]),
    ...(incidents.length === 0 ? [] : [`What consumed most of it:\n\n${incidents.join("\n")}`]),
  ];
  if (parts.length === 0) return [];
  const about = plain(row.slo.description);
  return [`## ${plain(rowName(row))}`, ...(about === "" ? [] : [about]), ...parts];
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Foreign text on one line, without what Markdown or the HTML in it would make of its signs. */
const plain = (text: string): string => oneLine(text).replaceAll(/[\\`*_[\]<>|#]/g, String.raw`\$&`);
