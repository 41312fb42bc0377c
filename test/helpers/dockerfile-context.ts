import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** A line of a `.dockerignore`. */
interface IgnoreRule {
  readonly ignores: boolean;
  readonly text: string;
  readonly pattern: RegExp;
}

/**
 * Whether a `.dockerignore` keeps a path (relative to the context, with `/`) out of the build. The last rule counts
 * that fits the path or a folder above it. Source: https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function dockerignore(text: string): (path: string) => boolean {
  const rules = readRules(text);
  return (path) => {
    const parts = path.split("/");
    const ways = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
    return rules.findLast(({ pattern }) => ways.some((way) => pattern.test(way)))?.ignores ?? false;
  };
}

/**
 * The files of a context that its `.dockerignore` lets into the build, sorted; links and folders are not among them.
 */
export async function contextFiles(context: string, ignoreText: string): Promise<readonly string[]> {
  const isIgnored = dockerignore(ignoreText);
  const exceptions = readRules(ignoreText).filter(({ ignores }) => !ignores);
  const mayHold = (folder: string): boolean =>
    !isIgnored(folder) || exceptions.some(({ text }) => text.startsWith(`${folder}/`) || text.startsWith("**"));
  const walk = async (folder: string): Promise<string[]> => {
    const entries = await readdir(join(context, folder), { withFileTypes: true });
    const found = entries.map(async (entry): Promise<string[]> => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return mayHold(path) ? walk(path) : [];
      return entry.isFile() && !isIgnored(path) ? [path] : [];
    });
    return (await Promise.all(found)).flat();
  };
  return (await walk("")).toSorted();
}

function readRules(text: string): readonly IgnoreRule[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const body = line.replace(/^!/, "").replace(/^\/|\/$/g, "");
      return { ignores: !line.startsWith("!"), text: body, pattern: asRegExp(body) };
    });
}

function asRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|[*?]|[.+^${}()|[\]\\]/g, (found) => {
    if (found === "**/") return "(?:.*/)?";
    if (found === "**") return ".*";
    if (found === "*") return "[^/]*";
    return found === "?" ? "[^/]" : `\\${found}`;
  });
  return new RegExp(`^${source}$`);
}
