import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCampaign, type CampaignOptions, type CampaignReport } from "./campaign.ts";

const USAGE = "Usage: npm run faults -- [--kills N] [--store sqlite|postgres] [--seed S] [--json]\n";

function readArguments(): (CampaignOptions & { readonly json: boolean }) | undefined {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: "string", default: "20" },
        store: { type: "string", default: "sqlite" },
        seed: { type: "string", default: String(randomInt(1_000_000)) },
        json: { type: "boolean", default: false },
      },
    });
    const { json, store } = values;
    const [kills, seed] = [Number(values.kills), Number(values.seed)];
    const isSound = Number.isInteger(kills) && kills > 0 && Number.isInteger(seed);
    return isSound && (store === "sqlite" || store === "postgres") ? { kills, store, seed, json } : undefined;
  } catch {
    return undefined;
  }
}

function printReport({ figures, byChannel, outages, complaints }: CampaignReport, seed: number): string {
  const { kills, accepted } = figures;
  const rows = [
    ["", "delivered", "duplicated", "out of order", "lost", "collapsed"],
    ...byChannel.map((one) => [one.title, one.delivered, one.duplicated, one.outOfOrder, one.lost, one.collapsed]),
    ["all", figures.delivered, figures.duplicated, figures.out_of_order, figures.lost, figures.collapsed],
  ].map((row) => row.map((cell, i) => (i === 0 ? String(cell).padEnd(12) : String(cell).padStart(14))).join(""));
  const share = ((100 * figures.duplicated) / Math.max(1, figures.delivered)).toFixed(2);
  return [
    `${kills} kills, ${outages} outages, ${accepted} notifications accepted, ${share} % of what was delivered came twice`,
    ...rows,
    ...complaints.map((complaint) => `! ${complaint}`),
    `seed ${seed}`,
    "",
  ].join("\n");
}

const options = readArguments();
if (options === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const { json, ...campaign } = options;
  const report = await runCampaign({
    ...campaign,
    ...(process.stderr.isTTY && { onProgress: (text: string) => void process.stderr.write(`\r\u001B[K${text}`) }),
  });
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
  process.stdout.write(
    json ? `${JSON.stringify({ claim: "faults", figures: report.figures })}\n` : printReport(report, campaign.seed),
  );
  if (json) for (const complaint of report.complaints) process.stderr.write(`${complaint}\n`);
  if (report.figures.lost > 0 || report.figures.out_of_order > 0) process.exitCode = 1;
}
