import { counter, gauge, info } from "./metric.ts";

/**
 * What Watchkeeper tells of each part of each target; all carry `target` too. Times are points in time and not ages:
 * https://prometheus.io/docs/practices/instrumentation/#timestamps-not-time-since
 */
export const partMetrics = {
  success: gauge("watchkeeper_part_success", {
    help: "Whether the newest poll of the part read anything, or found that there is nothing; absent before the first one. 0 too when every piece of it failed.",
    unit: "boolean",
    labels: ["collector", "part"],
  }),
  lastSuccess: gauge("watchkeeper_part_last_success_timestamp_seconds", {
    help: "When a poll of the part last succeeded; absent before the first one did.",
    unit: "timestamp",
    labels: ["collector", "part"],
  }),
  duration: gauge("watchkeeper_part_duration_seconds", {
    help: "How long the newest poll of the part took.",
    unit: "seconds",
    labels: ["collector", "part"],
  }),
  interval: gauge("watchkeeper_part_interval_seconds", {
    help: "How often the part is polled.",
    unit: "seconds",
    labels: ["collector", "part"],
  }),
  errors: counter("watchkeeper_part_errors_total", {
    help: "Failures of the part and of pieces of it, such as one node, by reason.",
    labels: ["collector", "part", "reason"],
  }),
  missingPieces: gauge("watchkeeper_part_missing_pieces", {
    help: "Pieces of the part, such as nodes or permissions, that the newest poll could not read while it read the rest; absent when it read all.",
    labels: ["collector", "part", "reason"],
  }),
};

/** What Watchkeeper tells of its own process. */
export const processMetrics = {
  build: info("watchkeeper_build_info", {
    help: "Version of Watchkeeper and of Node.",
    labels: ["version", "node_version"],
  }),
  reloadSuccessful: gauge("watchkeeper_config_last_reload_successful", {
    help: "Whether the newest attempt to load the configuration succeeded; after a failed one the former stays in use.",
    unit: "boolean",
  }),
  reloadTime: gauge("watchkeeper_config_last_reload_success_timestamp_seconds", {
    help: "When the configuration in use was loaded.",
    unit: "timestamp",
  }),
};
