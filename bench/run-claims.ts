import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { packageRoot } from "../src/lib/package.ts";
import { runProgram } from "../test/helpers/process.ts";
import { lookHowBusy } from "./busy.ts";
import { CLAIMS } from "./index.ts";
import { reportSchema } from "./report.ts";
import { describeRun, type ClaimResult, type Results } from "./results.ts";

const RUN = fileURLToPath(new URL("run.ts", import.meta.url));
/** A claim that takes longer has failed. */
const DEADLINE_MS = 15 * 60_000;

const answer = z.union([
  reportSchema.extend({ claim: z.string(), figures: z.record(z.string(), z.number()) }),
  z.strictObject({ claim: z.string(), failed: z.string() }),
]);

/** Measures claims one after the other, each in a process of its own; one that fails says so, and the others go on. */
export async function runClaims(names: readonly string[], progress: (line: string) => void): Promise<Results> {
  const claims: Record<string, ClaimResult> = {};
  for (const [i, name] of names.entries()) {
    const busy = await lookHowBusy();
    progress(
      `${i + 1} of ${names.length}: ${name} ...${busy > QUIET ? ` (others keep ${percent(busy)} of the machine busy)` : ""}`,
    );
    const claim = await runClaim(name, busy);
    claims[name] = claim;
    progress(`  ${"failed" in claim ? `failed: ${claim.failed}` : "measured"} (${claim.seconds} s)`);
  }
  return { ...(await describeRun()), claims };
}

/** Up to this share others are no hindrance. */
const QUIET = 0.05;
const percent = (share: number): string => `${Math.round(share * 100)} %`;

async function runClaim(name: string, busy: number): Promise<ClaimResult> {
  const begun = performance.now();
  const found = await measureApart(name).catch((error: unknown) => ({ failed: reasonOf(error) }));
  return { title: CLAIMS[name]?.title ?? "", seconds: Math.round((performance.now() - begun) / 1_000), busy, ...found };
}

/** It ends with this process at the latest. */
async function measureApart(name: string) {
  const { stdout, stderr, code } = await runProgram(process.execPath, [RUN, name, "--json"], {
    deadlineMs: DEADLINE_MS,
  });
  process.stderr.write(stderr);
  if (stdout === "") return { failed: `its process ended with exit code ${code}` };
  const { claim: _, ...found } = answer.parse(JSON.parse(stdout));
  return found;
}

/** The first line of what went wrong, without paths of this machine. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .replaceAll(packageRoot, ".")
    .replaceAll(tmpdir(), "<temporary folder>")
    .split("\n")[0] ?? "";
