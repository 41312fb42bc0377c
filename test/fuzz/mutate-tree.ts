import fc from "fast-check";

/** Changes the value that is found at some place of a tree. */
type Change = (tree: unknown) => unknown;

/** Values that fit almost nowhere. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, 2 ** 53, 0.1, "", " ", "null", "0", "-1s", "9".repeat(400)),
  fc.constantFrom<unknown>([], {}, [[]], [null], { "": "" }, JSON.parse('{"__proto__": {"a": 1}}')),
  fc.constantFrom<unknown>(
    "constructor",
    "__proto__",
    "\u0000",
    "\u202e",
    "a\nb",
    "{{",
    "${X}",
    "$window",
    "*",
    "[",
    "\ud800",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.integer(),
  fc.double(),
  fc.constantFrom(60, 5_000).map((depth) => nested(Math.min(depth, 400))),
);

function nested(depth: number): unknown {
  let tree: unknown = "deep";
  for (let i = 0; i < depth; i++) tree = i % 2 === 0 ? [tree] : { a: tree };
  return tree;
}

type Branch = unknown[] | Record<string, unknown>;
const isBranch = (value: unknown): value is Branch => typeof value === "object" && value !== null;

/** Every place below the root: the branch that holds it, and its key there. */
function placesOf(tree: unknown): readonly (readonly [Branch, string])[] {
  const found: (readonly [Branch, string])[] = [];
  const walk = (value: unknown): void => {
    if (!isBranch(value)) return;
    for (const key of Object.keys(value)) {
      found.push([value, key]);
      walk(Reflect.get(value, key));
    }
  };
  walk(tree);
  return found;
}

const MOST_PLACES = 5_000;
const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Does something at a place of a copy; a tree without places stays as it is. */
const at =
  (where: number, change: (branch: Branch, key: string) => void): Change =>
  (tree) => {
    const copy: unknown = structuredClone(tree);
    const places = placesOf(copy);
    const place = places[Math.floor(where * places.length)];
    // what is repeated again and again would fill the memory before anybody reads it
    if (place !== undefined && places.length < MOST_PLACES) change(...place);
    return copy;
  };

const set = (branch: Branch, key: string, value: unknown): void =>
  void Object.defineProperty(branch, key, { value, writable: true, enumerable: true, configurable: true });

function drop(branch: Branch, key: string): void {
  if (Array.isArray(branch)) branch.splice(Number(key), 1);
  else Reflect.deleteProperty(branch, key);
}

/**
 * Trees of a corpus with values replaced, removed, renamed, repeated, or taken from one another. Shrinks towards fewer
 * changes.
 */
export function mutatedTree(corpus: readonly unknown[], odd: fc.Arbitrary<unknown> = oddValue): fc.Arbitrary<unknown> {
  const parts = corpus.flatMap((tree) => placesOf(tree).map(([branch, key]): unknown => Reflect.get(branch, key)));
  const keys = [...new Set(corpus.flatMap((tree) => placesOf(tree).map(([, key]) => key)))];
  const key = fc.oneof(fc.constantFrom(...keys), fc.constantFrom("__proto__", "constructor", "", "\n", "a.b", "*"));
  const donor = fc.nat(parts.length - 1).map((nth) => structuredClone(parts[nth]));
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc.tuple(share, odd).map(([where, value]) => at(where, (branch, key) => set(branch, key, value))),
    fc.tuple(share, donor).map(([where, value]) => at(where, (branch, key) => set(branch, key, value))),
    share.map((where) => at(where, drop)),
    fc.tuple(share, key).map(([where, name]) =>
      at(where, (branch, key) => {
        const value: unknown = Reflect.get(branch, key);
        drop(branch, key);
        if (Array.isArray(branch)) branch.push(value);
        else set(branch, name, value);
      }),
    ),
    fc
      .tuple(share, key, fc.oneof(odd, donor))
      .map(([where, name, value]) =>
        at(where, (branch) => (Array.isArray(branch) ? void branch.push(value) : set(branch, name, value))),
      ),
    fc.tuple(share, fc.constantFrom(1, 2, 300)).map(([where, times]) =>
      at(where, (branch, key) => {
        const value: unknown = Reflect.get(branch, key);
        if (Array.isArray(branch)) for (let i = 0; i < times; i++) branch.push(structuredClone(value));
        else
          set(
            branch,
            key,
            Array.from({ length: times }, () => structuredClone(value)),
          );
      }),
    ),
  );
  return fc
    .tuple(fc.nat(corpus.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([nth, changes]) => changes.reduce((tree, apply) => apply(tree), corpus[nth]));
}
