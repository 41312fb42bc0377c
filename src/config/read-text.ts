import { open, type FileHandle } from "node:fs/promises";
import { ConfigError } from "../core/errors.ts";

/** Thousands of targets fit; a larger file is another one by mistake. */
const MAX_BYTES = 1024 * 1024;

/** Reads the configuration's text, from a file or a pipe. Throws `ConfigError` when it is not there or not UTF-8. */
export async function readText(file: string): Promise<string> {
  const fail = (message: string, line?: number): never => {
    throw new ConfigError([{ file, ...(line !== undefined && { line, column: 1 }), path: "", message }]);
  };
  const bytes = await readBounded(file).catch((error: unknown) => fail(`cannot be read: ${reason(error)}`));
  if (bytes.length > MAX_BYTES) return fail("is larger than 1 MiB: this is not a configuration");
  const broken = firstBrokenLine(bytes);
  if (broken !== undefined) return fail("is not UTF-8 text: save the file as UTF-8", broken);
  return new TextDecoder().decode(bytes);
}

/** Reads one byte more than is allowed at most, also from what has no end. */
async function readBounded(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    return Buffer.concat(await chunks(handle));
  } finally {
    await handle.close();
  }
}

async function chunks(handle: FileHandle): Promise<Buffer[]> {
  const found: Buffer[] = [];
  let size = 0;
  while (size <= MAX_BYTES) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, null);
    if (bytesRead === 0) break;
    found.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
  }
  return found;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file; write one or pass --config",
  ENOTDIR: "no such file; write one or pass --config",
  EISDIR: "it is a folder; name the file",
  EACCES: "permission denied",
};

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  return REASONS[code] ?? code;
}

/** The first line that is not UTF-8 or has a NUL, as UTF-16 would; a line break is one byte in UTF-8. */
function firstBrokenLine(bytes: Buffer): number | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const isText = (part: Buffer): boolean => {
    try {
      return !decoder.decode(part).includes("\0");
    } catch {
      return false;
    }
  };
  if (isText(bytes)) return undefined;
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    if (!isText(bytes.subarray(start, end === -1 ? bytes.length : end))) return line;
    start = end === -1 ? bytes.length : end + 1;
  }
  return undefined;
}
