/** Other words for texts of one word or several, found where such a text stands as a whole. */
export interface Phrases {
  /** The first word for a text holds. */
  add(text: string, other: string): void;
  /** What stands for the longest text that begins at an atom, and the atom after it; atoms are of {@link atomsOf}. */
  longestAt(atoms: readonly string[], from: number): { readonly other: string; readonly end: number } | undefined;
}

/** Letters and digits that stand together, or one other character. */
const ATOM = /[\p{L}\p{M}\p{N}]+|[^]/gu;

/** The parts of a text of which none is replaced by half; together they are the text. */
export const atomsOf = (text: string): readonly string[] => text.match(ATOM) ?? [];

interface Node {
  readonly next: Map<string, Node>;
  other?: string;
}

/** Holds phrases as a tree of atoms, so that a look-up takes the same time however many there are. */
export function createPhrases(): Phrases {
  const root: Node = { next: new Map() };
  const plain = (atom: string): string => atom.toLowerCase();
  return {
    add(text, other) {
      let node = root;
      for (const atom of atomsOf(text)) {
        const next: Node = node.next.get(plain(atom)) ?? { next: new Map() };
        node.next.set(plain(atom), next);
        node = next;
      }
      node.other ??= other;
    },
    longestAt(atoms, from) {
      let found: { other: string; end: number } | undefined;
      let node = root.next.get(plain(atoms[from] ?? ""));
      for (let end = from + 1; node !== undefined; end += 1) {
        if (node.other !== undefined) found = { other: node.other, end };
        node = node.next.get(plain(atoms[end] ?? ""));
      }
      return found;
    },
  };
}
