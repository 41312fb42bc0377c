import { describe, expect, it } from "vitest";
import { raiseAlert } from "../../src/lab/truenas/model/alerts.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const has = ({ series }: Polled, name: string): boolean =>
  [...series.keys()].some((key) => key === name || key.startsWith(`${name}{`));
const reasons = ({ errors }: Polled, part: string): string[] => (errors[part] ?? []).map(({ reason }) => reason);

describe("odd states", () => {
  it("of a service and an app leave what they hide absent", async () => {
    const { lab, target } = await openTrueNasLab();
    const { services, apps, machine } = lab.state.system;
    for (const service of services) if (service.service === "nfs") service.state = "UNKNOWN";
    for (const app of apps) if (app.name === "immich") app.state = "HIBERNATING";
    services.push({ id: 99, service: "cifs", enable: false, state: "STOPPED", pids: [] });
    Object.assign(machine, { state: "DREAMING", physmem: 0 });
    const polled = await pollTarget(target, ["system", "apps"]);
    expect(polled.errors).toEqual({});
    expect(Object.keys(valuesBy(polled, "truenas_service_running", "service"))).not.toContain("nfs");
    expect(valuesBy(polled, "truenas_service_enabled", "service")).toMatchObject({ nfs: 1, cifs: 1 });
    for (const name of ["running", "crashed", "deploying"])
      expect(Object.keys(valuesBy(polled, `truenas_app_${name}`, "app"))).toEqual(["syncthing", "minecraft"]);
    for (const name of ["truenas_ready", "truenas_memory_total_bytes"]) expect(has(polled, name)).toBe(false);
    expect(polled.series.get("truenas_up")).toBe(1);
  });

  it("of an alert's level count as a warning", async () => {
    const { lab, target } = await openTrueNasLab();
    for (const level of ["NOTICE", "ERROR", "ALERT", "EMERGENCY", "DOOM", "constructor"])
      raiseAlert(lab.state.system.alerts, lab.now(), { klass: `Of "${level}"\n`, level, formatted: "" });
    expect(valuesBy(await pollTarget(target, ["alerts"]), "truenas_native_alerts", "severity")).toEqual({
      info: 1,
      critical: 1,
      warning: 1,
    });
  });
});

const METHODS: readonly (readonly [method: string, part: string])[] = [
  ["system.info", "system"],
  ["system.state", "system"],
  ["system.reboot.info", "system"],
  ["service.query", "system"],
  ["service.query", "ups"],
  ["alert.list", "alerts"],
  ["alert.list", "ups"],
  ["reporting.netdata_get_data", "ups"],
  ["app.query", "apps"],
  ["certificate.query", "certificates"],
  ["api_key.query", "certificates"],
];

/** Without the facts that are labels: a release may well be a number. */
const known = ({ series }: Polled): ReadonlySet<string> =>
  new Set([...series.keys()].filter((key) => !/_info\{/.test(key)));

describe.each(METHODS)("answers of %s, read by the part %s, that are not what they should be,", (method, part) => {
  it.each(["nulls", "wrong_types"] as const)("make no series that was not there: %s", async (kind) => {
    const { lab, target } = await openTrueNasLab();
    await lab.scenarios.native_alert.run(lab);
    const before = known(await pollTarget(target, [part]));
    lab.setSocketFault({ kind, method });
    // what was read before is not kept beyond a lost socket
    lab.dropSockets();
    const polled = await pollTarget(target, [part]);
    expect([...known(polled)].filter((key) => !before.has(key))).toEqual([]);
    for (const [key, value] of polled.series) expect([key, Number.isFinite(value)]).toEqual([key, true]);
    expect(reasons(polled, part).every((reason) => reason === "unexpected_shape")).toBe(true);
  });

  it("that are refused leave their series absent and the others as they are", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setSocketFault({ kind: "error", method, code: -32_001, errname: "EFAULT" });
    const polled = await pollTarget(target, [part]);
    expect(reasons(polled, part)).toEqual(["server_error"]);
    expect(JSON.stringify(polled.errors)).not.toContain(lab.apiKey);
  });
});

describe("a server that is not there, or not for this key,", () => {
  it("is down until it answers again", async () => {
    const { lab, target } = await openTrueNasLab();
    await pollTarget(target, ["system"]);
    await lab.stop();
    const down = await waitUntil("the server is down", async () => {
      const polled = await pollTarget(target, ["system"]);
      return polled.series.get("truenas_up") === 0 && polled;
    });
    expect([...down.series.keys()].toSorted()).toEqual([
      "truenas_session_logins_total",
      "truenas_session_received_bytes_total",
      "truenas_up",
    ]);
    expect(down.errors["system"]).toMatchObject([{ piece: "server" }]);
    await lab.start();
    await waitUntil(
      "the server is up",
      async () => (await pollTarget(target, ["system"])).series.get("truenas_up") === 1,
    );
  });

  it("is up when the key is taken and may see nothing of it", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setRoles(["POOL_READ"]);
    const polled = await pollTarget(target, ["system", "ups", "alerts", "apps", "certificates"]);
    expect(polled.series.get("truenas_up")).toBe(1);
    expect(reasons(polled, "system")).toEqual(["forbidden", "forbidden", "forbidden", "forbidden"]);
    for (const part of ["ups", "alerts", "apps"]) expect([part, reasons(polled, part)]).toEqual([part, ["forbidden"]]);
    expect(reasons(polled, "certificates")).toEqual(["forbidden", "forbidden"]);
    expect(has(polled, "truenas_shown_certificate_not_after_timestamp_seconds")).toBe(true);
    expect([...polled.series.keys()].filter((key) => /service|native|app_|ups_|api_key/.test(key))).toEqual([]);
  });

  it("still shows its certificate when it does not take the key", async () => {
    const { open } = await openTrueNasLab();
    const target = await open({ api_key: "1-wrong" });
    const polled = await pollTarget(target, ["system", "certificates"]);
    expect(polled.series.get("truenas_up")).toBe(0);
    expect(has(polled, "truenas_shown_certificate_not_after_timestamp_seconds")).toBe(true);
    expect(reasons(polled, "certificates").length).toBe(2);
  });

  it("is read by dates of any form", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setSocketFault({ kind: "plain_dates" });
    const polled = await pollTarget(target, ["system", "certificates"]);
    expect(Math.abs(polled.series.get("truenas_clock_offset_seconds") ?? 99)).toBeLessThan(3);
    expect(valuesBy(polled, "truenas_api_key_expiry_timestamp_seconds", "key")).toEqual({
      "backup script": lab.state.system.apiKeys[1]?.expiresAt,
    });
  });
});
