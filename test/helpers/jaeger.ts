import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess } from "./process.ts";

/** A running Jaeger on 127.0.0.1 that keeps its traces in memory. */
export interface JaegerServer {
  /** Where it is asked. */
  readonly url: string;
  /** Where OTLP over HTTP is sent: `POST {otlpUrl}/v1/traces`. */
  readonly otlpUrl: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const PATIENCE_MS = 2_000;

/** Starts a real Jaeger (v2) and waits until it is healthy. `program` is `jaeger`. */
export async function startJaeger(program: string): Promise<JaegerServer> {
  const folder = await createTemporaryFolder("jaeger");
  const [health = 0, query = 0, grpc = 0, otlp = 0] = await freePorts(4);
  const file = join(folder.path, "jaeger.yaml");
  await writeFile(file, stringify(configOf({ health, query, grpc, otlp })));
  const started = await startProcess({
    command: program,
    args: ["--config", file],
    // Else it sends traces of its own work to a port that may be another's.
    env: { OTEL_TRACES_SAMPLER: "always_off" },
    ready: async () => (await fetch(`http://${HOST}:${health}/status`)).ok,
  }).catch(async (error: unknown) => {
    await folder.remove();
    throw error;
  });
  return {
    url: `http://${HOST}:${query}`,
    otlpUrl: `http://${HOST}:${otlp}`,
    close: async () => {
      await started.stop(PATIENCE_MS);
      await folder.remove();
    },
  };
}

type Ports = Readonly<Record<"health" | "query" | "grpc" | "otlp", number>>;

/** Source: https://www.jaegertracing.io/docs/latest/deployment/configuration/ */
function configOf({ health, query, grpc, otlp }: Ports): object {
  const at = (port: number): object => ({ endpoint: `${HOST}:${port}` });
  return {
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["jaeger_storage_exporter"] } },
      telemetry: { metrics: { level: "none" }, logs: { level: "warn" } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: at(health) },
      jaeger_query: { storage: { traces: "memory" }, http: at(query), grpc: at(grpc) },
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
    },
    receivers: { otlp: { protocols: { http: at(otlp) } } },
    processors: { batch: { timeout: "200ms" } },
    exporters: { jaeger_storage_exporter: { trace_storage: "memory" } },
  };
}
