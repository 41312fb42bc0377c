import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { request } from "undici";
import { z } from "zod";
import { createTemporaryFolder } from "../../test/helpers/janitor.ts";
import { requireProgram } from "../../test/helpers/programs.ts";
import { promtool } from "../../test/helpers/prometheus.ts";
import { startWebServer } from "../../test/helpers/web-server.ts";

const answer = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** A series as it is now. */
type Series = z.infer<typeof answer>["data"]["result"][number];

/** Every series that a Prometheus has now. */
export async function seriesOf(url: string): Promise<readonly Series[]> {
  const query = new URLSearchParams({ query: '{__name__!=""}' });
  const { body } = await request(`${url}/api/v1/query?${query.toString()}`);
  return answer.parse(await body.json()).data.result;
}

/** When history begins and ends, in Unix seconds, and how far its samples are apart, in seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly every: number;
}

/**
 * Starts a Prometheus that has had some series all along; those of a target as often as there are targets, each with a
 * name of its own. Counters grow, gauges stay.
 */
export async function startWithHistory(series: readonly Series[], targets: number, span: Span) {
  const folder = await createTemporaryFolder("bench-dashboards");
  const [text, data, config] = ["past.om", "data", "prometheus.yml"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  try {
    await pipeline(Readable.from(openMetrics(series, targets, span)), createWriteStream(text));
    await writeFile(config, "global: {}\n");
    const args = ["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=18h", text, data];
    const { code, stderr } = await promtool(args, { deadlineMs: 300_000 });
    if (code !== 0) throw new Error(`promtool ended with exit code ${code}: ${stderr}`);
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return startWebServer({
    command: requireProgram("prometheus"),
    args: [`--config.file=${config}`, `--storage.tsdb.path=${data}`, "--storage.tsdb.retention.time=100y"],
    folder,
  });
}

function* openMetrics(all: readonly Series[], targets: number, { start, end, every }: Span): Generator<string> {
  for (const { metric, value } of all) {
    const { __name__: name = "", target, ...labels } = metric;
    const isCounter = /_(?:total|bucket|count|sum)$/.test(name);
    const now = Number(value[1]);
    for (let i = 0; i < (target === undefined ? 1 : targets); i++) {
      const written = printLabels({ ...labels, ...(target !== undefined && { target: `${target}-${i}` }) });
      let lines = "";
      for (let at = start; at <= end; at += every)
        lines += `${name}${written} ${isCounter ? now + (at - start) / every : now} ${at}\n`;
      yield lines;
    }
  }
  yield "# EOF\n";
}

const printLabels = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(
      ([name, value]) => `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
    )
    .join(",")}}`;
