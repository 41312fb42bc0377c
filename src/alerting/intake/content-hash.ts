import { hash } from "node:crypto";
import type { Notification } from "../../core/notification.ts";

/**
 * SHA-256, in hexadecimal, of what a notification says: the group, and which alerts of it are in which state since
 * when. What differs between two replicas that say the same is left out: addresses, the reason, measured values in
 * annotations, and when an alert ended, which each replica sees by itself.
 */
export function contentHash({ kind, groupKey, receiver, truncatedAlerts, alerts }: Notification): string {
  const states = alerts.map(({ fingerprint, status, startsAt }) => `${fingerprint} ${status} ${startsAt}`).toSorted();
  return hash("sha256", JSON.stringify([kind, groupKey, receiver, truncatedAlerts, states]), "hex");
}
