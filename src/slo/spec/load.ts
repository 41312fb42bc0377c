import { isMapping } from "../../lib/documents/values.ts";
import type { Slo, SloFinding, SloReading, SloSource } from "../model.ts";
import { readDocuments } from "./documents.ts";
import { readSpecFiles, type SpecFile } from "./files.ts";
import { joined, type SloDocument, type SloFormat } from "./reader.ts";

/**
 * Reads the SLOs of files, folders and patterns such as `slo/*.yaml`, each document in the format that it claims. Never
 * throws for what is in the files: whatever can not be read is a finding. Findings are sorted by place, SLOs by the
 * order of paths.
 */
export async function loadSlos(paths: readonly string[], formats: readonly SloFormat[]): Promise<SloReading> {
  const files = await readSpecFiles(paths);
  return readSlos(files, formats);
}

/** The same for files that are read already. */
export function readSlos(files: readonly SpecFile[], formats: readonly SloFormat[]): SloReading {
  const findings: SloFinding[] = [];
  const byFormat = new Map<SloFormat, SloDocument[]>(formats.map((format) => [format, []]));
  const ofFiles = new Map(files.map(({ file }, i) => [file, i]));
  for (const one of files) {
    if ("fault" in one) findings.push(finding("file", { file: one.file, line: 1, column: 1 }, one.fault));
    else sort(one, byFormat, findings);
  }
  const reading = joined([...byFormat].map(([format, documents]) => format.read(documents)));
  const order = ({ file }: SloSource): number => ofFiles.get(file) ?? ofFiles.size;
  const byPlace = (a: SloSource, b: SloSource): number => order(a) - order(b) || a.line - b.line || a.column - b.column;
  const slos = reading.slos.toSorted((a, b) => byPlace(a.source, b.source));
  // of a map with the same key twice the last one stays
  const firsts = new Map(slos.toReversed().map((slo) => [slo.id, slo]));
  const all = [...findings, ...reading.findings, ...duplicates(slos, firsts)];
  const unique = slos.filter((slo) => firsts.get(slo.id) === slo);
  return { slos: unique, findings: all.toSorted((a, b) => byPlace(a.source, b.source)), unread: reading.unread ?? [] };
}

/** Puts each document of a file to those of its format. */
function sort(
  { file, text }: { readonly file: string; readonly text: string },
  byFormat: ReadonlyMap<SloFormat, SloDocument[]>,
  findings: SloFinding[],
): void {
  const { documents, faults } = readDocuments(text, file);
  for (const { message, line, column } of faults) findings.push(finding("yaml", { file, line, column }, message));
  if (documents.length === 0 && faults.length === 0)
    findings.push(finding("file", { file, line: 1, column: 1 }, "holds nothing: write an SLO, or take the file out"));
  for (const one of documents) {
    const format = [...byFormat.keys()].find((format) => isMapping(one.document) && format.claims(one.document));
    if (format !== undefined) byFormat.get(format)?.push(one);
    else findings.push(finding("unknown-format", { file, ...one.at([]) }, unknown([...byFormat.keys()])));
  }
}

const unknown = (formats: readonly SloFormat[]): string =>
  `is of no known format: known are ${formats.map(({ name }) => name).join(", ")}`;

const finding = (check: string, place: Omit<SloSource, "format">, message: string): SloFinding => ({
  check,
  severity: "error",
  source: { ...place, format: "watchkeeper" },
  path: "",
  message,
});

function duplicates(slos: readonly Slo[], firsts: ReadonlyMap<string, Slo>): SloFinding[] {
  return slos.flatMap((slo) => {
    const { id, source } = slo;
    const first = firsts.get(id) ?? slo;
    if (first === slo) return [];
    const place = `${first.source.file}:${first.source.line}:${first.source.column}`;
    const message = `has the id "${id}", which the one at ${place} has: give one of them another name or id`;
    return { ...finding("duplicate-id", source, message), source };
  });
}
