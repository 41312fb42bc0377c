import type { Config } from "../config/schema.ts";
import { readSecret } from "../lib/secret-source.ts";

/**
 * Sends the spans of Watchkeeper itself by OTLP over HTTP. The SDK is loaded here only: it takes a second and 70 MB that
 * nobody pays who has no collector of traces. Gives the way to end it. Throws `CollectError` for a header that can not be read.
 */
export async function startTracing(config: NonNullable<Config["tracing"]>): Promise<() => Promise<void>> {
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
  return () => sdk.shutdown();
}
