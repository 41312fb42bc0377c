import { describe, expect, it } from "vitest";
import { measured } from "./measure.ts";

describe("a value of a metric", () => {
  it.each([
    ["queue_length", "queue_length{}", 1_200, "1,200"],
    ["requests_total", "rate(requests_total[60s])", 0.022, "0.022/s"],
    ["requests_total", "sum by (code) (rate(requests_total[60s]))", 3, "3/s"],
    [
      "request_duration_seconds",
      "histogram_quantile(0.95, rate(request_duration_seconds_bucket[60s]))",
      0.12,
      "120 ms",
    ],
    ["request_duration_seconds_count", "rate(request_duration_seconds_count[60s])", 4, "4/s"],
    ["request_duration_seconds", "histogram_count(rate(request_duration_seconds[60s]))", 4, "4/s"],
    ["process_cpu_seconds_total", "rate(process_cpu_seconds_total[60s])", 0.5, "0.5 s/s"],
    ["wait_milliseconds", "wait_milliseconds", 2_300, "2.3 s"],
    ["probe_ssl_left_seconds", "probe_ssl_left_seconds", 7 * 86_400, "7 d"],
    ["node_filesystem_avail_bytes", "node_filesystem_avail_bytes", 1.5 * 1_024 ** 3, "1.5 GiB"],
    ["node_filesystem_avail_bytes", "deriv(node_filesystem_avail_bytes[60s])", -2_048, "-2 KiB/s"],
    ["sent_bytes_total", "rate(sent_bytes_total[60s])", 0, "0 bytes/s"],
    ["disk_used_ratio", "disk_used_ratio", 0.973, "97 %"],
    ["drive_temperature_celsius", "drive_temperature_celsius", 61, "61 °C"],
    ["clock_offset_seconds", "clock_offset_seconds", -0.25, "-250 ms"],
  ])("%s as %s of %d is %s", (metric, expr, value, text) => {
    expect(measured(value, { metric, expr })).toBe(text);
  });
});
