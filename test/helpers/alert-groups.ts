import { alertmanagerWebhook } from "./alertmanager-webhook.ts";
import type { DeliveryService } from "./delivery-service.ts";
import { waitUntil } from "./wait-until.ts";

/** The webhook of a group with one alert, which began at the same moment in each. */
export function groupWebhook(name: string, { isFiring = true, receiver = "watchkeeper" } = {}): object {
  const alert = {
    labels: { alertname: "Fault", group: name, severity: "warning" },
    annotations: { summary: `summary of ${name}` },
    isFiring,
    startsAt: STARTED_AT,
    endsAt: STARTED_AT + 1,
  };
  return alertmanagerWebhook([alert], { groupLabels: { group: name }, receiver });
}

const STARTED_AT = Date.now();

/** Posts a webhook again and again until it is taken, as Alertmanager does. */
export async function postUntilTaken(service: DeliveryService, body: object): Promise<void> {
  await waitUntil("the notification is taken", async () => (await service.post(body)).status === 202, {
    deadlineMs: 60_000,
    everyMs: 200,
  });
}

/** Names such as `away-0`. */
export const names = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
