import { parseArgs } from "node:util";
import { CLAIMS } from "./index.ts";
import { printTable } from "./report.ts";

const USAGE = `Usage: npm run bench -- <claim> [--json]\n\nClaims:\n${Object.entries(CLAIMS)
  .map(([name, { title }]) => `  ${name}  ${title}\n`)
  .join("")}`;

function readArguments(): { name: string | undefined; json: boolean } {
  try {
    const { values, positionals } = parseArgs({ options: { json: { type: "boolean" } }, allowPositionals: true });
    return { name: positionals.length === 1 ? positionals[0] : undefined, json: values.json ?? false };
  } catch {
    return { name: undefined, json: false };
  }
}

const { name, json } = readArguments();
const claim = name !== undefined && Object.hasOwn(CLAIMS, name) ? CLAIMS[name] : undefined;
if (claim === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const { rows, figures, skipped } = await claim.measure();
  process.stdout.write(json ? `${JSON.stringify({ claim: name, figures })}\n` : printTable(rows));
  for (const line of skipped) process.stderr.write(`left out: ${line}\n`);
}
