import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { loadConfig } from "../config/load.ts";
import type { Config } from "../config/schema.ts";
import type { Pack } from "../core/pack.ts";
import { createExposition } from "../exporters/prometheus/exposition.ts";
import { createProcessMetrics } from "../app/process-metrics.ts";
import { createPublisher } from "../app/publisher.ts";
import { startRuntime, type Runtime } from "../app/runtime.ts";
import { createApp } from "./app.ts";

/** What a service runs on. */
export interface ServiceOptions {
  readonly packs: readonly Pack[];
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (config: Config) => Promise<Logger>;
}

/** A service that listens. */
export interface Service {
  /** Where it answers, such as `http://127.0.0.1:9797`. */
  readonly url: string;
  readonly runtime: Runtime;
  /** Ends polls, answers what is under way, and closes. */
  stop(): Promise<void>;
}

/** Starts everything: configuration, polls and HTTP server. Throws `ConfigError`, or what listening throws. */
export async function startService({ packs, file, env, log: createLog }: ServiceOptions): Promise<Service> {
  const collectors = packs.flatMap(({ collector }) => collector ?? []);
  const load = (): Promise<Config> => loadConfig({ file, collectors, env });
  const first = await load();
  const log = await createLog(first);
  const metrics = createProcessMetrics();
  const exposition = createExposition({ selfMetrics: metrics.registry });
  const runtime = await startRuntime({ load, publisher: createPublisher(exposition), metrics, log });
  const app = createApp({ runtime, exposition, packs, log });
  try {
    await app.listen({ port: first.server.listen.port, host: first.server.listen.host ?? "::" });
  } catch (thrown) {
    await runtime.stop();
    throw thrown;
  }
  const { address, port, family } = app.server.address() as AddressInfo;
  const host = family === "IPv6" ? `[${address}]` : address;
  const url = `http://${host}:${port}`;
  log.info({ url, targets: first.targets.length }, "Watchkeeper listens");
  return {
    url,
    runtime,
    async stop() {
      await runtime.stop();
      await app.close();
      log.info("Watchkeeper has stopped");
    },
  };
}
