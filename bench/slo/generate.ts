import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { round, type Report, type Row } from "../report.ts";
import { writeSpecs, type Load } from "./specs.ts";
import { timed, type Timed } from "./timed.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const LARGEST = 5_000;
const SIZES = [1, 100, LARGEST];
const LAYOUTS = ["one file", "a file each"] as const;
const RUNS = 3;

/** What generating the rules of one load took. */
interface Outcome extends Timed {
  /** Of the rules. */
  readonly bytes: number;
}

interface Race extends Load {
  readonly ours: Outcome;
  readonly sloth: Outcome | undefined;
}

/**
 * Measures from the start of a process to the last byte of rules; of sloth too when `SLOTH_BIN` names its binary. Each figure
 * is of the quickest run, which others on the machine disturbed least.
 */
export async function measureGenerate(): Promise<Report> {
  const races: Race[] = [];
  for (const slos of SIZES)
    for (const layout of slos === 1 ? ["one file" as const] : LAYOUTS) races.push(await race({ slos, layout }));
  const figures = races.filter(({ slos }) => slos === LARGEST).map(figuresOf);
  return {
    rows: races.flatMap(rowsOf),
    figures: Object.assign({}, ...figures) as Report["figures"],
    skipped: [
      ...(process.env["SLOTH_BIN"] === undefined ? ["vs_sloth_5000: SLOTH_BIN does not name sloth's binary"] : []),
      ...(races.some(({ ours }) => ours.rssBytes > 0) ? [] : ["rss_mb_5000: this system has no /proc"]),
    ],
  };
}

/** Those of many files have names of their own. */
function figuresOf({ layout, ours, sloth }: Race): Report["figures"] {
  const suffix = layout === "one file" ? "" : "_files";
  return {
    [`seconds_${LARGEST}${suffix}`]: round(ours.seconds),
    ...(ours.rssBytes > 0 && { [`rss_mb_${LARGEST}${suffix}`]: megabytes(ours.rssBytes) }),
    ...(sloth !== undefined && { [`vs_sloth_${LARGEST}${suffix}`]: round(ours.seconds / sloth.seconds) }),
  };
}

async function race(load: Load): Promise<Race> {
  const folder = await mkdtemp(join(tmpdir(), "watchkeeper-bench-slo-"));
  try {
    const specs = join(folder, "specs");
    await writeSpecs(specs, load);
    const sloth = process.env["SLOTH_BIN"];
    const ours: Timed[] = [];
    const theirs: Timed[] = [];
    const out = (whose: string): string => join(folder, whose);
    for (let run = 0; run < RUNS; run++) {
      for (const whose of ["ours", "sloth"]) await rm(out(whose), { recursive: true, force: true });
      await mkdir(out("sloth"));
      ours.push(await timed(process.execPath, [MAIN, "slo", "generate", specs, "--out", out("ours")]));
      if (sloth !== undefined) theirs.push(await timed(sloth, ["generate", "-i", specs, "-o", out("sloth")]));
    }
    return {
      ...load,
      ours: { ...quickest(ours), bytes: await bytesIn(out("ours")) },
      sloth: sloth === undefined ? undefined : { ...quickest(theirs), bytes: await bytesIn(out("sloth")) },
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const quickest = (runs: readonly Timed[]): Timed => ({
  seconds: Math.min(...runs.map(({ seconds }) => seconds)),
  rssBytes: Math.max(...runs.map(({ rssBytes }) => rssBytes)),
});

async function bytesIn(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => stat(join(file.parentPath, file.name))),
  );
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

const megabytes = (bytes: number): number => round(bytes / 1e6);

function rowsOf({ slos, layout, ours, sloth }: Race): Row[] {
  const of = `${slos} SLOs, ${slos === 1 ? "one file" : layout}`;
  const row = (what: string, value: (outcome: Outcome) => number, unit: string, aim: string): Row => ({
    what: `${what}, ${of}`,
    ours: `${round(value(ours))} ${unit}`,
    against: sloth === undefined ? aim : `${round(value(sloth))} ${unit}`,
    ...(sloth !== undefined && { ratio: String(round(value(ours) / value(sloth))) }),
  });
  const isLargest = slos === LARGEST;
  return [
    row("specifications to rules", ({ seconds }) => seconds, "s", isLargest ? "aim < 2 s" : ""),
    row("  most resident memory", ({ rssBytes }) => rssBytes / 1e6, "MB", isLargest ? "aim < 300 MB" : ""),
    row("  rules", ({ bytes }) => bytes / 1e6, "MB", ""),
  ];
}
