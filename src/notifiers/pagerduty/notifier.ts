import { hours, seconds } from "../../core/duration.ts";
import {
  defineNotifier,
  type DeliveryPolicy,
  type DeliveryReceipt,
  type DeliveryRequest,
  type Notifier,
} from "../../core/notifier.ts";
import { pagerDutyChangeConfig, pagerDutyConfig } from "./config.ts";
import { openEventsApi, type EventsApi } from "./events-api.ts";
import { alertEvent, changeEvent, dedupKeyOf } from "./message.ts";

/** PagerDuty takes about 120 events in a minute for one key, counted over a sliding window. */
const policy: DeliveryPolicy = {
  rate: { perSecond: 2, burst: 20 },
  concurrency: 4,
  timeout: seconds(15),
  giveUpAfter: hours(24),
};

/** Incidents of PagerDuty: opened, updated and resolved by the same key. */
export const pagerDutyNotifier = defineNotifier({
  type: "pagerduty",
  title: "PagerDuty",
  config: pagerDutyConfig,
  policy: { ...policy, isKeyedByGroup: true },
  open: async (config): Promise<Notifier> => {
    const api = await openEventsApi(config);
    return { deliver: (request) => deliverAlert(api, config.client, request), close: () => api.close() };
  },
});

/** Change events of PagerDuty, which inform and never page: deployments and the like. */
export const pagerDutyChangeNotifier = defineNotifier({
  type: "pagerduty-change",
  title: "PagerDuty change events",
  config: pagerDutyChangeConfig,
  policy,
  open: async (config): Promise<Notifier> => {
    const api = await openEventsApi(config);
    return { deliver: (request) => deliverChange(api, request), close: () => api.close() };
  },
});

async function deliverAlert(api: EventsApi, client: string, request: DeliveryRequest): Promise<DeliveryReceipt> {
  const { action, message, remote, plain, signal } = request;
  const dedupKey = typeof remote?.["dedupKey"] === "string" ? remote["dedupKey"] : dedupKeyOf(message);
  const event = alertEvent(message, { action: action === "close" ? "resolve" : "trigger", dedupKey, client, plain });
  const { answer, keyHash } = await api.send("/v2/enqueue", event, signal);
  const isRotated = remote?.["keyHash"] !== undefined && remote["keyHash"] !== keyHash;
  return { remote: { dedupKey, keyHash }, answer: isRotated ? `${answer}; ${ROTATED}` : answer };
}

/** PagerDuty finds an incident by routing key and dedup key together. */
const ROTATED =
  "the routing key was replaced since the incident was opened: if it belongs to another service or integration, " +
  "resolve the older incident in PagerDuty by hand";

/** A change event can be neither changed nor closed; only one whose answer never arrived is worth telling again. */
async function deliverChange(api: EventsApi, request: DeliveryRequest): Promise<DeliveryReceipt> {
  const { action, message, remote, plain, signal } = request;
  if (action !== "open" && remote !== undefined)
    return { remote, answer: "nothing was sent: PagerDuty does not let a change event be changed" };
  const { answer, keyHash } = await api.send("/v2/change/enqueue", changeEvent(message, plain), signal);
  return { remote: { keyHash }, answer };
}
