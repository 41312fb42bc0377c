import type { PathFault } from "../../lib/shapes/values.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import type { SloFinding, SloSource } from "../model.ts";
import { readWindowed, type WindowedReading } from "../promql/windowed.ts";
import type { At } from "./reader.ts";

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

  /** Reads PromQL that stands at a path; undefined after a finding. */
  promql(text: string, path: YamlPath): WindowedReading | undefined {
    const read = readWindowed(text);
    if (!("fault" in read)) return read;
    this.error("promql", path, read.fault);
    return undefined;
  }

  private add(check: string, severity: SloFinding["severity"], path: YamlPath, message: string, key?: string): void {
    this.list.push({ check, severity, source: this.source(path, key), path: path.join("."), message });
  }
}
