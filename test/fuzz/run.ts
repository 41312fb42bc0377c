import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { findProgram, INSTALL_PROGRAMS } from "../helpers/programs.ts";
import { runFuzz, type FuzzOptions } from "./campaign.ts";
import { keepFind } from "./finds.ts";
import { fuzzTargets } from "./index.ts";
import type { TargetReport } from "./worker.ts";

const NAMES: ReadonlySet<string> = new Set(fuzzTargets.map(({ name }) => name));
const USAGE = `Usage: npm run fuzz -- [--minutes N] [--only NAME] [--seed S] [--json]

  --minutes N   how long all targets together get new inputs, such as 10 or 0.5; 1 unless given
  --only NAME   one target alone
  --seed S      begins with the same random numbers; a find's own seed repeats it, and needs --only
  --json        the figures as one line of JSON

Targets, and what must hold of each:
${fuzzTargets.map(({ name, property }) => `  ${name}\n    ${property}`).join("\n")}
`;

function readArguments(): (FuzzOptions & { readonly json: boolean }) | undefined {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: "string", default: "1" },
        only: { type: "string" },
        seed: { type: "string", default: String(randomInt(2 ** 31)) },
        json: { type: "boolean", default: false },
      },
    });
    const { json, only } = values;
    const [, seed, path] = /^(-?\d{1,10})(?:\/([\d:]+))?$/.exec(values.seed) ?? [];
    const minutes = Number(values.minutes);
    const isSound =
      minutes > 0 && Number.isFinite(minutes) && (only === undefined ? path === undefined : NAMES.has(only));
    return isSound && seed !== undefined ? { minutes, only, seed: Number(seed) | 0, path, json } : undefined;
  } catch {
    return undefined;
  }
}

function printReport(reports: readonly TargetReport[], seed: number): string {
  const header = ["target", "runs", "fixtures", "asked promtool", "finds"];
  const rows = reports.map(({ target, runs, fixtures, judged, finds }) => [
    target,
    runs,
    fixtures,
    judged ?? "-",
    finds.length,
  ]);
  const lines = [header, ...rows].map((row) =>
    row.map((cell, i) => (i === 0 ? String(cell).padEnd(16) : String(cell).padStart(16))).join(""),
  );
  const missing = findProgram("promtool") === undefined ? [`promtool is missing: ${INSTALL_PROGRAMS}`] : [];
  return [...lines, ...missing, `seed ${seed}`, ""].join("\n");
}

function figuresOf(reports: readonly TargetReport[], seed: number): Readonly<Record<string, number>> {
  const sum = (of: (report: TargetReport) => number): number => reports.reduce((all, one) => all + of(one), 0);
  return {
    runs: sum(({ runs }) => runs),
    fixtures: sum(({ fixtures }) => fixtures),
    finds: sum(({ finds }) => finds.length),
    seed,
    ...Object.fromEntries(reports.map(({ target, runs }) => [`runs_${target.replaceAll("-", "_")}`, runs])),
  };
}

const options = readArguments();
if (options === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const { json, ...campaign } = options;
  const { isTTY } = process.stderr;
  const reports = await runFuzz({
    ...campaign,
    ...(isTTY && { onTarget: (name: string) => void process.stderr.write(`\r\u001B[K${name}`) }),
  });
  if (isTTY) process.stderr.write("\r\u001B[K");
  for (const { target, finds } of reports)
    for (const find of finds) process.stderr.write(`${await keepFind(target, find)}\n`);
  process.stdout.write(
    json
      ? `${JSON.stringify({ claim: "fuzz", figures: figuresOf(reports, campaign.seed) })}\n`
      : printReport(reports, campaign.seed),
  );
  if (reports.some(({ finds }) => finds.length > 0)) process.exitCode = 1;
}
