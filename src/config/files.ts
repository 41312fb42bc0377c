import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { mapLeaves, type JsonSchema } from "../lib/documents/schema-tree.ts";
import type { Path, PathFault } from "../lib/documents/values.ts";

/** A file that the settings name. */
interface NamedFile {
  readonly path: Path;
  readonly file: string;
}

/**
 * Makes the value of every known `*_file` key, and every one of `paths`, absolute: relative ones start at the folder of
 * the configuration file. Those of `paths` may be folders or patterns, and come and go while the service runs, so they
 * are not among the files that are looked at.
 */
export function resolveFiles(root: JsonSchema, settings: unknown, configFile: string) {
  const folder = dirname(resolve(configFile));
  const files: NamedFile[] = [];
  const resolved = mapLeaves(root, settings, (value, _schemas, path) => {
    if (typeof value !== "string" || value === "") return value;
    if (path.at(-2) === "paths") return resolve(folder, value);
    if (!String(path.at(-1)).endsWith("_file")) return value;
    const file = resolve(folder, value);
    files.push({ path, file });
    return file;
  });
  return { settings: resolved, files };
}

/** Finds the files that can not be read. No message has the path: what stands there may be a secret by mistake. */
export async function fileFaults(files: readonly NamedFile[]): Promise<readonly PathFault[]> {
  const found = await Promise.all(files.map(async ({ path, file }) => ({ path, message: await whyUnreadable(file) })));
  return found.flatMap(({ path, message }) => (message === undefined ? [] : [{ path, message }]));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; a relative path starts at the folder of the configuration file",
  ENOTDIR: "a part of the path before the file's name is not a folder",
  EACCES: "the file may not be read by this user: check its permissions and those of its folders",
};

async function whyUnreadable(file: string): Promise<string | undefined> {
  try {
    if (!(await stat(file)).isFile()) return "this is not a file";
    await access(file, constants.R_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return REASONS[code] ?? `the file can not be read (${code})`;
  }
}
