import { joinReports, type Report } from "./report.ts";
import { measureGenerate } from "./slo/generate.ts";
import { measureSamples } from "./slo/samples.ts";

/** Measures what the generator costs and, in a real Prometheus, what its rules do. */
export async function measureSlo(): Promise<Report> {
  return joinReports([await measureGenerate(), await measureSamples()]);
}
