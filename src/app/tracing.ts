import type { Logger } from "pino";
import type { Config } from "../config/schema.ts";
import { readSecret } from "../lib/secret-source.ts";

/** How long a collector may take for some spans, and how long it can hold up the end of the service. */
const EXPORT_TIMEOUT_MS = 5_000;

/**
 * Sends the spans of Watchkeeper itself by OTLP over HTTP. The SDK is loaded here only: it takes a second and 70 MB
 * that nobody pays who has no collector of traces. Gives the way to end it. Throws `CollectError` for a header that can
 * not be read.
 */
export async function startTracing(
  config: NonNullable<Config["tracing"]>,
  log: Pick<Logger, "warn">,
): Promise<() => Promise<void>> {
  const headers = await Promise.all(
    config.headers.map(async ({ name, value }) => [name, (await readSecret(value)).reveal()] as const),
  );
  const [{ NodeSDK }, { OTLPTraceExporter }, { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler }] =
    await Promise.all([
      import("@opentelemetry/sdk-node"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/sdk-trace"),
    ]);
  const exporter = new OTLPTraceExporter({
    url: `${config.endpoint}/v1/traces`,
    headers: Object.fromEntries(headers),
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const sdk = new NodeSDK({
    serviceName: config.serviceName,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sampleRatio) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return async () => {
    try {
      await sdk.shutdown();
    } catch {
      // the SDK's own words may hold the headers
      log.warn({ endpoint: config.endpoint }, "the newest spans could not be sent to the collector of traces");
    }
  };
}
