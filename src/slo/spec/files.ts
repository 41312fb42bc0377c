import { glob, readFile, stat } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";

/** A file of specifications, or why it can not be read. */
export type SpecFile = { readonly file: string } & ({ readonly text: string } | { readonly fault: string });

/** A hundred times what 5,000 SLOs take; a larger file is another one by mistake. */
const MAX_BYTES = 256 * 1024 * 1024;
const AT_ONCE = 32;

/**
 * Reads files, all YAML files of folders and of what is below them, and patterns such as `slo/*.yaml`; each file once.
 */
export async function readSpecFiles(paths: readonly string[]): Promise<readonly SpecFile[]> {
  const found: SpecFile[] = [];
  for (const path of paths) found.push(...(await expand(path)));
  const once = [...new Map(found.map((one) => [one.file, one])).values()];
  const read: SpecFile[] = [];
  for (let i = 0; i < once.length; i += AT_ONCE)
    read.push(...(await Promise.all(once.slice(i, i + AT_ONCE).map(readSpec))));
  return read;
}

async function expand(path: string): Promise<readonly SpecFile[]> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return matching(join(path, "**/*.{yaml,yml}"), path, "holds no YAML file");
  if (status !== undefined) return [{ file: path, text: "" }];
  if (/[*?[{]/.test(path)) return matching(path, path, "matches no file");
  return [{ file: path, fault: "cannot be read: no such file or folder" }];
}

async function matching(pattern: string, path: string, nothing: string): Promise<readonly SpecFile[]> {
  const files: string[] = [];
  for await (const entry of glob(pattern, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // a parent may be absolute though the pattern is not; people want the name as they wrote it
    files.push(isAbsolute(pattern) || !isAbsolute(file) ? file : relative(process.cwd(), file));
  }
  if (files.length === 0) return [{ file: path, fault: nothing }];
  return files.toSorted().map((file) => ({ file, text: "" }));
}

async function readSpec(found: SpecFile): Promise<SpecFile> {
  if ("fault" in found) return found;
  const { file } = found;
  try {
    if ((await stat(file)).size > MAX_BYTES)
      return { file, fault: "is larger than 256 MiB: these are no specifications" };
    return { file, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(file)) };
  } catch (thrown) {
    if (thrown instanceof TypeError) return { file, fault: "is not UTF-8 text: save the file as UTF-8" };
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    return { file, fault: `cannot be read: ${code === "EACCES" ? "permission denied" : code}` };
  }
}
