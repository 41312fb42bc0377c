import { Document, isAlias, isCollection, isMap, isScalar, parseDocument, stringify, visit } from "yaml";
import type { Scalar, YAMLMap } from "yaml";
import type { ConfigFault } from "../core/errors.ts";
import { syntaxMessage } from "./yaml-messages.ts";
import { offsetsIn, placesIn, type YamlPath, type YamlPlace } from "./yaml-places.ts";

/**
 * A parsed document with the places of its nodes. `value` is undefined when there are faults, null when it is empty.
 */
export interface YamlSource {
  readonly value: unknown;
  /** What makes the text unusable, sorted by line. No message quotes the text, which may hold secrets. */
  readonly faults: readonly ConfigFault[];
  /** The place of the node at the path; undefined when there is none. */
  locate(path: YamlPath): YamlPlace | undefined;
  /** The place of a key of the mapping at the path; undefined when there is none. */
  locateKey(path: YamlPath, key: string): YamlPlace | undefined;
}

const MAX_ALIASES = 100;

/**
 * Parses one document of YAML 1.2 (core schema, all keys are text; no merge keys, no custom tags) and never throws.
 * `file` is only the name that faults give.
 */
export function parseYaml(text: string, file: string): YamlSource {
  const document: Document = parseDocument(text, {
    prettyErrors: false,
    stringKeys: true,
    // its own check takes minutes for a mapping of 60,000 keys
    uniqueKeys: false,
    schema: "core",
    resolveKnownTags: false,
    merge: false,
    logLevel: "error",
  });
  const at = placesIn(text);
  const offsets = offsetsIn(document);
  const fault = (message: string, offset?: number): ConfigFault => ({
    file,
    path: "",
    message,
    ...at(offset),
  });
  // a closing bracket below its key is common and harmless; other warnings tell that a tag or directive is passed over
  const warnings = document.warnings.filter(({ code }) => code !== "BAD_INDENT");
  const faults = [...document.errors, ...warnings].map(({ code, message, pos }) =>
    fault(syntaxMessage(code, message, lineOf(text, pos[0])), pos[0]),
  );
  for (const found of treeFaults(document, fault)) faults.push(found);
  const value = faults.length > 0 ? undefined : toValue(document, faults, fault);
  return {
    value,
    faults: firstOfEachLine(faults),
    locate: (path) => at(offsets.ofValue(path)),
    locateKey: (path, key) => at(offsets.ofKey(path, key)),
  };
}

/** The place of a value, or of a key in it; where that is missing, of the closest thing around it. */
export function nearestPlace(source: YamlSource, path: YamlPath, key?: string): YamlPlace | undefined {
  const own = (key === undefined ? undefined : source.locateKey(path, key)) ?? source.locate(path);
  return own ?? (path.length === 0 ? undefined : nearestPlace(source, path.slice(0, -1)));
}

/**
 * Prints a value of plain objects, arrays, texts, numbers, booleans and null as YAML: the same value always gives the
 * same text. Lines are never folded, texts of many lines are literal blocks, and what a YAML 1.1 reader would take for
 * something else (`yes`, `0123`, a line separator within a text) is quoted. Keys whose value is undefined are left out.
 */
export function printYaml(value: unknown): string {
  const text = stringify(value, PRINTING);
  if (!UNPRINTABLE.test(text)) return text;
  const document = new Document(value, PRINTING);
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && UNPRINTABLE.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return escapeUnprintable(document.toString(PRINTING));
}

const PRINTING = { lineWidth: 0, aliasDuplicateObjects: false, compat: "yaml-1.1" } as const;

/**
 * What may not stand in YAML, or ends a line in YAML 1.1, of which JSON leaves these as they are.
 * Sources: https://yaml.org/spec/1.2.2/#51-character-set, https://yaml.org/spec/1.1/#id871136
 */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
const EACH_UNPRINTABLE = new RegExp(UNPRINTABLE, "g");

/** Escapes in a text between double quotes what a reader of YAML would refuse, or take for the end of a line. */
export const escapeUnprintable = (quoted: string): string =>
  quoted.replace(EACH_UNPRINTABLE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);

type FaultAt = (message: string, offset?: number) => ConfigFault;

function toValue(document: Document, faults: ConfigFault[], fault: FaultAt): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (thrown) {
    // yaml throws this for an alias count over the limit, and the engine a RangeError for nesting that is too deep
    if (!(thrown instanceof ReferenceError || thrown instanceof RangeError)) throw thrown;
    faults.push(fault("expands to too much: use fewer aliases (*name) and less nesting"));
    return undefined;
  }
}

/** Finds keys that stand twice, and aliases that `toJS` would refuse without a place or turn into a circle. */
function treeFaults(document: Document, fault: FaultAt): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const anchors = new Set<string>();
  visit(document, (_key, node, ancestors) => {
    if (isMap(node)) for (const key of secondKeys(node)) faults.push(fault(SECOND_KEY, key.range?.[0]));
    if (isAlias(node)) {
      const around = ancestors.some((one) => isCollection(one) && one.anchor === node.source);
      if (around || !anchors.has(node.source)) faults.push(fault(around ? CIRCLE : NO_ANCHOR, node.range?.[0]));
    } else if ((isCollection(node) || isScalar(node)) && node.anchor !== undefined) anchors.add(node.anchor);
  });
  return faults;
}

function secondKeys({ items }: YAMLMap): Scalar[] {
  const seen = new Set<unknown>();
  const keys = items.map(({ key }) => key).filter((key) => isScalar(key));
  return keys.filter((key) => seen.size === seen.add(key.value).size);
}

const SECOND_KEY = "this key stands a second time in the same mapping";
const CIRCLE = "this alias stands inside of what it repeats";
const NO_ANCHOR = "no anchor of this name comes before the alias";

function lineOf(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const end = text.indexOf("\n", offset);
  return text.slice(start, end === -1 ? text.length : end);
}

/** One fault of syntax makes the parser stumble several times over the same line; the first says what is wrong. */
function firstOfEachLine(faults: readonly ConfigFault[]): ConfigFault[] {
  const sorted = faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return sorted.filter((fault, i) => fault.line === undefined || fault.line !== sorted[i - 1]?.line);
}
