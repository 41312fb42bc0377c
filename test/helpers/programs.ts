import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { packageRoot } from "../../src/lib/package.ts";

/** What to do when a program is missing. */
export const INSTALL_PROGRAMS = "run `bash test/real/install.sh`";

/** The path of a program: of the one that test/real/install.sh fetched, else of the one on PATH. */
export function findProgram(name: string): string | undefined {
  const folders = [
    join(packageRoot, ".cache/real/bin"),
    ...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean),
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** The path of a program, or an error that says how to get it. */
export function requireProgram(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is missing: ${INSTALL_PROGRAMS}`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
