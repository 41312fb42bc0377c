import { parseArgs } from "node:util";
import { printQuality, qualityFigures } from "./quality/report.ts";
import { tallyQuality } from "./quality/tally.ts";

const USAGE = "Usage: npm run quality -- [--seeds N] [--from SEED] [--json]\n";

/** Which seeds are judged. Those from 101 on are reported: those before and from 1,000 on were looked at when it was tuned. */
function readArguments(): { readonly seeds: number; readonly from: number; readonly json: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: "string", default: "20" },
        from: { type: "string", default: "101" },
        json: { type: "boolean", default: false },
      },
    });
    const [seeds, from] = [Number(values.seeds), Number(values.from)];
    return Number.isInteger(seeds) && seeds > 0 && Number.isInteger(from)
      ? { seeds, from, json: values.json }
      : undefined;
  } catch {
    return undefined;
  }
}

const options = readArguments();
if (options === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const { seeds, from, json } = options;
  let judged = 0;
  const isWatched = process.stderr.isTTY;
  const tally = tallyQuality(
    Array.from({ length: seeds }, (_, at) => from + at),
    () => {
      judged += 1;
      if (isWatched) process.stderr.write(`\r\u001B[K${judged} incidents`);
    },
  );
  if (isWatched) process.stderr.write("\r\u001B[K");
  const figures = qualityFigures(tally);
  process.stdout.write(json ? `${JSON.stringify({ claim: "quality", figures })}\n` : printQuality(tally, from));
}
