import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { loadConfig } from "../config/load.ts";
import { isLoopback } from "../config/loopback.ts";
import { kindsOf, type Config } from "../config/schema.ts";
import type { NotifierKind } from "../core/notifier.ts";
import type { Pack } from "../core/pack.ts";
import { checkFeatures, startFeatures, type Features } from "../app/features.ts";
import { startTracing } from "../app/tracing.ts";
import type { Division } from "../app/replicas/division.ts";
import { createExposition, type Exposition } from "../exporters/prometheus/exposition.ts";
import { createServiceMetrics } from "../app/service-metrics.ts";
import { createPublisher } from "../app/publisher.ts";
import { startRuntime, type Runtime } from "../app/runtime.ts";
import { ConfigError } from "../core/errors.ts";
import type { LogOptions } from "../lib/log.ts";
import { createApp, type AppOptions } from "./app.ts";
import { applyTls, httpsOptions } from "./web-config/https-options.ts";
import { loadWebConfig } from "./web-config/load.ts";
import { registerWebConfig } from "./web-config/register.ts";
import { watchWebConfig } from "./web-config/watch.ts";
import type { WebConfig } from "./web-config/web-config.ts";

/** What a service runs on. */
export interface ServiceOptions {
  readonly packs: readonly Pack[];
  readonly notifiers: readonly NotifierKind[];
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes the log that the configuration asks for. */
  readonly log: (logging: LogOptions) => Promise<Logger>;
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
export async function startService({ packs, notifiers, file, env, log: createLog }: ServiceOptions): Promise<Service> {
  const read = (): Promise<Config> => loadConfig({ file, ...kindsOf(packs, notifiers), env });
  const config = await read();
  const { server, log: logging, tracing } = config;
  await checkFeatures(config);
  const web = server.web_config_file === undefined ? undefined : await loadWebConfig(server.web_config_file);
  const log = await createLog({ ...logging, serviceName: tracing?.serviceName });
  const stopTracing = tracing && (await startTracing(tracing, log));
  const metrics = createServiceMetrics();
  const exposition = createExposition({ selfMetrics: metrics.registry });
  const features = await startFeatures(config, { packs, registry: metrics.registry, log });
  const runtime = await startRuntime({
    load: () => reload(read, server.listen.host),
    publisher: createPublisher(exposition),
    metrics,
    log,
    reloaded: (next) => features.replace(next),
    division: features.division,
  }).catch(async (thrown: unknown) => {
    await features.stop();
    throw thrown;
  });
  const { app, stopWatching } = siteOf({ runtime, exposition, packs, log }, features, server, web);
  const stop = async (): Promise<void> => {
    await Promise.all([stopWatching(), runtime.stop()]);
    // what is being answered still needs the store
    await app.close();
    await features.stop();
    await stopTracing?.();
  };
  const url = await listen(app, config, web).catch(async (thrown: unknown) => {
    await stop();
    throw thrown;
  });
  log.info(workOf(config, url), "Watchkeeper is at work");
  return {
    url,
    runtime,
    async stop() {
      await stop();
      log.info("Watchkeeper has stopped");
    },
  };
}

/** A new configuration; the address stays until a restart, whatever it says of that. */
async function reload(read: () => Promise<Config>, host: string | undefined): Promise<Config> {
  const next = refuseStrangers(await read(), host);
  await checkFeatures(next);
  return next;
}

/** Gives the URL at which it listens then. */
async function listen(app: FastifyInstance, { server, file }: Config, web: WebConfig | undefined): Promise<string> {
  const { port, host = "::" } = server.listen;
  const listenTextResolver = (address: string): string => `Watchkeeper listens at ${address}`;
  await app.listen({ port, host, listenTextResolver }).catch((thrown: unknown) => {
    throw asListenFault(thrown, file);
  });
  return `${web?.tls === undefined ? "http" : "https"}://${addressText(app.server.address() as AddressInfo)}`;
}

/** What the log tells of a service that begins. */
const workOf = ({ targets, alerting }: Config, url: string) => ({
  targets: targets.length,
  ...(alerting && {
    webhooks: alerting.sources.map(({ name }) => `${url}/api/v1/webhooks/alertmanager/${name}`),
    destinations: alerting.destinations.map(({ name }) => name),
  }),
});

/** Throws `ConfigError` for sources that anybody could use who reaches the server at the host that it listens on. */
function refuseStrangers(config: Config, host: string | undefined): Config {
  if (isLoopback(host)) return config;
  const faults = (config.alerting?.sources ?? []).flatMap(({ credentials }, i) =>
    credentials.length > 0
      ? []
      : [
          {
            file: config.file,
            path: `alerting.sources.${i}`,
            message: "needs credentials until a restart, because the running server is not bound to loopback",
          },
        ],
  );
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

/**
 * Shows nothing of targets that another replica may poll by now: a process that stood still finds that out here first.
 */
const sureOf = (exposition: Exposition, division: Division | undefined): Exposition => ({
  ...exposition,
  async render(request) {
    division?.isMember();
    return exposition.render(request);
  },
});

interface Site {
  readonly app: FastifyInstance;
  stopWatching(): Promise<void>;
}

/** The HTTP server with all that the service has to show. */
function siteOf(
  service: Pick<AppOptions, "runtime" | "exposition" | "packs" | "log">,
  { alerting, evidence, slos, preview, division }: Features,
  server: Config["server"],
  web: WebConfig | undefined,
): Site {
  const exposition = sureOf(service.exposition, division);
  const site = { ...service, exposition, externalUrl: server.external_url, alerting, evidence, slos, preview };
  return web === undefined
    ? { app: createApp({ ...site, publicNames: publicNamesOf(server) }), stopWatching: async () => undefined }
    : guardedSite(site, web);
}

/** On loopback nothing but the name tells a person's own page from one that made its name lead here. */
const publicNamesOf = ({ listen, external_url }: Config["server"]): readonly string[] | undefined =>
  isLoopback(listen.host) ? [new URL(external_url).hostname] : undefined;

/** The server with TLS and authentication of a web configuration, whose files are read again every now and then. */
function guardedSite(site: AppOptions, first: WebConfig): Site {
  let current = first;
  const app = createApp({
    ...site,
    https: httpsOptions(first),
    guard: (guarded) => registerWebConfig(guarded, () => current),
  });
  const watch = watchWebConfig({
    current: () => current,
    changed(next) {
      applyTls(app.server, next, current);
      current = next;
      site.log.info({ file: next.file }, "the web configuration or a file of it has changed and is in use");
    },
    failed: ({ message }) => site.log.error(`the web configuration in use stays, because of a fault:\n${message}`),
  });
  return { app, stopWatching: () => watch.stop() };
}

const addressText = ({ address, port, family }: AddressInfo): string =>
  family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there already",
  EACCES: "this user may not listen there: take a port above 1023",
  EADDRNOTAVAIL: "this machine has no such address",
};

/** A system error of listening as a fault of the setting that asked for it. */
function asListenFault(thrown: unknown, file: string): unknown {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const message = LISTEN_FAULTS[code];
  return message === undefined ? thrown : new ConfigError([{ file, path: "server.listen", message }]);
}
