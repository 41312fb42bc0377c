import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FOLDER = fileURLToPath(new URL("../../.cache/bench", import.meta.url));

/** Installs a package of the npm registry for benches; gives the path of its module, or why there is none. */
export async function installPeer(name: string, version: string): Promise<{ path: string } | { problem: string }> {
  const prefix = `${FOLDER}/${name}-${version}`;
  const path = `${prefix}/node_modules/${name}`;
  if (existsSync(`${path}/package.json`)) return { path };
  try {
    await mkdir(prefix, { recursive: true });
    await promisify(execFile)("npm", ["install", "--prefix", prefix, "--no-package-lock", `${name}@${version}`]);
    return { path };
  } catch (error) {
    const reason =
      error instanceof Error
        ? (error.message.split("\n").find((line) => line.includes("npm error")) ?? error.message)
        : String(error);
    return { problem: `npm could not install ${name}@${version}: ${reason}` };
  }
}
