import { afterEach, expect, it, vi } from "vitest";
import { proxmoxCollector } from "../../src/collectors/proxmox/collector.ts";
import { pollTarget } from "../helpers/poll-target.ts";
import { openTarget, startLab } from "./proxmox-target.ts";

const NOW = Date.UTC(2026, 10, 24, 12);

afterEach(() => {
  vi.useRealTimers();
});

/** Polls every part of an emulated cluster whose clock stands still, as ours does. */
async function pollAll(version: "8.4" | "9.1") {
  // the certificates are made before, since those who verify them go by the machine's clock
  const lab = await startLab({ version, qdevice: true, now: () => NOW });
  const token = lab.createToken({
    id: "watch@pve!golden",
    role: "PVEAuditor",
    privileges: ["Datastore.AllocateSpace", "VM.Backup", "Sys.Modify"],
  });
  const target = await openTarget(lab, { token, more: { smart: true } });
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  const polled = await pollTarget(target);
  expect(polled.errors).toEqual({});
  return polled.series;
}

it.each([
  ["8.4", "proxmox-8.txt"],
  ["9.1", "proxmox-9.txt"],
] as const)("shows of an emulated cluster of %s what it has always shown", async (version, file) => {
  const lines = [...(await pollAll(version))].map(([text, value]) => `${text} ${value}`);
  await expect(`${lines.toSorted().join("\n")}\n`).toMatchFileSnapshot(`__fixtures__/${file}`);
});

/**
 * What a healthy cluster of release 9.1 has no value of: it is told by newer ones, or only while something is wrong.
 */
const NOT_IN_A_HEALTHY_CLUSTER = ["pve_ceph_health_check", "pve_ha_armed", "pve_tasks_failed"];

it("emits every metric that it declares", async () => {
  const emitted = new Set([...(await pollAll("9.1")).keys()].map((text) => text.replace(/\{.*/, "")));
  const declared = proxmoxCollector.parts.flatMap(({ metrics }) => Object.values(metrics).map(({ name }) => name));
  const silent = declared.filter((name) => !emitted.has(name));
  expect(silent.toSorted()).toEqual(NOT_IN_A_HEALTHY_CLUSTER);
  expect(new Set(declared).size).toBe(declared.length);
});
