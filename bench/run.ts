import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { findFaults } from "./gate.ts";
import { CLAIMS } from "./index.ts";
import { updateDocs } from "./docs/update.ts";
import { printResults, readResults, RESULTS_FILE, withFigures, type Results } from "./results.ts";
import { reasonOf, runClaims } from "./run-claims.ts";
import { MAIN } from "./service.ts";
import { printTable } from "./table.ts";

const USAGE = `Usage:
  npm run bench -- <claim> [--json]                   measures one claim
  npm run bench -- <claim>...|all [--json] [--check]  measures several, each in a process of its own
  npm run bench -- page                               writes ${RESULTS_FILE} into the documentation

--check ends with 1 when an aim is missed, or a ratio is much worse than in ${RESULTS_FILE}.

Claims:
${Object.entries(CLAIMS)
  .map(([name, { title }]) => `  ${name}  ${title}\n`)
  .join("")}`;

interface Wanted {
  readonly names: readonly string[];
  /** Whether an object of all claims is wanted, also when there is only one. */
  readonly several: boolean;
  readonly json: boolean;
  readonly check: boolean;
}

/** Undefined when it can not be understood. */
function readArguments(): Wanted | "page" | undefined {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: "boolean", default: false }, check: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const { json, check } = values;
    if (positionals.join(" ") === "page" && !json && !check) return "page";
    const isAll = positionals.join(" ") === "all";
    const names = isAll ? Object.keys(CLAIMS) : positionals;
    const isKnown = names.length > 0 && names.every((name) => Object.hasOwn(CLAIMS, name));
    return isKnown ? { names, several: isAll || check || names.length > 1, json, check } : undefined;
  } catch {
    return undefined;
  }
}

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function measureOne(name: string, json: boolean): Promise<number> {
  try {
    if (!existsSync(MAIN)) throw new Error("run `npm run build` first");
    const report = await CLAIMS[name]?.measure();
    if (report === undefined) throw new Error(`there is no claim ${name}`);
    process.stdout.write(
      json ? `${JSON.stringify({ claim: name, ...withFigures(report) })}\n` : printTable(report.rows),
    );
    if (!json) for (const line of report.leftOut) say(`left out: ${line}`);
    return 0;
  } catch (error) {
    if (json) process.stdout.write(`${JSON.stringify({ claim: name, failed: reasonOf(error) })}\n`);
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

async function measureSeveral({ names, json, check }: Wanted): Promise<number> {
  // before anything is measured, so that nobody waits for nothing
  const kept = check ? await readResults() : undefined;
  const results = await runClaims(names, say);
  process.stdout.write(json ? await printResults(results) : printAll(results));
  const faults = kept === undefined ? [] : findFaults(results, kept);
  faults.forEach(say);
  const hasFailed = Object.values(results.claims).some((claim) => "failed" in claim);
  if (kept !== undefined && faults.length === 0)
    say(`All aims are met, and no ratio is much worse than in ${RESULTS_FILE}.`);
  return hasFailed || faults.length > 0 ? 1 : 0;
}

const printAll = ({ claims }: Results): string =>
  Object.entries(claims)
    .map(([name, claim]) => {
      const heading = `${name}: ${claim.title} (${claim.seconds} s)\n`;
      if ("failed" in claim) return `${heading}failed: ${claim.failed}\n`;
      return heading + printTable(claim.rows) + claim.leftOut.map((line) => `left out: ${line}\n`).join("");
    })
    .join("\n");

const wanted = readArguments();
if (wanted === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else if (wanted === "page") {
  for (const path of await updateDocs(await readResults())) say(`${path} is written`);
} else {
  const { names, several, json } = wanted;
  process.exitCode = several ? await measureSeveral(wanted) : await measureOne(names[0] ?? "", json);
}
