import type { ElasticsearchConfig } from "../../core/evidence-config.ts";
import type { LogSource } from "../../core/telemetry.ts";
import { readAround, readLine } from "./by-id.ts";
import { checkElasticsearch } from "./check.ts";
import { openClient } from "./client.ts";
import { keepKnown } from "./known.ts";
import { readLinesOfTrace } from "./of-trace.ts";
import { readLogs } from "./read.ts";

/**
 * Opens an Elasticsearch 8 or 9 as a source of logs; connects to nothing yet. Asks for what is in its Basic licence
 * only, and needs the index privilege `read`. Throws `CollectError` where a certificate or fingerprint is not usable.
 */
export async function openElasticsearch(config: ElasticsearchConfig): Promise<LogSource> {
  const elasticsearch = await openClient(config);
  const { indices } = config;
  const known = keepKnown(elasticsearch, config);
  return {
    read: async (question, signal) => readLogs(elasticsearch, await known(signal), { indices, question }, signal),
    ofTrace: async (traceId, signal) =>
      readLinesOfTrace(elasticsearch, await known(signal), { indices, traceId }, signal),
    line: async (of, signal) => readLine(elasticsearch, await known(signal), { indices, of }, signal),
    around: async (line, signal) => readAround(elasticsearch, await known(signal), { indices, line }, signal),
    check: (signal) => checkElasticsearch(elasticsearch, config, signal),
    close: () => elasticsearch.close(),
  };
}
