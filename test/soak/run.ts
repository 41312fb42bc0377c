import { parseArgs } from "node:util";
import { HOURS, PACE, runSoak } from "./campaign.ts";
import { judge, type SoakReport } from "./judge.ts";
import type { SoakOptions } from "./record.ts";

const USAGE = "Usage: npm run soak -- [--hours N] [--pace N] [--json]\n";

function readArguments(): (SoakOptions & { readonly json: boolean }) | undefined {
  try {
    const { values } = parseArgs({
      options: {
        hours: { type: "string", default: String(HOURS) },
        pace: { type: "string", default: String(PACE) },
        json: { type: "boolean", default: false },
      },
    });
    const { json } = values;
    const [hours, pace] = [Number(values.hours), Number(values.pace)];
    return hours >= 3 && pace >= 0.1 && pace <= 100 ? { hours, pace, json } : undefined;
  } catch {
    return undefined;
  }
}

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

function printReport({ figures, complaints }: SoakReport): string {
  const grown = (text: string, growth: string): string => `${text} (${growth} since the middle third)`;
  const rows = [
    ["simulated", `${figures.hours} hours in ${figures.real_seconds} seconds`],
    ["polls", `${figures.polls}, at most ${(100 * figures.strayed).toFixed(0)} % of an interval off their beats`],
    ["alerts", `${figures.notifications} notifications`],
    ["reloads", String(figures.reloads)],
    ["resident memory", grown(mebibytes(figures.rss), mebibytes(figures.rss_growth))],
    ["heap in use", grown(mebibytes(figures.heap), mebibytes(figures.heap_growth))],
    ["file descriptors", grown(String(figures.descriptors), String(figures.descriptors_growth))],
    ["series", String(figures.series)],
    ["store", mebibytes(figures.store_bytes)],
    [
      "deleted rows",
      Object.entries(figures.deleted)
        .map(([table, count]) => `${count} of ${table}`)
        .join(", "),
    ],
    ["stop", `${figures.stop_ms} ms`],
  ];
  const lines = rows.map(([name = "", text = ""]) => `${name.padEnd(18)}${text}`);
  return [...lines, ...complaints.map((complaint) => `! ${complaint}`), ""].join("\n");
}

const options = readArguments();
if (options === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const { json, ...soak } = options;
  const report = judge(
    await runSoak({
      ...soak,
      ...(process.stderr.isTTY && { onProgress: (text: string) => void process.stderr.write(`\r\u001B[K${text}`) }),
    }),
  );
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
  process.stdout.write(json ? `${JSON.stringify({ claim: "soak", figures: report.figures })}\n` : printReport(report));
  if (json) for (const complaint of report.complaints) process.stderr.write(`${complaint}\n`);
  if (report.complaints.length > 0) process.exitCode = 1;
}
