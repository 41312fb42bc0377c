import { gauge, info } from "../../../core/metric.ts";

/** `alert.list`: what the server itself complains of. */
export const nativeAlerts = {
  active: gauge("truenas_native_alerts", {
    help: "Alerts that the server raises and nobody dismissed, by class. Of its seven levels, INFO and NOTICE are severity info, WARNING is warning, and the others are critical.",
    labels: ["class", "level", "severity"],
  }),
  dismissed: gauge("truenas_native_alerts_dismissed", {
    help: "Alerts that the server raises and somebody dismissed.",
  }),
  restClients: gauge("truenas_rest_clients_seen", {
    help: "Whether the server saw somebody use its REST API in the last day, which TrueNAS 26 no longer has; told by 25.10 only.",
    unit: "boolean",
  }),
};

const ofApp = ["app"] as const;

/** `app.query`. */
export const apps = {
  info: info("truenas_app_info", { help: "An app and its version.", labels: ["app", "version", "state"] }),
  running: gauge("truenas_app_running", { help: "Whether the app runs.", unit: "boolean", labels: ofApp }),
  crashed: gauge("truenas_app_crashed", { help: "Whether the app has crashed.", unit: "boolean", labels: ofApp }),
  deploying: gauge("truenas_app_deploying", {
    help: "Whether the app is being started or changed just now.",
    unit: "boolean",
    labels: ofApp,
  }),
  upgradeAvailable: gauge("truenas_app_upgrade_available", {
    help: "Whether there is a newer version of the app.",
    unit: "boolean",
    labels: ofApp,
  }),
};

/** `update.status`, or `update.check_available` before 25.10. */
export const updates = {
  available: gauge("truenas_update_available", {
    help: "Whether a newer release is offered.",
    unit: "boolean",
  }),
  info: info("truenas_update_info", { help: "The newer release that is offered.", labels: ["version"] }),
  failed: gauge("truenas_update_check_failed", {
    help: "Whether the server could not find out whether there is a newer release.",
    unit: "boolean",
  }),
  removes: gauge("truenas_upgrade_removes_api", {
    help: "1 when the newer release that is offered, or the one that runs, no longer has an API that somebody uses: `used_by` is a storage driver of Kubernetes, or `rest_client` when the server saw REST calls.",
    unit: "boolean",
    labels: ["api", "used_by", "version"],
  }),
};

/** `certificate.query`, `api_key.query`, and the certificate that the server shows. */
export const certificates = {
  notAfter: gauge("truenas_certificate_not_after_timestamp_seconds", {
    help: "When a certificate that the server keeps ends.",
    unit: "timestamp",
    labels: ["certificate", "common_name"],
  }),
  shown: gauge("truenas_shown_certificate_not_after_timestamp_seconds", {
    help: "When the certificate ends that the server shows to those who connect.",
    unit: "timestamp",
  }),
  keyExpiry: gauge("truenas_api_key_expiry_timestamp_seconds", {
    help: "When the API key ends; absent for one that never does.",
    unit: "timestamp",
    labels: ["key", "username"],
  }),
  keyRevoked: gauge("truenas_api_key_revoked", {
    help: "Whether the server revoked the API key, as it does when one is used over an unencrypted connection.",
    unit: "boolean",
    labels: ["key", "username"],
  }),
};
