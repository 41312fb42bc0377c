import { execFileSync } from "node:child_process";
import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** A program that gets a small disk of its own: a file system in memory that only it and its children see. */
export interface SmallDisk {
  /** Goes before the program and its arguments. */
  readonly wrapper: readonly string[];
  /** Why there can be none on this machine; undefined when there can. */
  readonly impossible: string | undefined;
}

/**
 * Plans a disk of so many MiB in an existing folder. Root is not needed where users may have namespaces of their own.
 */
export function smallDisk(folder: string, mebibytes: number): SmallDisk {
  const asRoot = process.getuid?.() === 0;
  const space = ["unshare", ...(asRoot ? [] : ["--user", "--map-root-user"]), "--mount"];
  const mount = `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && exec "$@"`;
  const wrapper = [...space, "sh", "-c", mount, folder];
  try {
    execFileSync(wrapper[0] ?? "", [...wrapper.slice(1), "true"], { stdio: "ignore" });
    return { wrapper, impossible: undefined };
  } catch {
    return { wrapper, impossible: "it needs a small disk, and none can be mounted here" };
  }
}

/** Fills the disk of a running program to its last byte; gives the way to free it. */
export async function fillDisk(pid: number, folder: string): Promise<() => Promise<void>> {
  const file = join(`/proc/${pid}/root`, folder, "filler");
  for (const bytes of [1024 * 1024, 64 * 1024, 4096, 1]) while (await appends(file, bytes));
  return () => rm(file);
}

const appends = (file: string, bytes: number): Promise<boolean> =>
  appendFile(file, Buffer.alloc(bytes)).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOSPC") return false;
      throw error;
    },
  );
