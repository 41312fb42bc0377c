import { maskLine, WILDCARD } from "./mask.ts";

/** Share of the words that a line must have in common with a pattern to be one of it. */
const SIMILARITY = 0.4;
/**
 * Words from the beginning that lead to the patterns a line is compared with: the tree's depth is 4 with its root and
 * leaves.
 */
const WORDS_OF_PATH = 2;
const MOST_CHILDREN = 100;
const MOST_IN_LEAF = 50;
const MOST_PATTERNS = 5_000;
const MOST_REMEMBERED = 20_000;

/** Groups lines into patterns as they come. */
export interface Drain {
  /**
   * The number of the line's pattern, from 0 on. Lines of different `kind` (such as their level) are never one pattern.
   */
  add(message: string, kind: string): number;
  /** The pattern's text as of now: words, with `<*>` where its lines differ. */
  template(pattern: number): string;
  /** How many patterns there are. */
  readonly size: number;
}

interface Node {
  readonly children: Map<string, Node>;
  readonly patterns: number[];
}

/**
 * A tree of patterns after He and others, "Drain: An Online Log Parsing Approach with Fixed Depth Tree" (2017): by
 * number of words, then by the first ones, then by what they have in common. Its size is bounded, whatever is added:
 * what finds no place of its own goes to the most similar pattern.
 */
export function createDrain(): Drain {
  const roots = new Map<string, Node>();
  const templates: string[][] = [];
  const remembered = new Map<string, number>();
  const overflows = new Map<string, number>();

  const start = (words: string[]): number => templates.push(words) - 1;

  const overflowOf = (kind: string): number => {
    const pattern = overflows.get(kind) ?? start([WILDCARD]);
    overflows.set(kind, pattern);
    return pattern;
  };

  const find = (masked: string, kind: string): number => {
    const words = masked.split(/\s+/);
    const mayGrow = templates.length < MOST_PATTERNS;
    const patterns = leafOf(roots, words, kind, mayGrow)?.patterns ?? [];
    const best = mostSimilar(templates, patterns, words);
    if (best !== undefined && (best.similarity >= SIMILARITY || patterns.length >= MOST_IN_LEAF || !mayGrow)) {
      generalize(templates[best.pattern] ?? [], words);
      return best.pattern;
    }
    if (!mayGrow) return overflowOf(kind);
    patterns.push(start(words));
    return templates.length - 1;
  };

  return {
    add: (message, kind) => {
      const masked = maskLine(message).trim();
      const key = `${kind}\n${masked}`;
      const known = remembered.get(key);
      if (known !== undefined) return known;
      const pattern = find(masked, kind);
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      remembered.set(key, pattern);
      return pattern;
    },
    template: (pattern) => (templates[pattern] ?? []).join(" "),
    get size() {
      return templates.length;
    },
  };
}

function leafOf(roots: Map<string, Node>, words: readonly string[], kind: string, mayGrow: boolean): Node | undefined {
  let node = childOf(roots, `${words.length} ${kind}`, mayGrow ? Number.POSITIVE_INFINITY : 0);
  const most = mayGrow ? MOST_CHILDREN : 0;
  for (const word of words.slice(0, WORDS_OF_PATH)) node = node && childOf(node.children, wayOf(word), most);
  return node;
}

/** What is a parameter by its look leads the same way for every value, and so does what is quoted. */
const wayOf = (word: string): string => (word.includes(WILDCARD) || /^['"`([{]/.test(word) ? WILDCARD : word);

/** With `most` children there is one more, for all others; with 0 none is added. */
function childOf(children: Map<string, Node>, word: string, most: number): Node | undefined {
  const way = children.has(word) || children.size < most ? word : WILDCARD;
  const child = children.get(way);
  if (child !== undefined || most === 0) return child;
  const added = { children: new Map<string, Node>(), patterns: [] };
  children.set(way, added);
  return added;
}

function mostSimilar(
  templates: readonly (readonly string[])[],
  patterns: readonly number[],
  words: readonly string[],
): { readonly pattern: number; readonly similarity: number } | undefined {
  let best: { pattern: number; similarity: number } | undefined;
  for (const pattern of patterns) {
    const similarity = similarityOf(templates[pattern] ?? [], words);
    if (best === undefined || similarity > best.similarity) best = { pattern, similarity };
  }
  return best;
}

/**
 * Share of the words that are the same; what is a parameter by its look in both says nothing, unless there is no more.
 */
function similarityOf(template: readonly string[], words: readonly string[]): number {
  let [same, fixed] = [0, 0];
  for (let at = 0; at < words.length; at += 1) {
    const isSame = template[at] === words[at];
    if (isSame && words[at] === WILDCARD) continue;
    fixed += 1;
    if (isSame) same += 1;
  }
  return fixed === 0 ? 1 : same / fixed;
}

function generalize(template: string[], words: readonly string[]): void {
  for (let at = 0; at < template.length; at += 1) if (template[at] !== words[at]) template[at] = WILDCARD;
}
