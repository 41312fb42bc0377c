import type { YamlPlace } from "../../lib/yaml-places.ts";

/** A mapping read from plain YAML. */
export interface PlainYaml {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where a mapping or list of it begins. */
  place(of: object): YamlPlace | undefined;
}

/** Thrown at the first thing that is not surely plain. */
class NotPlain extends Error {}

/**
 * Reads the part of YAML that nearly all specifications are written in, about forty times as fast as the full parser:
 * block mappings and lists, texts of one line, literal blocks, flat `[a, b]` and `{ a: b }`. Undefined for everything
 * else, right or wrong, which is then for the full parser; what it does read is what that one reads. `text` is one
 * document without markers.
 */
export function readPlainYaml(text: string): PlainYaml | undefined {
  if (/[^\n\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe]/.test(text)) return undefined;
  const places = new Map<object, YamlPlace>();
  try {
    const value = new PlainReader(text.split("\n"), places).document();
    return { value, place: (of) => places.get(of) };
  } catch (thrown) {
    if (thrown instanceof NotPlain) return undefined;
    throw thrown;
  }
}

/** Plain keys only. */
const KEY = /^([A-Za-z_][\w./-]*):(?: +|$)/;
const DASH = /^- +(?=[^ ])|^-$/;
const MOST_DEPTH = 30;

class PlainReader {
  private line = 0;
  private depth = 0;
  private readonly lines: string[];
  private readonly places: Map<object, YamlPlace>;

  constructor(lines: string[], places: Map<object, YamlPlace>) {
    this.lines = lines;
    this.places = places;
  }

  document(): Readonly<Record<string, unknown>> {
    if (this.indent() !== 0) throw new NotPlain();
    const value = this.mapping(0);
    if (this.line < this.lines.length) throw new NotPlain();
    return value;
  }

  /** Goes to the next line that holds something; its indentation, -1 at the end. */
  private indent(): number {
    for (; this.line < this.lines.length; this.line++) {
      const text = this.lines[this.line] ?? "";
      let column = 0;
      while (text[column] === " ") column++;
      if (column < text.length && text[column] !== "#") return column;
    }
    return -1;
  }

  private block(indent: number): unknown {
    if (++this.depth > MOST_DEPTH) throw new NotPlain();
    const value = DASH.test(this.rest(indent)) ? this.list(indent) : this.mapping(indent);
    this.depth--;
    return value;
  }

  private rest(column: number): string {
    return (this.lines[this.line] ?? "").slice(column);
  }

  private placed<T extends object>(value: T, column: number): T {
    this.places.set(value, { line: this.line + 1, column: column + 1 });
    return value;
  }

  private mapping(indent: number): Record<string, unknown> {
    const value: Record<string, unknown> = this.placed({}, indent);
    while (this.indent() === indent) {
      const match = KEY.exec(this.rest(indent));
      const key = match?.[1];
      if (match === null || key === undefined || key === "__proto__" || Object.hasOwn(value, key)) throw new NotPlain();
      value[key] = this.entry(indent, indent + match[0].length);
    }
    if (this.indent() > indent) throw new NotPlain();
    return value;
  }

  /** The value of a key, whose own line goes on at `column`. */
  private entry(indent: number, column: number): unknown {
    const rest = this.rest(column);
    const literal = /^\|(-?) *(?: #.*)?$/.exec(rest);
    if (literal !== null) return this.literal(indent, literal[1] === "-");
    if (rest !== "" && !rest.startsWith("#")) return this.scalar(rest, column);
    this.line++;
    const next = this.indent();
    if (next > indent || (next === indent && DASH.test(this.rest(indent)))) return this.block(next);
    return null;
  }

  private list(indent: number): unknown[] {
    const value: unknown[] = this.placed([], indent);
    while (this.indent() === indent) {
      const dash = DASH.exec(this.rest(indent))?.[0];
      if (dash === undefined) return value;
      value.push(this.item(indent, indent + dash.length, dash === "-"));
    }
    if (this.indent() > indent) throw new NotPlain();
    return value;
  }

  private item(indent: number, column: number, isEmpty: boolean): unknown {
    const rest = this.rest(column);
    if (isEmpty || rest.startsWith("#")) {
      this.line++;
      const next = this.indent();
      return next > indent ? this.block(next) : null;
    }
    if (!KEY.test(rest)) return this.scalar(rest, column);
    // the mapping begins on the line of the dash, at the column of its first key
    this.lines[this.line] = " ".repeat(column) + rest;
    return this.block(column);
  }

  private literal(indent: number, isStripped: boolean): string {
    this.line++;
    const first = /^( *)[^ ]/.exec(this.lines[this.line] ?? "")?.[1]?.length ?? -1;
    if (first <= indent) throw new NotPlain();
    const found: string[] = [];
    for (; this.line < this.lines.length; this.line++) {
      const text = this.lines[this.line] ?? "";
      const column = text.search(/[^ ]/);
      if (column === -1 ? text.length > first : column > indent && column < first) throw new NotPlain();
      if (column !== -1 && column <= indent) break;
      found.push(text.slice(first));
    }
    while (found.at(-1) === "") found.pop();
    return `${found.join("\n")}${isStripped ? "" : "\n"}`;
  }

  private scalar(text: string, column: number): unknown {
    const value = flow(text) ?? scalarOf(text);
    if (typeof value === "object" && value !== null) this.placed(value, column);
    this.line++;
    return value;
  }
}

const AFTER = "(?: *| +#.*)$";
const DOUBLE = new RegExp(`^"([^"\\\\]*)"${AFTER}`);
const SINGLE = new RegExp(`^'((?:[^']|'')*)'${AFTER}`);
const PLAIN_START = /^[^-?:,[\]{}#&*!|>'"%@` ]|^-(?=[^ ])/;
const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;
/** What could be one of YAML's other numbers. */
const ODD_NUMBER = /^(?:[-+]?0[ox]|[-+]?\.(?:inf|nan)$|-0$|[-+]?\d{16,}$)/i;

/** A text of one line, with the comment that may follow it. */
function scalarOf(text: string): unknown {
  const quoted = DOUBLE.exec(text)?.[1] ?? SINGLE.exec(text)?.[1]?.replaceAll("''", "'");
  if (quoted !== undefined) return quoted;
  const plain = text.replace(/ +#.*$/, "").replace(/ +$/, "");
  if (!PLAIN_START.test(plain) || /: |:$/.test(plain)) throw new NotPlain();
  return resolved(plain);
}

const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...["null", "Null", "NULL", "~"].map((word): [string, unknown] => [word, null]),
  ...["true", "True", "TRUE"].map((word): [string, unknown] => [word, true]),
  ...["false", "False", "FALSE"].map((word): [string, unknown] => [word, false]),
]);

/** What a text without quotes stands for. Source: https://yaml.org/spec/1.2.2/#103-core-schema */
function resolved(plain: string): unknown {
  if (WORDS.has(plain)) return WORDS.get(plain);
  if (ODD_NUMBER.test(plain)) throw new NotPlain();
  return NUMBER.test(plain) ? Number(plain) : plain;
}

const ITEM = String.raw`"[^"\\]*"|'[^']*'|[A-Za-z0-9_.][\w.%/+-]*`;
const FLOW_KEY = String.raw`[A-Za-z_][\w./-]*`;
const LIST = new RegExp(`^\\[ *(?:(?:${ITEM})(?: *, *(?:${ITEM}))*)? *\\] *$`);
const MAPPING = new RegExp(`^\\{ *(?:${FLOW_KEY}: +(?:${ITEM})(?: *, *${FLOW_KEY}: +(?:${ITEM}))*)? *\\} *$`);

/** A flat list or mapping of one line; undefined when it is neither. */
function flow(text: string): object | undefined {
  if (LIST.test(text)) return Array.from(text.matchAll(new RegExp(ITEM, "g")), ([item]) => scalarOf(item));
  if (!MAPPING.test(text)) return undefined;
  const pairs = Array.from(text.matchAll(new RegExp(`(${FLOW_KEY}): +(${ITEM})`, "g")));
  const value = Object.fromEntries(pairs.map(([, key = "", item = ""]) => [key, scalarOf(item)]));
  if (Object.keys(value).length < pairs.length || Object.hasOwn(value, "__proto__")) throw new NotPlain();
  return value;
}
