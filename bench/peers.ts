import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../src/lib/package.ts";
import { findProgram, INSTALL_PROGRAMS, requireProgram } from "../test/helpers/programs.ts";

const run = promisify(execFile);
const INSTALLED = join(packageRoot, ".cache/bench");

/** Finds programs that test/real/install.sh fetches; gives their names with their versions, or what is missing. */
export async function findPeers(
  ...names: readonly string[]
): Promise<{ readonly titles: readonly string[] } | { readonly problem: string }> {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length > 0) return { problem: `no ${missing.join(", no ")} here; ${INSTALL_PROGRAMS}` };
  return { titles: await Promise.all(names.map(async (name) => `${name} ${await versionOf(requireProgram(name))}`)) };
}

/** pve_exporter says no version, and has the one that is pinned. */
async function versionOf(command: string): Promise<string> {
  if (command.endsWith("/pve_exporter")) {
    const pinned = await readFile(join(packageRoot, "test/real/versions.env"), "utf8");
    return /^PVE_EXPORTER_VERSION=(.+)$/m.exec(pinned)?.[1] ?? "of an unknown version";
  }
  const { stdout, stderr } = await run(command, ["--version"]);
  return /(?:version|\(PostgreSQL\)) v?(\d[\w.]*)/.exec(stdout + stderr)?.[1] ?? "of an unknown version";
}

/** Installs a package of the npm registry for benches; gives the path of its module, or why there is none. */
export async function installPeer(name: string, version: string): Promise<{ path: string } | { problem: string }> {
  const prefix = join(INSTALLED, `${name}-${version}`);
  const path = join(prefix, "node_modules", name);
  if (existsSync(`${path}/package.json`)) return { path };
  try {
    await mkdir(prefix, { recursive: true });
    await run("npm", ["install", "--prefix", prefix, "--no-package-lock", `${name}@${version}`]);
    return { path };
  } catch (error) {
    const reason =
      error instanceof Error
        ? (error.message.split("\n").find((line) => line.includes("npm error")) ?? error.message)
        : String(error);
    return { problem: `npm could not install ${name}@${version}: ${reason}` };
  }
}
