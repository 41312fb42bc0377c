/** Columns of Grafana's grid. */
export const COLUMNS = 24;

/** What has a width and height in the units of the grid. */
export interface Sized {
  readonly width: number;
  readonly height: number;
}

/** Where something is on the grid. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A line that is less full is left as it is, since a panel stretched so far looks lost. */
const LEAST_FILLED = COLUMNS / 2;

/**
 * Lays panels out line by line from `top` on, without overlap or overflow. What stands beside one another is equally
 * high, and a line that is at least half full is stretched to the whole width. Also gives the first free line below.
 */
export function layOut(
  items: readonly Sized[],
  top: number,
): { readonly places: readonly Place[]; readonly bottom: number } {
  let y = top;
  const places: Place[] = [];
  for (const line of linesOf(items)) {
    const [{ height: h } = { height: 0 }] = line;
    let x = 0;
    for (const w of stretched(line.map(({ width }) => Math.min(width, COLUMNS)))) {
      places.push({ x, y, w, h });
      x += w;
    }
    y += h;
  }
  return { places, bottom: y };
}

function linesOf(items: readonly Sized[]): readonly (readonly Sized[])[] {
  const lines: Sized[][] = [];
  let left = 0;
  for (const item of items) {
    if (item.width > left || item.height !== lines.at(-1)?.[0]?.height) {
      lines.push([]);
      left = COLUMNS;
    }
    lines.at(-1)?.push(item);
    left -= item.width;
  }
  return lines;
}

function stretched(widths: readonly number[]): readonly number[] {
  const filled = widths.reduce((sum, width) => sum + width, 0);
  const rest = COLUMNS - filled;
  if (rest === 0 || filled < LEAST_FILLED) return widths;
  const each = Math.floor(rest / widths.length);
  return widths.map((width, i) => width + each + (i < rest % widths.length ? 1 : 0));
}
