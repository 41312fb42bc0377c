import { constants, type BigIntStats } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { CollectError, type CollectReason } from "../../../core/errors.ts";

/** A regular file at one moment. */
export interface FileState {
  /** Absolute. */
  readonly path: string;
  /** Device, inode, size and times: two files of the same version are one file under two names, and unchanged. */
  readonly version: string;
}

/** The bytes of a file; undefined when there are more than were asked for. */
export interface FileContent {
  readonly version: string;
  readonly bytes: Uint8Array | undefined;
}

/** Opening a pipe that took the place of a file must not wait for its writer. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const TRIES = 3;

/** What stands at a path, links followed. Throws `CollectError`, also for what is neither a file nor a folder. */
export async function lookAt(path: string): Promise<FileState | "folder"> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isDirectory()) return "folder";
    return { path, version: versionOf(path, found) };
  } catch (thrown) {
    throw fileError(path, thrown);
  }
}

/**
 * Reads a regular file that nobody writes to meanwhile; one that changes while it is read is read again, three times at
 * most. Throws `CollectError`.
 */
export async function readFileState(path: string, mostBytes: number): Promise<FileContent> {
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const file = await open(path, OPEN_FLAGS);
      try {
        const content = await readUnchanged(path, file, mostBytes);
        if (content !== undefined) return content;
      } finally {
        await file.close();
      }
    }
  } catch (thrown) {
    throw fileError(path, thrown);
  }
  throw new CollectError(
    "invalid_response",
    `${path}: it was changed each time while it was read; it is read again soon`,
  );
}

async function readUnchanged(path: string, file: FileHandle, mostBytes: number): Promise<FileContent | undefined> {
  const before = await file.stat({ bigint: true });
  const version = versionOf(path, before);
  if (before.size > mostBytes) return { version, bytes: undefined };
  const size = Number(before.size);
  // one more than it has, to see whether it grew
  const buffer = Buffer.alloc(size + 1);
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  const after = await file.stat({ bigint: true });
  if (length !== size || versionOf(path, after) !== version) return undefined;
  return { version, bytes: buffer.subarray(0, size) };
}

function versionOf(path: string, found: BigIntStats): string {
  if (!found.isFile())
    throw new CollectError("not_found", `${path}: it is neither a file nor a folder, so it is not opened`);
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(":");
}

const EXPLANATIONS: Readonly<Record<string, readonly [CollectReason, string]>> = {
  ENOENT: ["not_found", "there is no such file, or it is a link to one that is gone"],
  ENOTDIR: ["not_found", "a part of the path before the file's name is not a folder"],
  ELOOP: ["not_found", "its symbolic links lead in a circle"],
  EACCES: ["forbidden", "it may not be read by this user: check its permissions and those of its folders"],
  EPERM: ["forbidden", "it may not be read by this user: check its permissions and those of its folders"],
};

/** A failure of the system at a path in words. */
export function fileError(path: string, thrown: unknown): CollectError {
  if (thrown instanceof CollectError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
  const [reason, why] = EXPLANATIONS[code] ?? ["connection_failed", `it can not be read (${code})`];
  return new CollectError(reason, `${path}: ${why}`, { cause: thrown });
}
