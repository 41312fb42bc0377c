import { measureBundle } from "./correlation/bundle.ts";
import { measureHeld } from "./correlation/held.ts";
import { makeLines, measureLines } from "./correlation/lines.ts";
import { measureSeries } from "./correlation/series.ts";
import { joinReports, type Report } from "./report.ts";

/** Measures what weighing evidence costs, and how long a whole bundle takes in the lab. */
export async function measureCorrelation(): Promise<Report> {
  // first, so that its memory is its own
  const bundle = await measureBundle();
  const lines = makeLines();
  return joinReports([bundle, measureLines(lines), await measureHeld(lines), measureSeries()]);
}
