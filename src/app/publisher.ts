import { days } from "../core/duration.ts";
import type { Exposition } from "../exporters/prometheus/exposition.ts";
import type { Publisher } from "./status-board.ts";

/** What is known of a part is never stale: it is replaced after each poll, and a part that hangs has a deadline. */
const NEVER = days(36_500);

/** Publishes to Prometheus' exposition. */
export function createPublisher(exposition: Exposition): Publisher {
  return {
    publish: (key, snapshot, staleAfter) => exposition.publish(key, snapshot, staleAfter),
    publishStatus: (key, snapshot) => exposition.publish({ ...key, about: "reading" }, snapshot, NEVER),
    withdraw: (key) => exposition.remove(key),
    removeAll: (isGone) => exposition.remove(isGone),
  };
}
