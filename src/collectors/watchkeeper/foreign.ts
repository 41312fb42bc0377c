import { counter, gauge } from "../../core/metric.ts";
import { scrapeMetrics } from "../../core/scrape-metrics.ts";

/**
 * What every process tells of itself, and Node of its heap; Prometheus has these names of other programs too.
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export const foreignMetrics = {
  cpu: counter("process_cpu_seconds_total", { help: "Time that processors spent for the process.", unit: "seconds" }),
  start: gauge("process_start_time_seconds", { help: "When the process was started.", unit: "timestamp" }),
  memory: gauge("process_resident_memory_bytes", { help: "Memory that the process holds.", unit: "bytes" }),
  openFiles: gauge("process_open_fds", { help: "Open file descriptors; on Linux only." }),
  mostFiles: gauge("process_max_fds", { help: "Most file descriptors that may be open." }),
  heap: gauge("nodejs_heap_size_used_bytes", { help: "Used part of the JavaScript heap.", unit: "bytes" }),
  eventLoopDelay: gauge("nodejs_eventloop_lag_p99_seconds", {
    help: "How late the event loop of Node was, the 99th percentile since the last scrape.",
    unit: "seconds",
  }),
  ...scrapeMetrics,
};
