import { requireProgram } from "../../test/helpers/programs.ts";
import { printNumber } from "../figures.ts";
import { findPeers } from "../peers.ts";
import { report, type Report } from "../report.ts";
import { measureOurs, type Round } from "./ours.ts";
import { startServers } from "./server-process.ts";
import { measureTheirs } from "./theirs.ts";

const ENDPOINTS = 2_000;
const PEER = "prometheus-blackbox-exporter";

/** Measures probes of the built service beside those of blackbox_exporter, or without it where there is none. */
export async function measureProbes(): Promise<Report> {
  const peer = await findPeers(PEER);
  const servers = await startServers(ENDPOINTS);
  try {
    if ("problem" in peer)
      return reportOf(await measureOurs(servers), UNKNOWN, {
        leftOut: [`cpu_per_probe_vs_blackbox: ${peer.problem}`],
      });
    const theirs = await measureTheirs(servers, requireProgram(PEER));
    return reportOf(await measureOurs(servers), theirs, { peers: peer.titles });
  } finally {
    await servers.stop();
  }
}

const UNKNOWN: Round = { cpuMs: Number.NaN, wallS: Number.NaN, memory: Number.NaN };

function reportOf(ours: Round, theirs: Round, more: Partial<Report>): Report {
  const against = (value: number) => ({ name: "blackbox_exporter", value });
  return report(
    [
      {
        what: "CPU per probe, judged and encoded",
        unit: "ms",
        ours: ours.cpuMs,
        against: against(theirs.cpuMs),
        ratio: { of: "ours / theirs", figure: "cpu_per_probe_vs_blackbox" },
      },
      {
        what: `first look at ${printNumber(ENDPOINTS)} endpoints`,
        unit: "s",
        ours: ours.wallS,
        against: against(theirs.wallS),
        note: "with the start of the service, against one round of theirs",
      },
      {
        what: "resident memory",
        unit: "MB",
        ours: ours.memory / 1e6,
        against: against(theirs.memory / 1e6),
        figure: "rss_mb",
        aim: { is: "<", value: 150 },
      },
    ],
    more,
  );
}
