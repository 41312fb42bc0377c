import type { Dirent, readdir as readdirWithCallback } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { callbackify } from "node:util";
import { glob, isDynamicPattern } from "tinyglobby";
import type { CollectError } from "../../../core/errors.ts";
import { fileError } from "./file-state.ts";

/** The names below a folder or of a pattern, and the folders that could not be looked into. */
export interface Crawled {
  /** Absolute; of files, and of links that lead to anything but a folder. */
  readonly paths: readonly string[];
  readonly missing: readonly { readonly piece: string; readonly error: CollectError }[];
}

/**
 * Where Kubernetes keeps the real files of a mounted Secret, whose own names are links to them: `..data`,
 * `..2024_07_01...`.
 */
const KUBERNETES_FOLDERS = ["**/..*", "**/..*/**"];

/**
 * Lists what is below a folder, hidden names too, or matches a pattern, as a shell would. Links to folders are followed
 * only where the pattern says how deep. Throws only what `signal` was aborted with.
 */
export async function crawl(path: string, by: "pattern" | "folder", signal: AbortSignal): Promise<Crawled> {
  const [base, pattern] = by === "folder" ? [path, "**"] : splitPattern(path);
  const missing: { piece: string; error: CollectError }[] = [];
  const paths = await glob([pattern], {
    cwd: base,
    absolute: true,
    dot: by === "folder",
    expandDirectories: false,
    ignore: KUBERNETES_FOLDERS,
    signal,
    fs: {
      readdir: readdirWith({
        // a link to the root would lead through the whole machine
        followsLinks: !pattern.includes("**"),
        tell: (piece, thrown) => missing.push({ piece, error: fileError(piece, thrown) }),
      }),
    },
  });
  signal.throwIfAborted();
  // what went away meanwhile is no fault, and a base that is not there has no files
  return { paths, missing: missing.filter(({ error }) => error.reason !== "not_found") };
}

/** The folder before the first part with a wildcard, and the rest. */
function splitPattern(path: string): [base: string, pattern: string] {
  const parts = path.split(sep);
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return [join(sep, ...parts.slice(0, first)), parts.slice(first).join("/")];
}

interface ReaddirOptions {
  readonly followsLinks: boolean;
  tell(folder: string, thrown: unknown): void;
}

/**
 * The library's way to list a folder. By itself it passes over folders that it may not read, and either leaves all
 * links out or follows them; here a link that is not followed is a file, whatever it leads to.
 */
function readdirWith({ followsLinks, tell }: ReaddirOptions): typeof readdirWithCallback {
  const isFollowed = async (path: string): Promise<boolean> => followsLinks && (await isFolder(path));
  const list = async (path: string): Promise<readonly Dirent[]> => {
    const folder = path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return await Promise.all(
        entries.map(async (entry) =>
          !entry.isSymbolicLink() || (await isFollowed(join(folder, entry.name))) ? entry : asFile(entry),
        ),
      );
    } catch (thrown) {
      tell(folder, thrown);
      throw thrown;
    }
  };
  return callbackify((path: string, _options: unknown) => list(path)) as unknown as typeof readdirWithCallback;
}

const asFile = (entry: Dirent): Dirent =>
  Object.assign(Object.create(entry) as Dirent, { isFile: () => true, isSymbolicLink: () => false });

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};
