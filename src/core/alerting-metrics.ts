import { counter, gauge, histogram } from "./metric.ts";

/** What Watchkeeper tells of the alerts that it takes and delivers; only with `alerting` in the configuration. */
export const alertingMetrics = {
  received: counter("watchkeeper_notifications_received_total", {
    help: "Notifications that were written to the store and answered with 202, copies included.",
    labels: ["source"],
  }),
  copies: counter("watchkeeper_notifications_copies_total", {
    help: "Notifications that said the same as another one within two minutes, as those of Alertmanager's replicas do.",
    labels: ["source"],
  }),
  rejected: counter("watchkeeper_notifications_rejected_total", {
    help: "Requests of a source that were not taken, by reason.",
    labels: ["source", "reason"],
  }),
  lastHeartbeat: gauge("watchkeeper_source_last_heartbeat_timestamp_seconds", {
    help: "When the watchdog's alert of the source last arrived; absent before the first one, and without a watchdog.",
    unit: "timestamp",
    labels: ["source"],
  }),
  intakeDuration: histogram("watchkeeper_intake_duration_seconds", {
    help: "From a notification's last byte to its 202, the write to disk included.",
    unit: "seconds",
  }),
  delivered: counter("watchkeeper_deliveries_total", {
    help: "Deliveries that their destination took, by what they brought about.",
    labels: ["destination", "action"],
  }),
  failures: counter("watchkeeper_delivery_failures_total", {
    help: "Attempts at a delivery that failed, by reason.",
    labels: ["destination", "reason"],
  }),
  deliveryDuration: histogram("watchkeeper_delivery_duration_seconds", {
    help: "How long a delivery took that its destination accepted.",
    unit: "seconds",
    labels: ["destination"],
  }),
  firstTold: histogram("watchkeeper_first_message_delay_seconds", {
    help: "From a new group's arrival to its first message at the destination.",
    unit: "seconds",
    labels: ["destination"],
  }),
  superseded: counter("watchkeeper_deliveries_superseded_total", {
    help: "Conversations in which nothing was left to tell when their turn came, such as an alert that was over before it could be told.",
    labels: ["destination"],
  }),
  dead: counter("watchkeeper_deliveries_dead_total", {
    help: "Messages that could not be delivered and are not tried any more; `watchkeeper deliveries` lists them.",
    labels: ["destination"],
  }),
  rolledUp: counter("watchkeeper_deliveries_rolled_up_total", {
    help: "Conversations that a storm's summary tells of instead of a message of their own.",
    labels: ["destination"],
  }),
  leasesLost: counter("watchkeeper_delivery_leases_lost_total", {
    help: "Deliveries that another replica took over while they were under way, so that they may be told twice.",
    labels: ["destination"],
  }),
  conversations: gauge("watchkeeper_conversations", {
    help: "Conversations of a destination by state: pending, settled, dead, dropped or rolled_up.",
    labels: ["destination", "state"],
  }),
  oldestPending: gauge("watchkeeper_delivery_oldest_pending_timestamp_seconds", {
    help: "Since when the oldest message waits that no time interval holds; absent when none does.",
    unit: "timestamp",
    labels: ["destination"],
  }),
  broken: gauge("watchkeeper_destination_broken", {
    help: "1 while nothing but probes is sent to the destination, because it failed too often or needs a person.",
    unit: "boolean",
    labels: ["destination"],
  }),
  storeWritable: gauge("watchkeeper_store_writable", {
    help: "Whether the last write to the store succeeded; absent before the first one. While it is 0 notifications are answered with 503.",
    unit: "boolean",
  }),
  repaired: counter("watchkeeper_repaired_alerts_total", {
    help: "Alerts whose state no notification told, closed or opened again by what Alertmanager's API says, by state.",
    labels: ["source", "state"],
  }),
  repairLastSuccess: gauge("watchkeeper_repair_last_success_timestamp_seconds", {
    help: "When a comparison with the source's Alertmanager last succeeded; absent before the first one did.",
    unit: "timestamp",
    labels: ["source"],
  }),
  deadManPings: counter("watchkeeper_dead_man_pings_total", {
    help: "Signs of life sent to the dead man's switch, by outcome: success or failure.",
    labels: ["outcome"],
  }),
};
