import type { AddressInfo } from "node:net";
import { openPreview } from "../../app/preview/open.ts";
import { packs } from "../../collectors/index.ts";
import { ConfigError } from "../../core/errors.ts";
import { createPreviewApp } from "../../server/routes/preview-app.ts";
import { prometheusSettings, type PrometheusOptions } from "./slo/prometheus.ts";

/** What `watchkeeper preview` is asked. */
export interface PreviewOptions extends PrometheusOptions {
  /** Configuration that has a Prometheus, its login and thresholds; none is needed when `prometheus` is given. */
  readonly config?: string;
  readonly listen: string;
}

const LISTEN = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** Serves the dashboards, drawn from a Prometheus, until SIGINT or SIGTERM. Throws `ConfigError`, `CollectError`. */
export async function preview({ config: file, listen, ...options }: PreviewOptions): Promise<void> {
  const address = addressOf(listen);
  const config = file === undefined ? undefined : await configOf(file);
  const opened = await openPreview(packs, {
    prometheus: prometheusSettings(config, options),
    externalUrl: config?.server.external_url ?? "",
    overrides: config?.rules ?? {},
  });
  const app = createPreviewApp(opened);
  const stop = (): void => void app.close().then(() => opened.close());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  await app.listen(address).catch(async (thrown: unknown) => {
    await opened.close();
    throw usage(`--listen ${listen} can not be used: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  });
  const { port } = app.server.address() as AddressInfo;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  process.stderr.write(
    `The dashboards are at http://${host}:${port}/dashboards; whoever reaches this address sees them. Ctrl-C ends it.\n`,
  );
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, ip6, name, digits] = LISTEN.exec(text) ?? [];
  const host = ip6 ?? name;
  const port = Number(digits);
  if (host === undefined || !(port <= 65_535))
    throw usage(`--listen is host:port or [IPv6 address]:port, such as 127.0.0.1:9099, not ${text}`);
  return { host, port };
}

async function configOf(file: string) {
  const [{ loadConfig }, { kinds }] = await Promise.all([import("../../config/load.ts"), import("../kinds.ts")]);
  return loadConfig({ file, ...kinds, env: process.env });
}

const usage = (message: string): ConfigError => new ConfigError([{ file: "preview", path: "", message }]);
