import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { z } from "zod";
import { printYaml } from "../../src/lib/yaml.ts";
import { createTemporaryFolder, type TemporaryFolder } from "./janitor.ts";
import { promtool } from "./prometheus.ts";
import { requireProgram } from "./programs.ts";
import { startWebServer, type WebServer } from "./web-server.ts";

/** A recording rule. */
export interface BackfilledRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a query gave at a moment, nothing when undefined, and what it cost Prometheus. */
export interface Asked {
  readonly value: number | undefined;
  readonly samples: number;
  readonly seconds: number;
}

/** A Prometheus whose past was written by hand. */
export interface BackfilledPrometheus {
  /** Has rules evaluated in the past, each with what those before it recorded. Times are Unix seconds. */
  record(rules: readonly BackfilledRule[], span: { from: number; to: number; everySeconds: number }): Promise<void>;
  /** The one value of a query at a moment in Unix seconds; an error when there are more. */
  ask(promql: string, at: number): Promise<Asked>;
  stop(): Promise<void>;
}

/**
 * Longer than promtool's own, since each block costs a quarter of a second; it still asks for less than 11,000 points.
 */
const block = (everySeconds: number): string => `--max-block-duration=${everySeconds < 30 ? 18 : 54}h`;

/**
 * Where in its interval a group is evaluated follows from its name and from its file's as it is given, so promtool is
 * run in the folder: by a path with random letters one run of fifteen had an evaluation in the last second of each
 * block, which promtool leaves out.
 */
const RULES = "rules.yml";
const GROUP = "slo";

/** Starts Prometheus over what lines of OpenMetrics say. */
export async function startBackfilled(openMetrics: readonly string[]): Promise<BackfilledPrometheus> {
  const folder = await createTemporaryFolder("slo-backfill");
  const [data, text] = ["data", "past.om"].map((name) => join(folder.path, name)) as [string, string];
  await writeFile(text, openMetrics.join("\n"));
  await tsdb(["openmetrics", "--quiet", block(30), text, data]);
  return startOver(folder, data);
}

/** Starts Prometheus over blocks that were written before; the folder goes when it is stopped. */
export async function startOver(folder: TemporaryFolder, data: string): Promise<BackfilledPrometheus> {
  const [config, rules] = ["prometheus.yml", RULES].map((name) => join(folder.path, name)) as [string, string];
  await writeFile(config, "global: {}\n");
  let server: WebServer | undefined = await start(config, data);
  return {
    record: async (all, { from, to, everySeconds }) => {
      for (const rule of all) {
        // what is written beside a running server is found only when it starts
        server ??= await start(config, data);
        const group = { name: GROUP, interval: `${everySeconds}s`, rules: [rule] };
        await writeFile(rules, printYaml({ groups: [group] }));
        const span = [`--start=${from}`, `--end=${to}`, `--eval-interval=${everySeconds}s`];
        const args = ["rules", block(everySeconds), ...span, `--url=${server.url}`, `--output-dir=${data}`, RULES];
        await tsdb(args, folder.path);
        await server.stop();
        server = undefined;
      }
    },
    ask: async (promql, at) => {
      server ??= await start(config, data);
      return ask(server.url, promql, at);
    },
    stop: async () => {
      await server?.stop();
      await folder.remove();
    },
  };
}

async function tsdb(args: readonly string[], cwd?: string): Promise<void> {
  const options = { deadlineMs: 300_000, ...(cwd !== undefined && { cwd }) };
  const { code, stdout, stderr } = await promtool(["tsdb", "create-blocks-from", ...args], options);
  if (code !== 0) throw new Error(`promtool tsdb create-blocks-from ended with exit code ${code}: ${stdout}${stderr}`);
}

async function start(config: string, data: string): Promise<WebServer> {
  return startWebServer({
    command: requireProgram("prometheus"),
    args: [`--config.file=${config}`, `--storage.tsdb.path=${data}`, "--storage.tsdb.retention.time=100y"],
    folder: { path: data, remove: async () => {} },
  });
}

const answer = z.object({
  data: z.object({
    result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })).max(1),
    stats: z.object({
      samples: z.object({ totalQueryableSamples: z.number() }),
      timings: z.object({ execTotalTime: z.number() }),
    }),
  }),
});

async function ask(url: string, query: string, at: number): Promise<Asked> {
  const asked = new URLSearchParams({ query, time: String(at), stats: "all" });
  const { statusCode, body } = await request(`${url}/api/v1/query?${asked.toString()}`);
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${query} was answered ${statusCode}: ${text}`);
  const { result, stats } = answer.parse(JSON.parse(text)).data;
  const found = result[0]?.value[1];
  return {
    value: found === undefined ? undefined : Number(found),
    samples: stats.samples.totalQueryableSamples,
    seconds: stats.timings.execTotalTime,
  };
}
