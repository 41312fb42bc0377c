import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDeliveryChannels, type DeliveryChannels } from "./delivery-channels.ts";
import { startDeliveryService, type DeliveryService } from "./delivery-service.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startAlertmanager, type AlertmanagerServer, type ClusterOptions, type SentAlert } from "./prometheus.ts";

/** How one Alertmanager of a chain differs from the usual one. */
export interface ChainedAlertmanager {
  /** More of its `webhook_config`. */
  readonly webhook?: Readonly<Record<string, unknown>>;
  readonly cluster?: ClusterOptions;
}

/** The built service between real Alertmanagers and emulated channels; its source wants a token. */
export interface AlertmanagerChain {
  readonly service: DeliveryService;
  readonly channels: DeliveryChannels;
  /** Starts an Alertmanager that tells the service of every change within a second or two. */
  start(options?: ChainedAlertmanager): Promise<AlertmanagerServer>;
  /** Writes the token that the Alertmanagers show from now on; the right one unless given. */
  writeToken(token?: string): Promise<void>;
  /** A counter of the source; 0 when it was never counted. */
  counted(metric: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Stops the Alertmanagers. */
  stopAlertmanagers(): Promise<void>;
  close(): Promise<void>;
}

const TOKEN = "planted-token-of-the-source";

/**
 * Starts channels and service, with more sections of its configuration if there are some. The project must be built.
 */
export async function startAlertmanagerChain(
  config: Readonly<Record<string, unknown>> = {},
): Promise<AlertmanagerChain> {
  const folder = await createTemporaryFolder("alertmanager-chain");
  const channels = await startDeliveryChannels();
  const { destinations, route } = channels;
  const sources = [{ name: "main", credentials: [{ type: "bearer", token: TOKEN }] }];
  const service = await startDeliveryService({ destinations, alerting: { sources, route }, config });
  const tokenFile = join(folder.path, "token");
  let started: AlertmanagerServer[] = [];
  const chain: AlertmanagerChain = {
    service,
    channels,
    async start({ webhook, cluster } = {}) {
      const receiver = {
        url: `${service.url}/api/v1/webhooks/alertmanager/main`,
        http_config: { authorization: { credentials_file: tokenFile } },
        ...webhook,
      };
      const alertmanager = await startAlertmanager({
        config: {
          route: { receiver: "watchkeeper", group_by: ["alertname"], group_wait: "1s", group_interval: "1s" },
          receivers: [{ name: "watchkeeper", webhook_configs: [receiver] }],
        },
        ...(cluster && { cluster }),
      });
      started.push(alertmanager);
      return alertmanager;
    },
    writeToken: (token = TOKEN) => writeFile(tokenFile, token),
    counted: async (metric, labels) => (await service.metric(metric, { source: "main", ...labels })) ?? 0,
    async stopAlertmanagers() {
      await Promise.all(started.map((one) => one.stop()));
      started = [];
    },
    async close() {
      await chain.stopAlertmanagers();
      await Promise.all([service.close(), channels.close()]);
      await folder.remove();
    },
  };
  await chain.writeToken();
  return chain;
}

const BEGAN = Date.now() - 60_000;

/** A critical alert that began a minute before the tests; it fires unless it has an end, in Unix milliseconds. */
export const criticalAlert = (alertname: string, instance: string, endsAt?: number): SentAlert => ({
  labels: { alertname, instance, severity: "critical" },
  annotations: { summary: `${alertname} at ${instance}` },
  startsAt: BEGAN,
  ...(endsAt !== undefined && { endsAt }),
});
