import { describe, expect, it } from "vitest";
import type { TrueNasLab, TrueNasRelease, TrueNasScenarioName } from "../../src/lab/truenas/contract.ts";
import { raiseAlert } from "../../src/lab/truenas/model/alerts.ts";
import { pollTarget, valuesBy, type Polled } from "../helpers/poll-target.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const RELEASES: readonly TrueNasRelease[] = ["24.10", "25.04", "25.10", "26"];
const PARTS = ["system", "realtime", "ups", "alerts", "apps", "certificates"];
const DAY = 86_400;

const has = ({ series }: Polled, name: string): boolean =>
  [...series.keys()].some((key) => key === name || key.startsWith(`${name}{`));

describe.each(RELEASES)("TrueNAS %s that is well", (release) => {
  it("is read without a failure, but for what the release does not tell", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const polled = await pollTarget(target, PARTS);
    expect(polled.errors).toEqual({});
    expect(polled.outcomes).toEqual(Object.fromEntries(PARTS.map((part) => [part, "success"])));
    expect(Object.fromEntries(polled.series)).toMatchObject({
      truenas_up: 1,
      truenas_ready: 1,
      truenas_memory_total_bytes: lab.state.system.machine.physmem,
      truenas_memory_ecc: 1,
      truenas_load15: 0.6,
      truenas_boot_timestamp_seconds: expect.closeTo(lab.state.system.machine.bootedAt, -0.5),
      truenas_session_logins_total: 1,
      'truenas_service_enabled{service="cifs"}': 1,
      'truenas_service_running{service="ftp"}': 0,
      truenas_cpu_usage_ratio: 0.125,
      truenas_cpu_temperature_celsius: 43,
      truenas_memory_available_bytes: lab.state.system.realtime.memoryAvailable,
      truenas_arc_size_bytes: lab.state.system.realtime.arcSize,
      truenas_arc_hit_ratio: 0.95,
      'truenas_interface_up{interface="eno2"}': 1,
      'truenas_interface_received_bytes_per_second{interface="eno1"}': 1_250_000,
      truenas_ups_on_battery: 0,
      truenas_ups_battery_low: 0,
      truenas_ups_battery_charge_ratio: 1,
      truenas_ups_battery_runtime_seconds: 2_340,
      truenas_ups_load_ratio: 0.24,
      truenas_native_alerts_dismissed: 0,
      'truenas_app_running{app="syncthing"}': 1,
      'truenas_app_running{app="minecraft"}': 0,
      'truenas_app_crashed{app="minecraft"}': 0,
      'truenas_app_upgrade_available{app="immich"}': 1,
    });
    expect(has(polled, "truenas_reboot_required")).toBe(release !== "24.10");
    expect(has(polled, "truenas_api_key_revoked")).toBe(release !== "24.10");
    expect(has(polled, "truenas_rest_clients_seen")).toBe(release === "25.10");
    expect(has(polled, "truenas_native_alerts")).toBe(false);
    expect(valuesBy(polled, "truenas_certificate_not_after_timestamp_seconds", "certificate")).toEqual(
      Object.fromEntries(
        lab.state.system.certificates.flatMap(({ name, issued }) =>
          issued === undefined ? [] : [[name, issued.until]],
        ),
      ),
    );
    expect([...polled.series.keys()].join("\n")).not.toMatch(/PRIVATE|LabKey/);
  });

  it("is restarted, and has a clock that is late", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    const { machine } = lab.state.system;
    const first = await pollTarget(target, ["system"]);
    machine.clockAhead = -3_600;
    const late = await pollTarget(target, ["system"]);
    expect(late.series.get("truenas_clock_offset_seconds")).toBeGreaterThan(-3_603);
    expect(late.series.get("truenas_clock_offset_seconds")).toBeLessThan(-3_597);
    expect(late.series.get("truenas_boot_timestamp_seconds")).toBe(first.series.get("truenas_boot_timestamp_seconds"));
    expect((await pollTarget(target, ["ups"])).series.get("truenas_ups_load_ratio")).toBe(0.24);
    Object.assign(machine, { bootedAt: lab.now() - 30, state: "BOOTING" });
    const restarted = await pollTarget(target, ["system"]);
    expect(restarted.series.get("truenas_boot_timestamp_seconds")).toBeCloseTo(machine.bootedAt, -1);
    expect(restarted.series.get("truenas_ready")).toBe(0);
  });
});

/** What a scenario must change, and on which releases; a scenario that says nothing there changes nothing. */
const STORIES: readonly {
  readonly scenario: TrueNasScenarioName;
  readonly part: string;
  readonly releases?: readonly TrueNasRelease[];
  readonly expected: (lab: TrueNasLab) => Record<string, unknown>;
}[] = [
  {
    scenario: "app_crashed",
    part: "apps",
    expected: () => ({ 'truenas_app_crashed{app="immich"}': 1, 'truenas_app_running{app="immich"}': 0 }),
  },
  {
    scenario: "service_stopped",
    part: "system",
    expected: () => ({
      'truenas_service_enabled{service="cifs"}': 1,
      'truenas_service_running{service="cifs"}': 0,
      'truenas_service_running{service="nfs"}': 1,
    }),
  },
  {
    scenario: "native_alert",
    part: "alerts",
    expected: () => ({
      'truenas_native_alerts{class="NTPHealthCheck",level="WARNING",severity="warning"}': 1,
      'truenas_native_alerts{class="Sensor",level="CRITICAL",severity="critical"}': 2,
      'truenas_native_alerts{class="ReplicationSuccess",level="INFO",severity="info"}': 1,
      'truenas_native_alerts{class="ApplicationsStartFailed",level="CRITICAL",severity="critical"}': 1,
      truenas_native_alerts_dismissed: 1,
    }),
  },
  {
    scenario: "reboot_required",
    part: "system",
    releases: ["25.04", "25.10", "26"],
    expected: () => ({ truenas_reboot_required: 1 }),
  },
  {
    scenario: "rest_client",
    part: "alerts",
    releases: ["25.10"],
    expected: () => ({ truenas_rest_clients_seen: 1 }),
  },
  {
    scenario: "ups_on_battery",
    part: "ups",
    expected: () => ({
      truenas_ups_on_battery: 1,
      truenas_ups_battery_low: 0,
      truenas_ups_battery_charge_ratio: 0.78,
      truenas_ups_battery_runtime_seconds: 1_260,
    }),
  },
  {
    scenario: "key_expires",
    part: "certificates",
    releases: ["25.04", "25.10", "26"],
    expected: (lab) => ({
      'truenas_api_key_expiry_timestamp_seconds{key="watchkeeper",username="watchkeeper"}':
        lab.state.system.apiKeys[0]?.expiresAt,
      'truenas_api_key_revoked{key="watchkeeper",username="watchkeeper"}': 0,
    }),
  },
  {
    scenario: "certificate_expires",
    part: "certificates",
    expected: (lab) => ({
      'truenas_certificate_not_after_timestamp_seconds{certificate="letsencrypt",common_name="nas.example.org"}':
        expect.closeTo(lab.now() + 6 * DAY, -2),
    }),
  },
];

describe.each(RELEASES)("what happens to TrueNAS %s", (release) => {
  const stories = STORIES.filter(({ releases = RELEASES }) => releases.includes(release));
  it.each(stories)("is seen: $scenario", async ({ scenario, part, expected }) => {
    const { lab, target } = await openTrueNasLab({ release });
    await pollTarget(target, [part]);
    await lab.scenarios[scenario].run(lab);
    // some of it is told by an event, which is on its way
    const polled = await waitUntil("the series are as expected", async () => {
      const seen = await pollTarget(target, [part]);
      expect(Object.fromEntries(seen.series)).toMatchObject(expected(lab));
      return seen;
    });
    expect(polled.errors).toEqual({});
  });

  it("is not told of when somebody dismissed it", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    await lab.scenarios.native_alert.run(lab);
    const classes = Object.keys(valuesBy(await pollTarget(target, ["alerts"]), "truenas_native_alerts", "class"));
    expect(classes.toSorted()).toEqual(["ApplicationsStartFailed", "NTPHealthCheck", "ReplicationSuccess", "Sensor"]);
  });

  it("is seen: interface_down", async () => {
    const { lab, target } = await openTrueNasLab({ release });
    // the figures of an interface come with the next event, 5 s after the first
    await lab.scenarios.interface_down.run(lab);
    expect(valuesBy(await pollTarget(target, ["realtime"]), "truenas_interface_up", "interface")).toEqual({
      eno1: 1,
      eno2: 0,
    });
  });
});

describe("a server that lets nobody in", () => {
  it.each(["25.04", "25.10"] as const)("is not up on %s at any poll, though it is reached", async (release) => {
    const { lab, target } = await openTrueNasLab({ release });
    lab.setRoles([]);
    for (let poll = 0; poll < 3; poll += 1) {
      const { series, errors } = await pollTarget(target, ["system"]);
      expect(series.get("truenas_up")).toBe(0);
      expect(errors).toEqual({ system: [expect.objectContaining({ piece: "server", reason: "forbidden" })] });
    }
  });
});

describe("the UPS", () => {
  const upsOf = async (change: (lab: TrueNasLab) => void): Promise<Polled> => {
    const { lab, target } = await openTrueNasLab();
    change(lab);
    return pollTarget(target, ["ups"]);
  };
  const raised = (klass: string, dismissed = false) =>
    upsOf((lab) =>
      raiseAlert(lab.state.system.alerts, lab.now(), { klass, level: "CRITICAL", formatted: "", dismissed }),
    );

  it.each(["STOPPED", "UNKNOWN"])("is not told of while its service is %s", async (state) => {
    const { series, errors, outcomes } = await upsOf((lab) => {
      for (const service of lab.state.system.services) if (service.service === "ups") service.state = state;
    });
    expect([outcomes["ups"], [...series], errors]).toEqual(["no_data", [], {}]);
  });

  it.each([
    ["UPSOnline", 0, 0],
    ["UPSOnBattery", 1, 0],
    ["UPSBatteryLow", undefined, 1],
    ["UPSCommbad", undefined, undefined],
    ["UPSReplbatt", undefined, undefined],
    ["Sensor", 0, 0],
  ])("is known by the newest of its events: %s", async (klass, onBattery, batteryLow) => {
    for (const dismissed of [false, true]) {
      const { series } = await raised(klass, dismissed);
      expect(series.get("truenas_ups_on_battery")).toBe(onBattery);
      expect(series.get("truenas_ups_battery_low")).toBe(batteryLow);
    }
  });

  it("is not taken to be well when somebody dismisses that it is on battery, which deletes that alert", async () => {
    const { lab, target } = await openTrueNasLab();
    const { alerts, machine, services } = lab.state.system;
    const say = async (klass?: string): Promise<readonly (number | undefined)[]> => {
      alerts.length = 0;
      if (klass !== undefined)
        raiseAlert(alerts, lab.now(), { klass, level: "CRITICAL", formatted: "", oneShot: true });
      lab.emit("alert.list", { msg: "removed", id: "any" });
      return waitUntil("the alerts are read anew", async () => {
        const before = lab.stats.calls.get("alert.list") ?? 0;
        const { series } = await pollTarget(target, ["system", "ups"]);
        if ((lab.stats.calls.get("alert.list") ?? 0) === before) return undefined;
        return ["truenas_ups_on_battery", "truenas_ups_battery_low"].map((name) => series.get(name));
      });
    };
    expect(await say()).toEqual([0, 0]);
    expect(await say("UPSOnBattery")).toEqual([1, 0]);
    expect(await say()).toEqual([undefined, undefined]);
    expect(await say("UPSCommok")).toEqual([undefined, undefined]);
    expect(await say("UPSOnline")).toEqual([0, 0]);
    expect(await say()).toEqual([0, 0]);
    expect(await say("UPSBatteryLow")).toEqual([undefined, 1]);
    machine.bootedAt += 600;
    expect(await say()).toEqual([0, 0]);
    expect(await say("UPSOnBattery")).toEqual([1, 0]);
    const service = services.find((each) => each.service === "ups");
    if (service === undefined) throw new Error("the lab has no UPS");
    service.state = "STOPPED";
    await pollTarget(target, ["ups"]);
    service.state = "RUNNING";
    expect(await say()).toEqual([0, 0]);
  });

  it("has an unknown load when its graph is of nothing but 0", async () => {
    const { series, errors } = await upsOf((lab) => (lab.state.system.ups.load = 0));
    expect([series.has("truenas_ups_load_ratio"), series.get("truenas_ups_battery_charge_ratio")]).toEqual([false, 1]);
    expect(errors).toEqual({});
  });
});
