import type { PrometheusSettings } from "../../../app/prometheus.ts";
import type { Config } from "../../../config/schema.ts";
import { usage } from "./specs.ts";

/** Which Prometheus is asked. */
export interface PrometheusOptions {
  readonly prometheus?: string | undefined;
  readonly tenant?: string | undefined;
}

/**
 * The Prometheus that the command line names, or that of the configuration. Throws `ConfigError` when there is none.
 */
export function prometheusSettings(
  config: Config | undefined,
  { prometheus: url, tenant }: PrometheusOptions,
): PrometheusSettings {
  const known = config?.prometheus;
  if (url !== undefined && !/^https?:\/\/[^/\s@]+/.test(url))
    throw usage(
      "the URL of the Prometheus begins with http:// or https://, and holds no password: credentials are written in the configuration",
    );
  const chosen = url?.replace(/\/+$/, "") ?? known?.url;
  if (chosen === undefined)
    throw usage("name a Prometheus by its URL, or a configuration by --config that has a section `prometheus`");
  // credentials are for the server that they are written for
  const isKnown = known !== undefined && chosen === known.url;
  return { ...(isKnown ? known : {}), url: chosen, tenant: tenant ?? (isKnown ? known.tenant : undefined) };
}
