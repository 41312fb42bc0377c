import { requireProgram } from "../test/helpers/programs.ts";
import { findPeers } from "./peers.ts";
import { measureDeadNode } from "./proxmox/dead-node.ts";
import { startLab, type ClusterSize, type LabProcess } from "./proxmox/lab-process.ts";
import { measureRace } from "./proxmox/measure-race.ts";
import { joinReports, nothing, report, type Report } from "./report.ts";

const SMALL = { nodes: 5, guests: 500 };
const LARGE = { nodes: 32, guests: 2000 };
const SMALL_RACE_MS = 120_000;
const LARGE_RACE_MS = 60_000;

/**
 * Measures the built service beside prometheus-pve-exporter, both asking the same emulated cluster and both scraped by
 * two Prometheus servers every 15 seconds.
 */
export async function measureProxmox(): Promise<Report> {
  const peers = await findPeers("pve_exporter");
  if ("problem" in peers) return nothing("everything", peers.problem);
  const command = requireProgram("pve_exporter");
  return joinReports([await small(command), await large(command), report([], { peers: peers.titles })]);
}

const small = (command: string): Promise<Report> =>
  onCluster(SMALL, async (lab) => {
    const figures = {
      speedup: "scrape_speedup_p50_500",
      calls: "upstream_calls_per_minute_500",
      callsRatio: "upstream_calls_ratio",
      cpu: "cpu_ratio",
      memory: "rss_ratio",
    };
    const race = await measureRace(lab, { size: SMALL, command, forMs: SMALL_RACE_MS, figures });
    return joinReports([race, await measureDeadNode(lab, command)]);
  });

const large = (command: string): Promise<Report> =>
  onCluster(LARGE, (lab) =>
    measureRace(lab, {
      size: LARGE,
      command,
      forMs: LARGE_RACE_MS,
      figures: { speedup: "scrape_speedup_p50_2000" },
    }),
  );

async function onCluster(size: ClusterSize, measure: (lab: LabProcess) => Promise<Report>): Promise<Report> {
  const lab = await startLab(size);
  try {
    return await measure(lab);
  } finally {
    await lab.stop();
  }
}
