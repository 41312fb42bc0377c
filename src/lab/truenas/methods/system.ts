import type { TrueNasRelease } from "../contract.ts";
import { alertMethods } from "./alerts.ts";
import { appMethods } from "./apps.ts";
import type { LabMethods, MethodContext } from "./contract.ts";
import { certificateMethods } from "./system-certificates.ts";
import { answerQuery } from "./system-query.ts";
import { updateMethods } from "./system-update.ts";
import { upsMethods } from "./ups.ts";

/** The system's methods. Source: github.com/truenas/middleware, plugins/system and api/v25_10_0/system.py */
export const systemMethods: LabMethods = {
  // no narrower role has it
  "system.info": { role: "READONLY_ADMIN", call: systemInfo },
  "system.state": { role: "SYSTEM_GENERAL_READ", call: ({ state }) => state.system.machine.state },
  "system.reboot.info": {
    role: "SYSTEM_GENERAL_READ",
    since: "25.04",
    call: ({ state }) => ({
      boot_id: "9f3b6a52-0d1c-4b8e-9f11-5d1a7a60c001",
      reboot_required_reasons: state.system.machine.rebootReasons,
    }),
  },
  "system.general.config": {
    role: "SYSTEM_GENERAL_READ",
    call: ({ state }) => ({
      id: 1,
      language: "en",
      kbdmap: "us",
      timezone: state.system.machine.timezone,
      ui_port: 80,
      ui_httpsport: 443,
      ui_httpsredirect: false,
    }),
  },
  "service.query": {
    role: "SERVICE_READ",
    call: ({ state, params }) =>
      answerQuery(
        state.system.services.map((service) => ({ ...service })),
        params,
      ),
  },
  ...alertMethods,
  ...appMethods,
  ...certificateMethods,
  ...updateMethods,
  ...upsMethods,
};

/** What each release calls itself. */
const VERSIONS: Readonly<Record<TrueNasRelease, string>> = {
  "24.10": "24.10.2.4",
  "25.04": "25.04.2.6",
  "25.10": "25.10.2",
  "26": "26.0.0",
};

function systemInfo({ state, release, now, date }: MethodContext): unknown {
  const { machine } = state.system;
  const uptime = now() - machine.bootedAt;
  return {
    version: VERSIONS[release],
    buildtime: date(1_760_000_000),
    hostname: machine.hostname,
    physmem: machine.physmem,
    model: "Intel(R) Xeon(R) E-2314 CPU @ 2.80GHz",
    cores: machine.cores,
    physical_cores: machine.cores,
    loadavg: machine.loadavg,
    uptime: `${Math.floor(uptime / 86_400)} days, 0:00:00`,
    uptime_seconds: uptime,
    system_serial: "LAB0001",
    system_product: "Super Server",
    system_product_version: "0123456789",
    license: null,
    boottime: date(machine.bootedAt + machine.clockAhead),
    datetime: date(now() + machine.clockAhead),
    timezone: machine.timezone,
    system_manufacturer: "Supermicro",
    ecc_memory: machine.ecc,
  };
}
