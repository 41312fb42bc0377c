import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../src/lib/package.ts";

/** How a command ended. */
export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line to its end, in `cwd`, with nothing of this process's environment but the path. */
export function runCli(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<CliResult> {
  const command = spawn(process.execPath, [join(packageRoot, "dist/cli/main.js"), ...args], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<CliResult>();
  let stdout = "";
  let stderr = "";
  command.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  command.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  command.on("error", reject);
  command.on("close", (code) => resolve({ code, stdout, stderr }));
  return promise;
}
