import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FastifyReply } from "fastify";
import { packageRoot } from "../../lib/package.ts";

const SCRIPT = "text/javascript; charset=utf-8";
const STYLE = "text/css; charset=utf-8";

/** Plain JavaScript that is shipped as it is, beside the sources. */
const OWN = join(packageRoot, "src/server/assets");
const UPLOT = dirname(fileURLToPath(import.meta.resolve("uplot")));

/** All that the pages load, by the name under `/assets/`. */
const ASSETS: ReadonlyMap<string, { readonly file: string; readonly type: string }> = new Map(
  Object.entries({
    "preview.js": { file: join(OWN, "preview.js"), type: SCRIPT },
    "preview-chart.js": { file: join(OWN, "preview-chart.js"), type: SCRIPT },
    "preview-controls.js": { file: join(OWN, "preview-controls.js"), type: SCRIPT },
    "preview-panels.js": { file: join(OWN, "preview-panels.js"), type: SCRIPT },
    "preview-rounds.js": { file: join(OWN, "preview-rounds.js"), type: SCRIPT },
    "preview-scale.js": { file: join(OWN, "preview-scale.js"), type: SCRIPT },
    "preview-units.js": { file: join(OWN, "preview-units.js"), type: SCRIPT },
    "preview.css": { file: join(OWN, "preview.css"), type: STYLE },
    "uplot.js": { file: join(UPLOT, "uPlot.esm.js"), type: SCRIPT },
    "uplot.css": { file: join(UPLOT, "uPlot.min.css"), type: STYLE },
  }),
);

/** Serves a file that the pages of dashboards load. */
export async function sendAsset(reply: FastifyReply, name: string): Promise<FastifyReply> {
  const asset = ASSETS.get(name);
  if (asset === undefined) return reply.code(404).type("text/plain").send("There is no such file.\n");
  return reply
    .header("cache-control", "no-cache")
    .header("x-content-type-options", "nosniff")
    .type(asset.type)
    .send(await readFile(asset.file));
}
