import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/lib/package.ts";
import { findProgram, INSTALL_PROGRAMS } from "../test/helpers/programs.ts";
import { measureDeadNode } from "./proxmox/dead-node.ts";
import { startLab, type ClusterSize } from "./proxmox/lab-process.ts";
import { measureRace } from "./proxmox/measure-race.ts";
import { joinReports, type Report } from "./report.ts";

const SMALL = { nodes: 5, guests: 500 };
const LARGE = { nodes: 32, guests: 2000 };
const SMALL_RACE_MS = 180_000;
const LARGE_RACE_MS = 105_000;

/**
 * Measures the built service beside prometheus-pve-exporter, both asking the same emulated cluster and both scraped by
 * two Prometheus servers every 15 seconds.
 */
export async function measureProxmox(): Promise<Report> {
  if (!existsSync(join(packageRoot, "dist/cli/main.js"))) return nothing("run `npm run build` first");
  const command = findProgram("pve_exporter");
  if (command === undefined) return nothing(`pve_exporter is missing; ${INSTALL_PROGRAMS}`);
  return joinReports([await small(command), await large(command)]);
}

const nothing = (reason: string): Report => ({ rows: [], figures: {}, skipped: [`everything: ${reason}`] });

async function small(command: string): Promise<Report> {
  return onCluster(SMALL, async (lab) => {
    const { rows, ratios } = await measureRace(lab, { size: SMALL, command, forMs: SMALL_RACE_MS });
    const figures = {
      scrape_speedup_p50_500: ratios.speedup,
      upstream_calls_ratio: ratios.calls,
      cpu_ratio: ratios.cpu,
      rss_ratio: ratios.memory,
    };
    return joinReports([{ rows, figures, skipped: [] }, await measureDeadNode(lab, command)]);
  });
}

async function large(command: string): Promise<Report> {
  return onCluster(LARGE, async (lab) => {
    const { rows, ratios } = await measureRace(lab, { size: LARGE, command, forMs: LARGE_RACE_MS });
    return { rows, figures: { scrape_speedup_p50_2000: ratios.speedup }, skipped: [] };
  });
}

async function onCluster(
  size: ClusterSize,
  measure: (lab: Awaited<ReturnType<typeof startLab>>) => Promise<Report>,
): Promise<Report> {
  const lab = await startLab(size);
  try {
    return await measure(lab);
  } finally {
    await lab.stop();
  }
}
