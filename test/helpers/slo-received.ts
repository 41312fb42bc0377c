import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { createTemporaryFolder } from "./janitor.ts";
import { requireProgram } from "./programs.ts";
import { writeRequest, type SentSeries } from "./remote-write.ts";
import { startOver, type BackfilledPrometheus } from "./slo-backfill.ts";
import { startWebServer } from "./web-server.ts";

const ARGS = ["--web.enable-remote-write-receiver", "--enable-feature=native-histograms", "--web.enable-admin-api"];

/**
 * Starts Prometheus over native histograms of the past, which come into it in no other way: they are sent to it from
 * old to new, and kept as a block.
 */
export async function startReceived(requests: Iterable<readonly SentSeries[]>): Promise<BackfilledPrometheus> {
  const folder = await createTemporaryFolder("slo-received");
  const [config, data] = ["receiver.yml", "received"].map((name) => join(folder.path, name)) as [string, string];
  await writeFile(config, "global: {}\n");
  const receiver = await startWebServer({
    command: requireProgram("prometheus"),
    args: [`--config.file=${config}`, `--storage.tsdb.path=${data}`, "--storage.tsdb.retention.time=100y", ...ARGS],
    folder: { path: data, remove: async () => {} },
  });
  try {
    for (const series of requests) await send(`${receiver.url}/api/v1/write`, writeRequest(series));
    // what is in its memory would be taken for older than the blocks that are written beside it
    await receiver.post("/api/v1/admin/tsdb/snapshot");
  } finally {
    await receiver.stop();
  }
  const snapshots = join(data, "snapshots");
  const [snapshot = ""] = await readdir(snapshots);
  return startOver(folder, join(snapshots, snapshot));
}

async function send(url: string, body: Uint8Array): Promise<void> {
  const headers = {
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
  };
  const answer = await request(url, { method: "POST", headers, body });
  const text = await answer.body.text();
  if (answer.statusCode !== 204) throw new Error(`POST ${url} was answered ${answer.statusCode}: ${text}`);
}
