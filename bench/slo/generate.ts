import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { printNumber } from "../figures.ts";
import { joinReports, nothing, report, type Aim, type Measured, type Report } from "../report.ts";
import { MAIN } from "../service.ts";
import { writeSpecs, type Load } from "./specs.ts";
import { timed, type Timed } from "./timed.ts";

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
  const sloth = process.env["SLOTH_BIN"];
  return joinReports([
    ...races.map((one) => report(rowsOf(one))),
    sloth === undefined
      ? nothing(`vs_sloth_${LARGEST}, vs_sloth_${LARGEST}_files`, "SLOTH_BIN does not name sloth's binary")
      : report([], { peers: [await slothVersion(sloth)] }),
  ]);
}

async function slothVersion(command: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, ["version"]);
  return `sloth ${/\d[\w.]*/.exec(stdout + stderr)?.[0] ?? "of an unknown version"}`;
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

function rowsOf({ slos, layout, ours, sloth }: Race): readonly Measured[] {
  const of = `${printNumber(slos)} SLOs, ${slos === 1 ? "one file" : layout}`;
  // those of many files have names of their own
  const suffix = `_${LARGEST}${layout === "one file" ? "" : "_files"}`;
  const named = (figure: string, aim?: Aim) =>
    slos === LARGEST ? { figure: `${figure}${suffix}`, ...(aim !== undefined && { aim }) } : {};
  const row = (what: string, unit: string, value: (outcome: Outcome) => number) => ({
    what: `${what}, ${of}`,
    unit,
    ours: value(ours),
    ...(sloth !== undefined && { against: { name: "sloth", value: value(sloth) } }),
  });
  return [
    {
      ...row("specifications to rules", "s", ({ seconds }) => seconds),
      ...named("seconds", { is: "<", value: 2 }),
      ratio: { of: "ours / theirs", ...named("vs_sloth") },
    },
    {
      ...row("  most resident memory", "MB", ({ rssBytes }) => rssBytes / 1e6),
      ...named("rss_mb", { is: "<", value: 300 }),
      ratio: { of: "ours / theirs" },
    },
    { ...row("  rules", "MB", ({ bytes }) => bytes / 1e6), ratio: { of: "ours / theirs" } },
  ];
}
