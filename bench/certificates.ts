import { existsSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../src/lib/package.ts";
import { findProgram, INSTALL_PROGRAMS } from "../test/helpers/programs.ts";
import { measureFiles } from "./certificates/files.ts";
import { measureOurs } from "./certificates/ours.ts";
import { startServers } from "./certificates/server-process.ts";
import { measureTheirs } from "./certificates/theirs.ts";
import { joinReports, round, type Report } from "./report.ts";

const ENDPOINTS = 2_000;

/** Measures the built service beside blackbox_exporter, both looking at the same 2,000 endpoints, and how quickly files are read. */
export async function measureCertificates(): Promise<Report> {
  if (!existsSync(join(packageRoot, "dist/cli/main.js"))) return nothing("everything: run `npm run build` first");
  return joinReports([await measureProbes(), await measureFiles()]);
}

const nothing = (reason: string): Report => ({ rows: [], figures: {}, skipped: [reason] });

async function measureProbes(): Promise<Report> {
  const command = findProgram("prometheus-blackbox-exporter");
  const servers = await startServers(ENDPOINTS);
  try {
    const theirs = command === undefined ? undefined : await measureTheirs(servers, command);
    const ours = await measureOurs(servers);
    const against = (text: (of: NonNullable<typeof theirs>) => string) =>
      theirs === undefined ? "not measured" : text(theirs);
    const ratio = theirs === undefined ? undefined : ours.cpuMs / theirs.cpuMs;
    return {
      rows: [
        {
          what: "CPU per probe, judged and encoded, against blackbox_exporter's probe",
          ours: `${ours.cpuMs.toFixed(2)} ms`,
          against: against(({ cpuMs }) => `${cpuMs.toFixed(2)} ms`),
          ...(ratio !== undefined && { ratio: ratio.toFixed(2) }),
        },
        {
          what: `first look at ${ENDPOINTS} endpoints, start of the service included, against one round of theirs`,
          ours: `${ours.wallS.toFixed(1)} s`,
          against: against(({ wallS }) => `${wallS.toFixed(1)} s`),
        },
        {
          what: "resident memory",
          ours: `${(ours.memory / 1e6).toFixed(0)} MB`,
          against: `aim < 150 MB; ${against(({ memory }) => `theirs ${(memory / 1e6).toFixed(0)} MB`)}`,
        },
      ],
      figures: {
        ...(ratio !== undefined && { cpu_per_probe_vs_blackbox: round(ratio) }),
        rss_mb: round(ours.memory / 1e6),
      },
      skipped:
        theirs === undefined
          ? [`cpu_per_probe_vs_blackbox: prometheus-blackbox-exporter is missing; ${INSTALL_PROGRAMS}`]
          : [],
    };
  } finally {
    await servers.stop();
  }
}
