import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCampaign, type CampaignOptions, type CampaignReport } from "./campaign.ts";

const USAGE =
  "Usage: npm run faults -- [--kills N] [--store sqlite|postgres] [--seed S] [--json]\n" +
  "       npm run faults -- --matrix [--json]\n";

/** What the command line asks for: the campaign against the delivery of alerts, or the matrix of upstreams at fault. */
type Arguments = { readonly json: boolean } & (
  { readonly matrix: true } | ({ readonly matrix: false } & CampaignOptions)
);

function readArguments(): Arguments | undefined {
  try {
    const { values } = parseArgs({
      options: {
        kills: { type: "string", default: "20" },
        store: { type: "string", default: "sqlite" },
        seed: { type: "string", default: String(randomInt(1_000_000)) },
        json: { type: "boolean", default: false },
        matrix: { type: "boolean", default: false },
      },
    });
    const { json, store, matrix } = values;
    if (matrix) return { matrix, json };
    const [kills, seed] = [Number(values.kills), Number(values.seed)];
    const isSound = Number.isInteger(kills) && kills > 0 && Number.isInteger(seed);
    return isSound && (store === "sqlite" || store === "postgres") ? { matrix, kills, store, seed, json } : undefined;
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

const progress = process.stderr.isTTY ? (text: string) => void process.stderr.write(`\r\u001B[K${text}`) : undefined;

function print(json: boolean, figures: object, text: string, complaints: readonly string[]): void {
  progress?.("");
  process.stdout.write(json ? `${JSON.stringify({ claim: "faults", figures })}\n` : text);
  if (json) for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
}

async function campaign({ json, ...options }: CampaignOptions & { readonly json: boolean }): Promise<void> {
  const report = await runCampaign({ ...options, ...(progress && { onProgress: progress }) });
  print(json, report.figures, printReport(report, options.seed), report.complaints);
  if (report.figures.lost > 0 || report.figures.out_of_order > 0) process.exitCode = 1;
}

async function matrix({ json }: { readonly json: boolean }): Promise<void> {
  const { matrixReport } = await import("./matrix/report.ts");
  const { figures, text, complaints } = await matrixReport(progress);
  print(json, figures, text, complaints);
  if (complaints.length > 0) process.exitCode = 1;
}

const options = readArguments();
if (options === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else if (options.matrix) await matrix(options);
else await campaign(options);
