import { format } from "prettier";
import { figuresOf, isMet, printAim, printNumber, printQuantity, printRatio } from "../figures.ts";
import { WORSE } from "../gate.ts";
import type { Aim, Row } from "../report.ts";
import { measuredClaims, RESULTS_FILE, type ClaimResult, type MeasuredClaim, type Results } from "../results.ts";
import { againstOf } from "../table.ts";
import { comparable, drawBars } from "./bars.ts";

/** The page of the results, from the folder of the repository. */
export const PAGE = "docs/benchmarks.md";
/** Before the name of the claim of a picture, from the folder of the repository. */
export const PICTURES = "docs/images/bench-";

/** The page and its pictures: texts by the paths of their files, from the folder of the repository. */
export async function makePage(results: Results): Promise<Readonly<Record<string, string>>> {
  const pictures = measuredClaims(results).flatMap(([name, { rows }]) => {
    const drawn = comparable(rows);
    return drawn.length === 0 ? [] : [[`${PICTURES}${name}.svg`, drawBars(drawn)] as const];
  });
  const markdown = [
    introduction(results),
    ...Object.entries(results.claims).map(([name, claim]) => section(name, claim)),
  ].join("\n");
  return Object.fromEntries([[PAGE, await format(markdown, { parser: "markdown", printWidth: 120 })], ...pictures]);
}

function introduction(results: Results): string {
  const { machine, date, commit, changed } = results;
  return `# Benchmarks

Each claim of speed or size has a bench of its own, which measures a peer or a limit in the same run. This page is written by
\`npm run bench -- page\` from [\`${RESULTS_FILE}\`](../${RESULTS_FILE}), and so are the numbers of other pages that link to it.

Measured on ${date} at commit \`${commit}\`${changed ? " with changes" : ""}: ${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB of memory,
${machine.os}, Node.js ${machine.node}. The peers and the emulated systems run on the same cores.

${aimsOf(results)}

## Run it again

\`\`\`sh
bash test/real/install.sh
npm run bench -- all --json > bench/results.json
npm run bench -- page
\`\`\`

The first fetches the peers; a claim whose peer is missing says what it left out. \`npm run bench -- all --check\` compares with
\`${RESULTS_FILE}\` before a release: it ends with 1 when an aim is missed, or a ratio is more than ${WORSE} times worse. Times and
sizes are not compared, for machines differ. Nothing else is to run beside it.

## How to read it

A section begins with what is claimed; whether this run bore it out is in its table, and above. Of the numbers of
Watchkeeper and those beside them less is better, unless a row says otherwise. The ratio is Watchkeeper's number to
the other: 0.5 is half of it, 1/20 a twentieth. In the pictures each row has a scale of its own, and a dashed line is an aim.
`;
}

function aimsOf(results: Results): string {
  const all = measuredClaims(results).flatMap(([claim, { rows }]) =>
    figuresOf(rows).flatMap(({ aim, ...figure }) => (aim === undefined ? [] : [{ claim, aim, ...figure }])),
  );
  const missed = all.filter(({ value, aim }) => !isMet(value, aim));
  const lines = missed.map(
    ({ claim, name, value, unit, aim }) =>
      `- [${claim}](#${claim}): \`${name}\` is ${printQuantity(value, unit)}, and the aim is ${printAim(aim, unit)}\n`,
  );
  const met = `Of ${all.length} aims ${all.length - missed.length} are met`;
  return missed.length === 0 ? `${met}.` : `${met}; missed are:\n\n${lines.join("")}`;
}

function section(name: string, claim: ClaimResult): string {
  const heading = `## ${name}\n\n${claim.title[0]?.toUpperCase()}${claim.title.slice(1)}.\n`;
  const busy = `${Math.round(claim.busy * 100)} % of the machine busy with other things just before`;
  const again = `\nBy \`npm run bench -- ${name}\`, in ${claim.seconds} s, ${busy}`;
  if ("failed" in claim) return `${heading}\nIt could not be measured: ${claim.failed}.\n${again}.\n`;
  const beside = claim.peers.length === 0 ? "" : `, with ${claim.peers.join(", ")}`;
  const leftOut = claim.leftOut.map((line) => `- ${escape(line)}\n`).join("");
  return [
    heading,
    comparable(claim.rows).length === 0
      ? ""
      : `\n![${name}: the rows below that have an aim or a ratio, as bars](images/bench-${name}.svg)\n`,
    `\n${table(claim)}`,
    leftOut === "" ? "" : `\nLeft out:\n\n${leftOut}`,
    `${again}${beside}.\n`,
  ].join("");
}

const HEADINGS = ["what", "Watchkeeper", "beside it", "ratio", "aim", "figure"];

const table = ({ rows }: MeasuredClaim): string =>
  [HEADINGS, HEADINGS.map(() => "---"), ...rows.map(cells)].map((row) => `| ${row.join(" | ")} |\n`).join("");

function cells(row: Row): readonly string[] {
  const { what, note, unit, ours, figure, aim, ratio, moreIsBetter = false } = row;
  const said = [...(note === undefined ? [] : [note]), ...(moreIsBetter ? ["more is better"] : [])].join("; ");
  const named = figuresOf([row]).map(({ name, value }) =>
    name === figure ? `\`${name}\`` : `\`${name}\` ${printNumber(value)}`,
  );
  const aims = [judge(ours, unit, aim), judge(ratio?.value ?? Number.NaN, "", ratio?.aim)].filter(
    (text) => text !== "",
  );
  return [
    `${what.startsWith("  ") ? "… " : ""}${what.trim()}${said === "" ? "" : `; ${said}`}`,
    printQuantity(ours, unit),
    againstOf(row),
    ratio === undefined ? "" : printRatio(ratio),
    aims.join(", "),
    named.join(", "),
  ].map((text, column) => (column < 5 ? escape(text) : text));
}

function judge(value: number, unit: string, aim: Aim | undefined): string {
  if (aim === undefined) return "";
  return `${printAim(aim, unit)}: ${isMet(value, aim) ? "met" : "missed"}`;
}

/** What Markdown would read as its own. */
const escape = (text: string): string => text.replaceAll(/[|<*`]/g, (character) => `\\${character}`);
