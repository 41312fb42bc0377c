import { counter, gauge, info } from "../../../core/metric.ts";

/** `system.info`, `system.state`, `system.reboot.info` and `service.query`. */
export const system = {
  up: gauge("truenas_up", { help: "Whether the server takes the key and answers calls.", unit: "boolean" }),
  version: info("truenas_version_info", {
    help: "Release of the server, and version of the API that is spoken with it.",
    labels: ["version", "api_version"],
  }),
  ready: gauge("truenas_ready", {
    help: "Whether the server says that it is ready: 0 while it boots or shuts down.",
    unit: "boolean",
  }),
  rebootRequired: gauge("truenas_reboot_required", {
    help: "Whether the server wants to be restarted for a change to take effect; absent before 25.04.",
    unit: "boolean",
  }),
  bootTime: gauge("truenas_boot_timestamp_seconds", { help: "When the server was started.", unit: "timestamp" }),
  clockOffset: gauge("truenas_clock_offset_seconds", {
    help: "How far the server's clock is ahead of Watchkeeper's; the time that the answer took is taken out as far as it is known.",
    unit: "seconds",
  }),
  memory: gauge("truenas_memory_total_bytes", { help: "Memory of the machine.", unit: "bytes" }),
  eccMemory: gauge("truenas_memory_ecc", { help: "Whether the memory corrects errors.", unit: "boolean" }),
  processors: gauge("truenas_processors", { help: "Processor threads of the machine." }),
  load1: gauge("truenas_load1", { help: "Load over 1 minute." }),
  load5: gauge("truenas_load5", { help: "Load over 5 minutes." }),
  load15: gauge("truenas_load15", { help: "Load over 15 minutes." }),
  serviceEnabled: gauge("truenas_service_enabled", {
    help: "Whether the service starts with the system.",
    unit: "boolean",
    labels: ["service"],
  }),
  serviceRunning: gauge("truenas_service_running", {
    help: "Whether the service runs.",
    unit: "boolean",
    labels: ["service"],
  }),
  logins: counter("truenas_session_logins_total", {
    help: "Sockets on which Watchkeeper tried to log in, refused ones included. The server refuses more than 20 in a minute.",
  }),
  bytesReceived: counter("truenas_session_received_bytes_total", {
    help: "Bytes of messages that Watchkeeper received from the server.",
    unit: "bytes",
  }),
};

/** The event `reporting.realtime`. */
export const realtime = {
  cpu: gauge("truenas_cpu_usage_ratio", { help: "Share of the processors that is busy.", unit: "ratio" }),
  cpuTemperature: gauge("truenas_cpu_temperature_celsius", {
    help: "Temperature of the hottest processor core.",
    unit: "celsius",
  }),
  memoryAvailable: gauge("truenas_memory_available_bytes", {
    help: "Memory that programs can still get, as the kernel estimates it.",
    unit: "bytes",
  }),
  arcSize: gauge("truenas_arc_size_bytes", { help: "Size of the ZFS read cache in memory.", unit: "bytes" }),
  arcHits: gauge("truenas_arc_hit_ratio", {
    help: "Share of the reads that programs waited for in the last seconds that the cache answered; absent while there were none.",
    unit: "ratio",
  }),
  interfaceUp: gauge("truenas_interface_up", {
    help: "Whether the network interface has a link.",
    unit: "boolean",
    labels: ["interface"],
  }),
  interfaceReceived: gauge("truenas_interface_received_bytes_per_second", {
    help: "Bytes received in a second, over the last seconds.",
    unit: "bytes",
    labels: ["interface"],
  }),
  interfaceSent: gauge("truenas_interface_sent_bytes_per_second", {
    help: "Bytes sent in a second, over the last seconds.",
    unit: "bytes",
    labels: ["interface"],
  }),
};

/** The part `ups`: `reporting` graphs and native alerts; absent while the service does not run. */
export const ups = {
  charge: gauge("truenas_ups_battery_charge_ratio", { help: "Charge of the battery.", unit: "ratio" }),
  runtime: gauge("truenas_ups_battery_runtime_seconds", {
    help: "How long the battery lasts at the present load, as the UPS estimates it.",
    unit: "seconds",
  }),
  load: gauge("truenas_ups_load_ratio", { help: "Load of the UPS over what it bears.", unit: "ratio" }),
  onBattery: gauge("truenas_ups_on_battery", {
    help: "Whether the UPS gives power from its battery, by the server's own alert.",
    unit: "boolean",
  }),
  batteryLow: gauge("truenas_ups_battery_low", {
    help: "Whether the battery is nearly empty, by the server's own alert.",
    unit: "boolean",
  }),
};
