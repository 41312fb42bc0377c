type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * The JSON text with the type of every value wrong: numbers and booleans as strings, strings as numbers (their own, or
 * their length). A text that is not JSON stays as it is.
 */
export function withWrongTypes(text: string): string {
  return change(text, (value) => leaves(value, wrongType));
}

/**
 * The JSON text with null for every value at the depth or deeper; at depth 1 all members of the outermost object are
 * null, and without a depth only what is no object or list. A text that is not JSON stays as it is.
 */
export function withNulls(text: string, depth?: number): string {
  return change(text, (value) => nulls(value, depth ?? Number.POSITIVE_INFINITY));
}

function change(text: string, by: (value: Json) => Json): string {
  try {
    return JSON.stringify(by(JSON.parse(text) as Json));
  } catch {
    return text;
  }
}

function nulls(value: Json, depth: number): Json {
  if (depth <= 0) return null;
  return children(
    value,
    (child) => nulls(child, depth - 1),
    () => null,
  );
}

function leaves(value: Json, by: (leaf: null | boolean | number | string) => Json): Json {
  return children(value, (child) => leaves(child, by), by);
}

function children(
  value: Json,
  ofChild: (child: Json) => Json,
  ofLeaf: (leaf: null | boolean | number | string) => Json,
): Json {
  if (isList(value)) return value.map(ofChild);
  if (value === null || typeof value !== "object") return ofLeaf(value);
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, ofChild(child)]));
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function wrongType(leaf: null | boolean | number | string): Json {
  if (leaf === null) return 0;
  if (typeof leaf !== "string") return String(leaf);
  const number = Number(leaf);
  return leaf.trim() !== "" && Number.isFinite(number) ? number : leaf.length;
}
