type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Leaf = null | boolean | number | string;

/**
 * The JSON text with the type of every value wrong: numbers and booleans as strings, strings as numbers (their own, or
 * their length). A text that is not JSON stays as it is, here and below.
 */
export const withWrongTypes = (text: string): string => changeLeaves(text, (leaf) => JSON.stringify(wrongType(leaf)));

/**
 * The JSON text with null for every value at the depth or deeper; at depth 1 all members of the outermost object are
 * null, and without a depth only what is no object or list.
 */
export function withNulls(text: string, depth?: number): string {
  return change(text, (value) => print(value, () => "null", depth ?? Number.POSITIVE_INFINITY));
}

/** The JSON text with this for every number, which may be what JSON has not, such as NaN. */
export const withNumbers = (text: string, number: string): string =>
  changeLeaves(text, (leaf) => (typeof leaf === "number" ? number : JSON.stringify(leaf)));

/** The JSON text with this before every string that is a value. */
export const withPrefix = (text: string, prefix: string): string =>
  changeLeaves(text, (leaf) => JSON.stringify(typeof leaf === "string" ? `${prefix}${leaf}` : leaf));

/** The JSON text with every list empty. */
export const withEmptyLists = (text: string): string => changeLists(text, () => []);

/** The JSON text with every element of every list twice. */
export const withDoubledRows = (text: string): string => changeLists(text, (list) => list.flatMap((row) => [row, row]));

/** The JSON text with every member of every object twice: first null, then its value. */
export function withDuplicateKeys(text: string): string {
  const twice = (value: Json): string => {
    if (isList(value)) return `[${value.map(twice).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const members = Object.entries(value).map(
      ([name, child]) => `${JSON.stringify(name)}:null,${JSON.stringify(name)}:${twice(child)}`,
    );
    return `{${members.join(",")}}`;
  };
  return change(text, twice);
}

/**
 * The JSON text with lists in lists for the first member of the outermost object, or for the whole when that is none.
 */
export function withDeepNesting(text: string, levels: number): string {
  const nest = `${"[".repeat(levels)}${"]".repeat(levels)}`;
  return change(text, (value) => {
    const [first] = value === null || typeof value !== "object" || isList(value) ? [] : Object.keys(value);
    return first === undefined ? nest : withinMember(text, first, () => nest);
  });
}

const NEAR_MS = 400 * 86_400_000;

/**
 * The JSON text with every moment within some 400 days, as seconds or milliseconds since 1970 or as ISO 8601, so much
 * later.
 */
export function withShiftedTimes(text: string, shiftMs: number): string {
  const now = Date.now();
  const isNear = (ms: number): boolean => Math.abs(ms - now) < NEAR_MS;
  return changeLeaves(text, (leaf) => {
    if (typeof leaf === "number" && isNear(leaf * 1000)) return JSON.stringify(leaf + shiftMs / 1000);
    if (typeof leaf === "number" && isNear(leaf)) return JSON.stringify(leaf + shiftMs);
    if (typeof leaf === "string" && /^\d{4}-\d\d-\d\dT/.test(leaf) && isNear(Date.parse(leaf)))
      return JSON.stringify(new Date(Date.parse(leaf) + shiftMs).toISOString());
    return JSON.stringify(leaf);
  });
}

/**
 * Changes one member of the outermost object only, such as the `result` of a JSON-RPC answer; a text without it stays.
 */
export function withinMember(text: string, member: string, changeMember: (text: string) => string): string {
  return change(text, (value) => {
    if (value === null || typeof value !== "object" || isList(value) || !Object.hasOwn(value, member)) return text;
    const { [member]: inner = null, ...rest } = value;
    const others = Object.entries(rest).map(([name, child]) => `${JSON.stringify(name)}:${JSON.stringify(child)}`);
    return `{${[...others, `${JSON.stringify(member)}:${changeMember(JSON.stringify(inner))}`].join(",")}}`;
  });
}

/** The JSON text of one member of the outermost object; undefined when there is none. */
export function memberOf(text: string, member: string): string | undefined {
  let found: string | undefined;
  withinMember(text, member, (inner) => (found = inner));
  return found;
}

function change(text: string, by: (value: Json) => string): string {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  return by(value);
}

const changeLeaves = (text: string, by: (leaf: Leaf) => string): string => change(text, (value) => print(value, by));

function changeLists(text: string, by: (list: readonly Json[]) => readonly Json[]): string {
  return change(text, (value) => JSON.stringify(value, (_, child: Json) => (isList(child) ? by(child) : child)));
}

/** The text of a value with leaves printed in another way; null from the depth on. */
function print(value: Json, leaf: (leaf: Leaf) => string, depth = Number.POSITIVE_INFINITY): string {
  if (depth <= 0) return "null";
  if (isList(value)) return `[${value.map((child) => print(child, leaf, depth - 1)).join(",")}]`;
  if (value === null || typeof value !== "object") return leaf(value);
  const members = Object.entries(value).map(
    ([name, child]) => `${JSON.stringify(name)}:${print(child, leaf, depth - 1)}`,
  );
  return `{${members.join(",")}}`;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function wrongType(leaf: Leaf): Leaf {
  if (leaf === null) return 0;
  if (typeof leaf !== "string") return String(leaf);
  const number = Number(leaf);
  return leaf.trim() !== "" && Number.isFinite(number) ? number : leaf.length;
}
