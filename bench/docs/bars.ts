import { aimsOf } from "../table.ts";
import { isMet, printQuantity } from "../figures.ts";
import type { Row } from "../report.ts";

const WIDTH = 760;
const LONGEST = 440;
const THICK = 12;
/** From one bar to the next. */
const STEP = THICK + 3;
const TITLE = 18;
const GAP = 16;

/** Rows that have an aim, or something beside them that is worth a ratio. */
export const comparable = (rows: readonly Row[]): readonly Row[] =>
  rows.filter(({ ratio, aim }) => ratio !== undefined || aim !== undefined);

/** A picture of rows as bars: each row has a scale of its own. It follows the reader's choice of a dark or a light page. */
export function drawBars(rows: readonly Row[]): string {
  let y = 0;
  const blocks = rows.map((row) => {
    const block = drawRow(row, y);
    y = block.end + GAP;
    return block.svg;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img">
<style>
text { font: 13px system-ui, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #1f2328 }
.said { font-size: 12px; fill: #59636e }
.ours { fill: #2563eb }
.theirs { fill: #9aa4b0 }
.aim { stroke: #b45309; stroke-width: 2; stroke-dasharray: 3 2 }
.missed { fill: #b42318 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.said { fill: #9198a1 }
.ours { fill: #60a5fa }
.theirs { fill: #656c76 }
.aim { stroke: #f59e0b }
.missed { fill: #ff8a7a }
}
</style>
${blocks.join("\n")}
</svg>
`;
}

function drawRow(row: Row, top: number): { readonly svg: string; readonly end: number } {
  const { what, unit, ours, against, aim } = row;
  const most = Math.max(ours, against?.value ?? 0, aim?.value ?? 0, Number.MIN_VALUE);
  const x = (value: number): number => Math.max(1, Math.round((value / most) * LONGEST));
  const isMissed = aim !== undefined && !isMet(ours, aim);
  const ends = aim === undefined ? "" : `, aim ${aimsOf({ ...row, ratio: undefined })}${isMissed ? ": missed" : ""}`;
  const aimX = aim === undefined ? 0 : x(aim.value);
  const said = `Watchkeeper: ${printQuantity(ours, unit)}${ends}`;
  const svg = [
    `<text y="${top + 12}">${escape(what.trim())}</text>`,
    bar("ours", { width: x(ours), labelX: Math.max(x(ours), aimX), y: top + TITLE, said, isMissed }),
  ];
  let end = top + TITLE + STEP;
  if (aim !== undefined)
    svg.push(`<line class="aim" x1="${aimX}" x2="${aimX}" y1="${top + TITLE - 2}" y2="${end - 1}"/>`);
  if (against !== undefined) {
    const width = x(against.value);
    svg.push(
      bar("theirs", { width, labelX: width, y: end, said: `${against.name}: ${printQuantity(against.value, unit)}` }),
    );
    end += STEP;
  }
  return { svg: svg.join(""), end };
}

interface Bar {
  readonly width: number;
  readonly labelX: number;
  readonly y: number;
  readonly said: string;
  readonly isMissed?: boolean;
}

const bar = (whose: "ours" | "theirs", { width, labelX, y, said, isMissed = false }: Bar): string =>
  `<rect class="${whose}" y="${y}" width="${width}" height="${THICK}" rx="2"/>` +
  `<text class="said${isMissed ? " missed" : ""}" x="${labelX + 8}" y="${y + 10}">${escape(said)}</text>`;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
