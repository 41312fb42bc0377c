import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { format } from "prettier";
import { z } from "zod";
import { packageRoot } from "../src/lib/package.ts";
import { figureValues } from "./figures.ts";
import { reportSchema, type Report } from "./report.ts";

/** Where the results of all claims are kept, from the folder of the repository. */
export const RESULTS_FILE = "bench/results.json";

const told = {
  title: z.string(),
  seconds: z.number(),
  /** The share of the machine that others kept busy just before, from 0 to 1. */
  busy: z.number(),
};

const resultsSchema = z.strictObject({
  date: z.iso.date(),
  /** The commit whose sources ran; `changed` when they were not quite its own. */
  commit: z.string(),
  changed: z.boolean(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.number(),
    memory_gb: z.number(),
    os: z.string(),
    node: z.string(),
  }),
  claims: z.record(
    z.string(),
    z.union([
      reportSchema.extend({ ...told, figures: z.record(z.string(), z.number()) }),
      z.strictObject({ ...told, failed: z.string() }),
    ]),
  ),
});

/** What a run of several claims found, and where it ran. */
export type Results = z.infer<typeof resultsSchema>;

/** What became of one claim. */
export type ClaimResult = Results["claims"][string];

/** A claim that was measured. */
export type MeasuredClaim = Extract<ClaimResult, { rows: unknown }>;

/** A report with its figures by name, as `--json` prints it. */
export const withFigures = (report: Report) => ({ ...report, figures: figureValues(report.rows) });

/** The claims that were measured, by their names. */
export const measuredClaims = ({ claims }: Results): readonly (readonly [string, MeasuredClaim])[] =>
  Object.entries(claims).flatMap(([name, claim]) => ("rows" in claim ? [[name, claim] as const] : []));

/** Reads the results that are kept, after whatever npm wrote into the file before them; the error says how to make them. */
export async function readResults(): Promise<Results> {
  const makeThem = "make it by `npm run bench -- all --json`, written to another file first";
  const text = await readFile(join(packageRoot, RESULTS_FILE), "utf8").catch(() => {
    throw new Error(`${RESULTS_FILE} can not be read: ${makeThem}`);
  });
  const begin = text.indexOf("{");
  if (begin < 0) throw new Error(`${RESULTS_FILE} has no results: ${makeThem}`);
  return resultsSchema.parse(JSON.parse(text.slice(begin)));
}

/** The results as they are kept, in the form that the check of formats wants. */
export const printResults = (results: Results): Promise<string> =>
  format(JSON.stringify(results), { parser: "json", printWidth: 120 });

/** Tells of the machine and the sources, and nothing that names this machine. */
export async function describeRun(): Promise<Omit<Results, "claims">> {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: (await git("rev-parse", "HEAD")).slice(0, 12),
    changed: (await git("status", "--porcelain", "--", "src", "test", "bench/*.ts", "package-lock.json")) !== "",
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      memory_gb: Math.round(totalmem() / 1e9),
      os: `${distribution()}, ${type()} ${/^[\d.]+/.exec(release())?.[0] ?? ""}`.trimEnd(),
      node: process.version,
    },
  };
}

/** Empty where there is no repository. */
const git = async (...args: string[]): Promise<string> =>
  promisify(execFile)("git", args, { cwd: packageRoot }).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );

/** Source: https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
function distribution(): string {
  const file = "/etc/os-release";
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(text)?.[1] ?? "an unknown distribution";
}
