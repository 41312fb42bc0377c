import { readFile, stat } from "node:fs/promises";

/** A file that can not be used; the message is a sentence without the path. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/** Far above any certificate chain or list of users. */
const MAX_BYTES = 1024 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file; a relative path starts at the folder of the web configuration",
  ENOTDIR: "a part of the path before the file's name is not a folder",
  EACCES: "the file may not be read by this user: check its permissions and those of its folders",
};

/** Reads a small UTF-8 text. Throws {@link FileError}. */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError("the file is not UTF-8 text");
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    // reading a pipe or a device could wait for ever
    if (!found.isFile()) throw new FileError("this is not a file");
    if (found.size > MAX_BYTES) throw new FileError("the file is larger than 1 MiB");
    return await readFile(path);
  } catch (error) {
    if (error instanceof FileError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new FileError(REASONS[code] ?? `the file can not be read (${code})`);
  }
}
