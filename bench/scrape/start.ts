import { join } from "node:path";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { median, report, type Report } from "../report.ts";
import { MAIN } from "../service.ts";
import { ownServer, REST, timeStart } from "../start.ts";

const STARTS = 7;

/** Measures the built service without targets: from the start of its process to its first metrics, and its memory. */
export async function measureStart(): Promise<Report> {
  const folder = await createTemporaryFolder("bench-start");
  try {
    const server = ownServer(MAIN, join(folder.path, "watchkeeper.yaml"), ["/metrics"]);
    const times: number[] = [];
    for (let i = 0; i < STARTS; i++) times.push(...(await timeStart(server, 0)).answeredMs);
    const { rss } = await timeStart(server, REST);
    return report([
      {
        what: "from the start of the process to the first metrics",
        unit: "s",
        ours: median(times) / 1_000,
        figure: "first_metrics_s",
        aim: { is: "<", value: 0.6 },
      },
      {
        what: "resident memory without targets",
        unit: "MB",
        ours: rss / 1e6,
        figure: "idle_rss_mb",
        aim: { is: "<", value: 110 },
      },
    ]);
  } finally {
    await folder.remove();
  }
}
