import { measureGenerate } from "./dashboards/generate.ts";
import { measurePanels } from "./dashboards/panels.ts";
import { joinReports, type Report } from "./report.ts";

/** Measures how long the dashboards take to be made, whether their panels show something, and what they cost Prometheus. */
export async function measureDashboards(): Promise<Report> {
  return joinReports([await measureGenerate(), await measurePanels()]);
}
