import { readFile, writeFile } from "node:fs/promises";
import { request } from "undici";
import { parse, stringify } from "yaml";
import type { DeliveryService } from "./delivery-service.ts";

/** A configuration of a service that delivers alerts, as far as tests change it. */
export interface ServiceConfig {
  [section: string]: unknown;
  alerting: {
    [key: string]: unknown;
    sources: Record<string, unknown>[];
    destinations: Record<string, unknown>[];
    route: Record<string, unknown>;
  };
}

/** Changes the configuration file of a service, which does not notice it by itself. */
export async function changeConfig(
  { configFile }: Pick<DeliveryService, "configFile">,
  change: (config: ServiceConfig) => void,
): Promise<void> {
  const config = parse(await readFile(configFile, "utf8")) as ServiceConfig;
  change(config);
  await writeFile(configFile, stringify(config));
}

/**
 * Changes the configuration of a running service and has it read again; an error when it is refused, with its words.
 */
export async function reconfigure(service: DeliveryService, change: (config: ServiceConfig) => void): Promise<void> {
  await changeConfig(service, change);
  const { statusCode, body } = await request(`${service.url}/-/reload`, { method: "POST" });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`the reload was answered ${statusCode}: ${text}`);
}
