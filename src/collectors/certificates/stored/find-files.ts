import { lstat } from "node:fs/promises";
import { basename, resolve, sep } from "node:path";
import pLimit from "p-limit";
import { isDynamicPattern } from "tinyglobby";
import { CollectError } from "../../../core/errors.ts";
import type { SourceReading } from "../inventory.ts";
import { crawl } from "./crawl.ts";
import { lookAt, type FileState } from "./file-state.ts";

/** How a file came to be looked at: by its own name, by a pattern, or because it is below a folder. */
export type FoundBy = "name" | "pattern" | "folder";

/** A file that some paths lead to. */
export interface FoundFile extends FileState {
  readonly by: FoundBy;
}

/** What some paths lead to, and which of them lead nowhere. */
export interface FoundFiles {
  readonly files: readonly FoundFile[];
  readonly missing: SourceReading["missing"];
}

const MOST_FILES = 100_000;
const LOOKS_AT_ONCE = 32;

/**
 * Finds the regular files that are named, match a pattern, or are below a folder. A file with several names (links) is
 * given once. Opens none of them. Throws only what `signal` was aborted with.
 */
export async function findFiles(paths: readonly string[], signal: AbortSignal): Promise<FoundFiles> {
  const groups: FoundFiles[] = [];
  for (const path of paths) groups.push(await findPath(resolve(path), signal));
  return {
    files: await withoutAliases(groups.flatMap(({ files }) => files)),
    missing: groups.flatMap(({ missing }) => missing),
  };
}

async function findPath(path: string, signal: AbortSignal): Promise<FoundFiles> {
  try {
    const found = await lookAt(path);
    if (found !== "folder") return { files: [{ ...found, by: "name" }], missing: [] };
  } catch (thrown) {
    if (!(thrown instanceof CollectError)) throw thrown;
    // what exists is taken for itself first, whatever characters its name has
    if (isDynamicPattern(path)) return findCrawled(path, "pattern", signal);
    return { files: [], missing: [{ piece: path, error: thrown }] };
  }
  return findCrawled(path, "folder", signal);
}

async function findCrawled(path: string, by: "pattern" | "folder", signal: AbortSignal): Promise<FoundFiles> {
  const crawled = await crawl(path, by, signal);
  const missing = [...crawled.missing];
  if (crawled.paths.length === 0 && missing.length === 0 && by === "pattern")
    missing.push({ piece: path, error: new CollectError("not_found", `${path}: no file matches this pattern`) });
  if (crawled.paths.length > MOST_FILES) {
    const why = `more than ${MOST_FILES} files: name the folders that hold certificates`;
    missing.push({ piece: path, error: new CollectError("body_too_large", `${path}: ${why}`) });
  }
  const limit = pLimit(LOOKS_AT_ONCE);
  const looked = await limit.map(crawled.paths.slice(0, MOST_FILES), async (each): Promise<FoundFile | undefined> => {
    signal.throwIfAborted();
    try {
      const found = await lookAt(each);
      return found === "folder" ? undefined : { ...found, by };
    } catch (thrown) {
      if (!(thrown instanceof CollectError)) throw thrown;
      if (isToldOf(each, by, thrown)) missing.push({ piece: each, error: thrown });
      return undefined;
    }
  });
  return {
    files: looked.filter((each) => each !== undefined),
    // they were looked at side by side, so that they came in any order
    missing: missing.toSorted((a, b) => (a.piece < b.piece ? -1 : 1)),
  };
}

/**
 * Whether a file that can not be read is a missing piece. Nobody named those that are below a folder: a link that leads
 * nowhere, a socket or a private key among them is nothing that anybody lacks.
 */
export function isToldOf(path: string, by: FoundBy, { reason }: CollectError): boolean {
  if (by === "name") return true;
  if (reason === "forbidden") return !/key/i.test(basename(path));
  return by === "pattern" || reason !== "not_found";
}

/** Each file once, under the name that says most and stays when the file behind it is replaced. */
async function withoutAliases(files: readonly FoundFile[]): Promise<readonly FoundFile[]> {
  const groups = Map.groupBy(files, ({ version }) => version);
  const chosen: FoundFile[] = [];
  for (const group of groups.values()) chosen.push(await bestName(group));
  return chosen.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function bestName(group: readonly FoundFile[]): Promise<FoundFile> {
  const [first] = group;
  if (first !== undefined && group.length === 1) return first;
  const ranked = await Promise.all(group.map(async (file) => ({ file, rank: await rankOf(file) })));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const [best] = ranked;
  if (best === undefined) throw new CollectError("internal", "a group of files without files");
  return best.file;
}

/** A name of OpenSSL's for a certificate in a folder of authorities. */
const SUBJECT_HASH = /^[0-9a-f]{8}\.r?\d+$/;

async function rankOf({ path, by }: FoundFile): Promise<string> {
  // `live/nas/cert.pem` and `current.pem` are links to the file of the day
  const isLink = await lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
  const depth = String(path.split(sep).length).padStart(4, "0");
  return [by === "name" ? 0 : 1, SUBJECT_HASH.test(basename(path)) ? 1 : 0, depth, isLink ? 0 : 1, path].join(" ");
}
