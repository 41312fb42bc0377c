import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import markdownIt, { type Token } from "markdown-it";
import { packageRoot } from "../../src/lib/package.ts";

/** A page of Markdown for users. */
export interface Page {
  /** From the folder of the repository. */
  readonly path: string;
  readonly blocks: readonly CodeBlock[];
  /** Texts between backticks within sentences and tables. */
  readonly codes: readonly Placed[];
  /** Where its links lead. */
  readonly links: readonly Placed[];
  /** Names of its headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
}

/** A piece of a page. */
export interface Placed {
  readonly text: string;
  /** Path of the page and line, such as `README.md:12`. */
  readonly place: string;
}

/** A fenced block. */
export interface CodeBlock extends Placed {
  /** Empty when none is said. */
  readonly language: string;
}

/** A command that a page tells people to run. */
export interface Command extends Placed {
  /** Lines that the page shows as its output; none when it shows nothing. */
  readonly output: readonly string[];
}

const FOR_USERS = [
  "README.md",
  "docs/*.md",
  "deploy/*/README.md",
  "src/notifiers/*/README.md",
  "src/collectors/*/README.md",
  "src/collectors/*/runbooks/*.md",
];
/** Pages that are generated, or written for those who change Watchkeeper. */
const OTHERS = ["docs/*/*.md", "CHANGELOG.md", "CONTRIBUTING.md"];

/** Every page that people read who run Watchkeeper. */
export const readPages = (): Promise<readonly Page[]> => read(FOR_USERS);

/** Every page of the repository. */
export const readAllPages = (): Promise<readonly Page[]> => read([...FOR_USERS, ...OTHERS]);

function read(patterns: readonly string[]): Promise<readonly Page[]> {
  const paths = globSync(patterns, { cwd: packageRoot }).toSorted();
  return Promise.all(paths.map(async (path) => readPage(path, await readFile(join(packageRoot, path), "utf8"))));
}

function readPage(path: string, markdown: string): Page {
  const tokens = markdownIt().parse(markdown, {});
  // what has no line of its own, such as a cell of a table, has that of what it is in
  let line = 1;
  const places = new Map(tokens.map((token) => [token, `${path}:${(line = token.map ? token.map[0] + 1 : line)}`]));
  const place = (token: Token): string => places.get(token) ?? path;
  const within = tokens.flatMap((token) => (token.children ?? []).map((child) => ({ child, place: place(token) })));
  const headings = tokens.filter((_, i) => tokens[i - 1]?.type === "heading_open").map(({ content }) => slug(content));
  return {
    path,
    blocks: tokens
      .filter(({ type }) => type === "fence")
      .map((token) => ({ language: token.info.trim(), text: token.content, place: place(token) })),
    codes: within
      .filter(({ child }) => child.type === "code_inline")
      .map(({ child, place }) => ({ text: child.content, place })),
    links: within
      .filter(({ child }) => child.type === "link_open")
      .map(({ child, place }) => ({ text: String(child.attrGet("href") ?? ""), place })),
    anchors: new Set(
      headings.map((name, i) => name + suffix(headings.slice(0, i).filter((one) => one === name).length)),
    ),
  };
}

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const suffix = (before: number): string => (before === 0 ? "" : `-${before}`);

const SHELLS = new Set(["sh", "bash", "console"]);

/** The commands of a page: those of its shell blocks, and those between backticks that begin with a program of ours. */
export function commandsOf({ blocks, codes }: Page): readonly Command[] {
  const ofBlocks = blocks.flatMap((block) => (/^\$ /m.test(block.text) ? session(block) : script(block)));
  const ofCodes = codes.filter(({ text }) => /^(?:watchkeeper|npm|bash|node_modules\S+) \S/.test(text));
  return [...ofBlocks, ...ofCodes.map((code) => ({ ...code, output: [] }))];
}

/** Commands after prompts, and what each wrote. */
const session = ({ text, place }: CodeBlock): readonly Command[] =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...output] = part.split("\n");
      return { text: command, output: output.filter((line) => line.trim() !== ""), place };
    });

const script = ({ text, place, language }: CodeBlock): readonly Command[] =>
  SHELLS.has(language)
    ? text
        .replaceAll(/\\\n\s*/g, "")
        .split(/\n| && /)
        .filter((line) => /^[^#]/.test(line))
        .map((line) => ({ text: line.replace(/\s+# .*/, ""), output: [], place }))
    : [];
