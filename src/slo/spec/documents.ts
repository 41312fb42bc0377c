import { isCollection, valueAt } from "../../lib/documents/values.ts";
import type { YamlPlace } from "../../lib/yaml-places.ts";
import { nearestPlace, parseYaml, type YamlSource } from "../../lib/yaml.ts";
import { readPlainYaml, type PlainYaml } from "./plain-yaml.ts";
import type { At, SloDocument } from "./reader.ts";

/** What makes a document unusable. */
export interface SyntaxFault extends YamlPlace {
  readonly message: string;
}

/** The documents of a file, and what can not be read of it. */
export interface Documents {
  readonly documents: readonly SloDocument[];
  readonly faults: readonly SyntaxFault[];
}

/** Reads all documents of a YAML file; a fault in one leaves the others readable. Empty ones are left out. */
export function readDocuments(text: string, file: string): Documents {
  const documents: SloDocument[] = [];
  const faults: SyntaxFault[] = [];
  for (const part of partsOf(text.replace(/^\ufeff/, ""))) {
    const plain = readPlainYaml(part.text);
    const full = lazy(() => parseYaml(part.text, file));
    const found = plain === undefined ? full().faults : [];
    for (const { message, line = 1, column = 1 } of found) faults.push({ message, line: line + part.line, column });
    const document = plain === undefined ? full().value : plain.value;
    if (found.length === 0 && document !== null)
      documents.push({ document, at: shifted(placer(plain, full), part.line), file });
  }
  return { documents, faults };
}

interface Part {
  readonly text: string;
  /** How many lines are before it. */
  readonly line: number;
}

/** A line that begins or ends a document, wherever it stands. Source: https://yaml.org/spec/1.2.2/#91-documents */
const MARKER = /^(?:---|\.\.\.)(?=[ \t\r]|$)/;
const BEGIN_ALONE = /^---\s*(?:#.*)?$/;
const NOTHING = /^\s*(?:#|$|%)/;

function partsOf(text: string): Part[] {
  if (!/^(?:---|\.\.\.)/m.test(text)) return /^[^\S\n]*[^\s#%]/m.test(text) ? [{ text, line: 0 }] : [];
  const parts: Part[] = [];
  const lines = text.split("\n");
  let begin = 0;
  const end = (at: number): void => {
    const own = lines.slice(begin, at);
    // the marker is needed only after directives
    const plain = own.some((line) => line.startsWith("%")) ? own : own.map((line) => line.replace(BEGIN_ALONE, ""));
    if (!plain.every((line) => NOTHING.test(line))) parts.push({ text: plain.join("\n"), line: begin });
  };
  lines.forEach((line, i) => {
    if (!MARKER.test(line)) return;
    const isEnd = line.startsWith("...");
    // directives and comments stand before the marker of their own document
    if (!isEnd && lines.slice(begin, i).every((before) => NOTHING.test(before))) return;
    end(i);
    begin = isEnd ? i + 1 : i;
  });
  end(lines.length);
  return parts;
}

const shifted =
  (at: At, by: number): At =>
  (path, key) => {
    const { line, column } = at(path, key);
    return { line: line + by, column };
  };

/**
 * The places of mappings and lists are known from the fast reading; others are looked for only when something is wrong
 * there.
 */
function placer(plain: PlainYaml | undefined, full: () => YamlSource): At {
  return (path, key) => {
    const value = key === undefined ? valueAt(plain?.value, path) : undefined;
    const known = isCollection(value) ? plain?.place(value) : undefined;
    return known ?? nearestPlace(full(), path, key) ?? { line: 1, column: 1 };
  };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
