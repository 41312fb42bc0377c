import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Document, Node, Pair } from "yaml";

/** Keys and indexes from the root of a document to one of its nodes. */
export type YamlPath = readonly (string | number)[];

/** Where something stands in a file; both count from 1. */
export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

/**
 * Turns offsets of a text into lines and columns; an unknown offset has no place. It counts lines itself, because
 * yaml's own counter loses some of them after a fault of syntax.
 */
export function placesIn(text: string): (offset: number | undefined) => YamlPlace | undefined {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (wanted) => {
    if (wanted === undefined) return undefined;
    const offset = Math.min(wanted, text.length);
    let [line, after] = [0, starts.length];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}

type KeyedPair = Pair & { key: Node };

/** Finds the offsets of a document's values and keys by their paths; undefined for what is not there. */
export function offsetsIn(document: Document) {
  const pairs = new WeakMap<object, ReadonlyMap<string, KeyedPair>>();
  const target = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  const pairOf = (node: unknown, key: string | number): KeyedPair | undefined => {
    const map = target(node);
    if (!isMap(map)) return undefined;
    const known = pairs.get(map) ?? pairsByKey(map.items);
    pairs.set(map, known);
    return known.get(String(key));
  };
  const childOf = (node: unknown, key: string | number): unknown => {
    const list = target(node);
    return isSeq(list) ? list.items[Number(key)] : pairOf(list, key)?.value;
  };
  const nodeAt = (path: YamlPath): unknown => path.reduce<unknown>(childOf, document.contents);
  const ofKey = (path: YamlPath, key: string | number): number | undefined => pairOf(nodeAt(path), key)?.key.range?.[0];

  const ofValue = (path: YamlPath): number | undefined => {
    const node = nodeAt(path);
    const range = isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range : undefined;
    const last = path.at(-1);
    // an empty value has no text of its own: its key is what a reader looks for
    const key = range && range[0] === range[1] && last !== undefined ? ofKey(path.slice(0, -1), last) : undefined;
    return key ?? range?.[0];
  };
  return { ofKey, ofValue };
}

function pairsByKey(items: readonly Pair[]): ReadonlyMap<string, KeyedPair> {
  const keyed = items.filter((pair): pair is KeyedPair => isScalar(pair.key));
  return new Map(keyed.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair]));
}
