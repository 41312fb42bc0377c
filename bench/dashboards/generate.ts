import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { median, report, round, type Report } from "../report.ts";

const OURS = fileURLToPath(new URL("ours.ts", import.meta.url));
const RUNS = 5;

const run = z.object({ seconds: z.number(), files: z.number(), bytes: z.number() });

/** Resolves, builds and prints all dashboards as files, each time in a new process; its start is not counted. */
export async function measureGenerate(): Promise<Report> {
  const runs: z.infer<typeof run>[] = [];
  for (let i = 0; i < RUNS; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, [OURS]);
    runs.push(run.parse(JSON.parse(stdout)));
  }
  const seconds = median(runs.map((each) => each.seconds));
  const [{ files, bytes } = { files: 0, bytes: 0 }] = runs;
  return report([
    {
      what: `${files} dashboards resolved, built and printed, ${round(bytes / 1e6)} MB`,
      unit: "s",
      ours: seconds,
      figure: "seconds_all",
      aim: { is: "<", value: 1 },
    },
  ]);
}
