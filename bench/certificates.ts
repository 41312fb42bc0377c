import { measureFiles } from "./certificates/files.ts";
import { measureProbes } from "./certificates/probes.ts";
import { joinReports, type Report } from "./report.ts";

/** Measures the built service beside blackbox_exporter, both looking at the same 2,000 endpoints, and how quickly files are read. */
export async function measureCertificates(): Promise<Report> {
  return joinReports([await measureProbes(), await measureFiles()]);
}
