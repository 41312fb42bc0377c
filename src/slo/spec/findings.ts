import type { PathFault } from "../../lib/documents/values.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import { isReserved, reservedText } from "../checks/labels.ts";
import type { SloFinding, SloSource } from "../model.ts";
import type { PromqlType } from "../promql/signatures.ts";
import { readWindowed, type WindowedReading } from "../promql/windowed.ts";
import type { At } from "./reader.ts";

/** What is wrong with a query that gives something else than series, which can be counted. */
const NO_SERIES: Readonly<Record<PromqlType, string | undefined>> = {
  vector: undefined,
  scalar: "gives a number and no series: write vector(...) around it",
  range: "gives series over a range, which is no number yet: count by a function such as increase()",
  text: "gives a text and no series: write a query",
};

/** Collects what is found while one document is read. */
export class Findings {
  readonly list: SloFinding[] = [];
  private readonly at: At;
  private readonly file: string;
  private readonly format: SloSource["format"];

  constructor(at: At, file: string, format: SloSource["format"]) {
    this.at = at;
    this.file = file;
    this.format = format;
  }

  get hasErrors(): boolean {
    return this.list.some(({ severity }) => severity === "error");
  }

  source(path: YamlPath, key?: string): SloSource {
    return { file: this.file, ...this.at(path, key), format: this.format };
  }

  error(check: string, path: YamlPath, message: string): void {
    this.add(check, "error", path, message);
  }

  warning(check: string, path: YamlPath, message: string): void {
    this.add(check, "warning", path, message);
  }

  shape(faults: readonly PathFault[]): void {
    for (const { path, key, message } of faults) this.add("shape", "error", path, message, key);
  }

  /** Reads PromQL that stands at a path and gives series; undefined after a finding. */
  promql(text: string, path: YamlPath): WindowedReading | undefined {
    const read = readWindowed(text);
    const fault = "fault" in read ? read.fault : NO_SERIES[read.type ?? "vector"];
    if (fault === undefined && !("fault" in read)) return read;
    this.error("promql", path, fault ?? "is not PromQL");
    return undefined;
  }

  /** Whether labels of an owner are none that rules write themselves; a finding at each that is. */
  owners(labels: Readonly<Record<string, string>> | null | undefined, path: YamlPath): boolean {
    const reserved = Object.keys(labels ?? {}).filter(isReserved);
    for (const label of reserved) this.add("reserved-label", "error", path, reservedText(label), label);
    return reserved.length === 0;
  }

  private add(check: string, severity: SloFinding["severity"], path: YamlPath, message: string, key?: string): void {
    this.list.push({ check, severity, source: this.source(path, key), path: path.join("."), message });
  }
}
