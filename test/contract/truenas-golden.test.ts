import { afterEach, describe, expect, it, vi } from "vitest";
import { trueNasCollector } from "../../src/collectors/truenas/collector.ts";
import type { TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { pollTarget } from "../helpers/poll-target.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const NOW = Date.UTC(2026, 10, 24, 12);

/** What goes by the machine's clock, or by how long the session's own words are. */
const MOVING: ReadonlySet<string> = new Set([
  "truenas_clock_offset_seconds",
  "truenas_session_received_bytes_total",
  "truenas_shown_certificate_not_after_timestamp_seconds",
]);

/** What the API of a release has no value of. */
const NOT_TOLD: Readonly<Record<TrueNasRelease, readonly string[]>> = {
  "24.10": [
    "truenas_api_key_expiry_timestamp_seconds",
    "truenas_api_key_revoked",
    "truenas_pool_device_slow_ios_total",
    "truenas_reboot_required",
    "truenas_rest_clients_seen",
    "truenas_upgrade_removes_api",
  ],
  "25.04": ["truenas_pool_device_slow_ios_total", "truenas_rest_clients_seen", "truenas_upgrade_removes_api"],
  "25.10": ["truenas_disk_self_test_passed", "truenas_pool_device_slow_ios_total", "truenas_upgrade_removes_api"],
  "26": ["truenas_disk_self_test_passed", "truenas_rest_clients_seen"],
};

/** What a healthy server has no value of, since it is told while something goes on only. */
const NOT_WHEN_WELL = [
  "truenas_native_alerts",
  "truenas_pool_scan_progress_ratio",
  "truenas_pool_scan_start_timestamp_seconds",
  "truenas_pool_scrub_paused",
  "truenas_task_progress_ratio",
  "truenas_update_info",
];

const RELEASES = Object.keys(NOT_TOLD) as readonly TrueNasRelease[];
const nameOf = (text: string): string => text.replace(/\{.*/s, "");

afterEach(() => {
  vi.useRealTimers();
});

/**
 * Polls every part of an emulated server whose clock stands still, as ours does. It is the second look that is shown:
 * at the first nobody knows yet which snapshots are a task's own.
 */
async function pollAll(release: TrueNasRelease): Promise<ReadonlyMap<string, number>> {
  // the server's certificate is made before, since those who verify it go by the machine's clock
  const { target } = await openTrueNasLab({ release, now: () => NOW });
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  await pollTarget(target);
  const { errors, series } = await pollTarget(target);
  expect(errors).toEqual({});
  return series;
}

describe.each(RELEASES)("an emulated TrueNAS %s", (release) => {
  it("shows what it has always shown", async () => {
    const lines = [...(await pollAll(release))].map(
      ([text, value]) => `${text} ${MOVING.has(nameOf(text)) ? "moves" : value}`,
    );
    await expect(`${lines.toSorted().join("\n")}\n`).toMatchFileSnapshot(`__fixtures__/truenas-${release}.txt`);
  });

  it("has a value of every metric that is declared, but for those that it does not tell", async () => {
    const emitted = new Set([...(await pollAll(release)).keys()].map(nameOf));
    const declared = trueNasCollector.parts.flatMap(({ metrics }) => Object.values(metrics).map(({ name }) => name));
    expect(new Set(declared).size).toBe(declared.length);
    const silent = declared.filter((name) => !emitted.has(name));
    expect(silent.toSorted()).toEqual([...NOT_TOLD[release], ...NOT_WHEN_WELL].toSorted());
  });
});
