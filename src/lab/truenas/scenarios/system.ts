import type { TrueNasLab, TrueNasScenario } from "../contract.ts";
import { raiseAlert, type LabAlertOptions } from "../model/alerts.ts";
import { alertRow } from "../methods/alerts.ts";
import { appRow } from "../methods/apps.ts";
import { createLabCertificate } from "../model/system-certificate.ts";

const DAY = 86_400;

/** What may happen to the machine, its services and its keepers. */
export const systemScenarios = {
  app_crashed: { help: "crashes the first app", run: async (lab) => crashApp(lab) },
  service_stopped: { help: "stops the SMB service, which is enabled", run: async (lab) => stopService(lab, "cifs") },
  native_alert: { help: "raises alerts of several levels, one of them dismissed", run: async (lab) => raiseMany(lab) },
  reboot_required: {
    help: "finishes an upgrade that wants a restart",
    run: async ({ state }) => {
      const reason = "This system needs to be rebooted in order for the system upgrade to finish.";
      state.system.machine.rebootReasons = [{ code: "UPGRADE", reason }];
    },
  },
  update_available: {
    help: "offers TrueNAS 26, or its next release to one that runs it",
    run: async (lab) => {
      lab.state.system.update.newVersion = lab.release === "26" ? "26.0.1" : "26.0.0";
    },
  },
  rest_client: { help: "has 25.10 see a client of its REST API", run: async (lab) => seeRestClient(lab) },
  ups_on_battery: { help: "cuts the power: the UPS gives it from its battery", run: async (lab) => cutPower(lab) },
  key_expires: {
    help: "lets Watchkeeper's API key end in five days",
    run: async (lab) => {
      for (const key of lab.state.system.apiKeys.slice(0, 1)) key.expiresAt = lab.now() + 5 * DAY;
    },
  },
  certificate_expires: {
    help: "lets a certificate that the server keeps end in six days",
    run: async (lab) => agingCertificate(lab),
  },
  interface_down: {
    help: "unplugs the second network interface",
    run: async ({ state }) => {
      for (const one of state.system.realtime.interfaces.slice(1, 2)) one.up = false;
    },
  },
} as const satisfies Record<string, TrueNasScenario>;

/** Raises an alert and tells whoever subscribed. */
function raise(lab: TrueNasLab, options: LabAlertOptions): void {
  const alert = raiseAlert(lab.state.system.alerts, lab.now(), options);
  lab.emit("alert.list", { msg: "added", id: alert.uuid, fields: alertRow(alert, (at) => ({ $date: at * 1000 })) });
}

function crashApp(lab: TrueNasLab): void {
  const [app] = lab.state.system.apps;
  if (app === undefined) return;
  app.state = "CRASHED";
  lab.emit("app.query", { msg: "changed", id: app.name, fields: appRow(app) });
}

function stopService({ state }: TrueNasLab, name: string): void {
  for (const service of state.system.services) {
    if (service.service === name) Object.assign(service, { state: "STOPPED", pids: [] });
  }
}

function raiseMany(lab: TrueNasLab): void {
  raise(lab, { klass: "NTPHealthCheck", level: "WARNING", formatted: "NTP health check failed - No Active NTP peers" });
  raise(lab, { klass: "Sensor", level: "CRITICAL", formatted: "Sensor FAN1 has value of 0 RPM" });
  raise(lab, { klass: "Sensor", level: "CRITICAL", formatted: "Sensor FAN2 has value of 0 RPM" });
  raise(lab, { klass: "ReplicationSuccess", level: "INFO", formatted: 'Replication "offsite" succeeded.' });
  raise(lab, {
    klass: "ApplicationsStartFailed",
    level: "CRITICAL",
    formatted: "Failed to start docker for Applications",
    oneShot: true,
  });
  raise(lab, {
    klass: "SMBLegacyProtocol",
    level: "WARNING",
    formatted: "SMB1 connections have been performed by the following clients: 192.0.2.7",
    dismissed: true,
  });
}

function seeRestClient(lab: TrueNasLab): void {
  if (lab.release !== "25.10") return;
  const formatted =
    "The deprecated REST API was used to authenticate 3 times in the last 24 hours from the following IP addresses:<br>192.0.2.9.";
  raise(lab, { klass: "RESTAPIUsage", level: "WARNING", formatted });
}

/** Of the UPS only the newest event is an alert. */
function cutPower(lab: TrueNasLab): void {
  const { alerts, ups } = lab.state.system;
  alerts.splice(0, alerts.length, ...alerts.filter(({ klass }) => !klass.startsWith("UPS")));
  Object.assign(ups, { charge: 78, runtime: 1_260, load: 31 });
  raise(lab, { klass: "UPSOnBattery", level: "CRITICAL", formatted: "UPS ups is on battery power.", oneShot: true });
}

function agingCertificate(lab: TrueNasLab): void {
  const { certificates } = lab.state.system;
  const at = certificates.findIndex(({ name }) => name === "letsencrypt");
  const old = certificates[at];
  if (old === undefined) return;
  const { id, name, commonName } = old;
  const [from, until] = [lab.now() - 84 * DAY, lab.now() + 6 * DAY];
  certificates[at] = createLabCertificate(id, name, { commonName, from, until });
}
