import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { packageRoot } from "../../src/lib/package.ts";

/**
 * The files of the repository that fit one of the patterns, in the order of their names; throws when one fits nothing.
 */
export function filesOf(...patterns: readonly string[]): readonly Uint8Array[] {
  return patterns.flatMap((pattern) => {
    const names = globSync(pattern, { cwd: packageRoot }).toSorted();
    if (names.length === 0) throw new Error(`no file is left for the corpus: ${pattern}`);
    return names.map((name) => readFileSync(join(packageRoot, name)));
  });
}

/** The documents of YAML files as plain data; those that can not be read, or that expand to too much, are left out. */
export const documentsOf = (files: readonly Uint8Array[]): readonly unknown[] =>
  files.flatMap((bytes) =>
    parseAllDocuments(Buffer.from(bytes).toString(), { logLevel: "silent" }).flatMap((document): unknown[] => {
      if (!("errors" in document) || document.errors.length > 0) return [];
      try {
        return [document.toJS()];
      } catch {
        return [];
      }
    }),
  );
