import { describe, expect, it } from "vitest";
import { packs } from "../../collectors/index.ts";
import { CollectError } from "../../core/errors.ts";
import type { Points } from "../../core/telemetry.ts";
import { CHANGE_SIGNS } from "./change-signs.ts";
import { metricChanges } from "./changes.ts";
import type { RawMetrics } from "./source.ts";

const window = { from: 1_000_000, to: 2_000_000 };
const signal = AbortSignal.timeout(10_000);
type Labels = Readonly<Record<string, string>>;

/** Points at every 100,000 ms from before the window, where a value is given. */
const course = (...values: readonly (number | undefined)[]): Points =>
  values.flatMap((value, i) => (value === undefined ? [] : [[900_000 + i * 100_000, value] as const]));

const metrics = (told: Readonly<Record<string, readonly (readonly [Labels, Points])[]>>): RawMetrics => ({
  raw: async (selector) => ({
    series: Object.entries(told).flatMap(([name, of]) =>
      selector.includes(name) ? of.map(([labels, points]) => ({ labels, points })) : [],
    ),
    notes: [],
    queries: [],
  }),
});
const titles = async (told: Parameters<typeof metrics>[0]) =>
  (await metricChanges(metrics(told)).read(window, signal)).changes.map(({ title, at }) => [title, at]);

const _ = undefined;
const build = (version: string, instance = "a"): Labels => ({
  __name__: "shop_build_info",
  job: "shop",
  version,
  instance,
});

describe("a label that changes", () => {
  it("is told once in a rollout, when the new value is first seen", async () => {
    const told = [
      [build("1", "a"), course(1, 1, _, _, _)],
      [build("1", "b"), course(1, 1, 1, 1, _)],
      [build("2", "c"), course(_, _, 1, 1, 1)],
      [build("2", "d"), course(_, _, _, _, 1)],
    ] as const;
    expect(await titles({ build_info: told })).toEqual([["shop: version 1 -> 2", 1_100_000]]);
  });

  it("is told when it goes back", async () => {
    const told = [
      [build("1"), course(1, 1, _, _, 1)],
      [build("2"), course(_, _, 1, 1, _)],
    ] as const;
    expect(await titles({ build_info: told })).toEqual([
      ["shop: version 1 -> 2", 1_100_000],
      ["shop: version 2 -> 1", 1_300_000],
    ]);
  });

  it("is no change when a thing appears, was not measured for a while, or runs in two versions", async () => {
    expect(await titles({ build_info: [[build("1"), course(_, _, 1, 1)]] })).toEqual([]);
    expect(await titles({ build_info: [[build("1"), course(1, 1, _, _, 1)]] })).toEqual([]);
    const two = [
      [build("1", "a"), course(1, 1, 1, 1, 1)],
      [build("2", "b"), course(1, 1, _, 1, 1)],
    ] as const;
    expect(await titles({ build_info: two })).toEqual([]);
  });

  it("is told though nothing was measured in between", async () => {
    const told = [
      [build("1"), course(1, 1, _, _, _)],
      [build("2"), course(_, _, _, _, 1)],
    ] as const;
    expect(await titles({ build_info: told })).toEqual([["shop: version 1 -> 2", 1_300_000]]);
  });

  it("goes by the series whose value counts", async () => {
    const told = [
      [{ target: "vault", node: "v1" }, course(1, 1, 0, 0)],
      [{ target: "vault", node: "v2" }, course(0, 0, 1, 1)],
    ] as const;
    expect(await titles({ vault_ha_node_active: told })).toEqual([["Vault vault: active node v1 -> v2", 1_100_000]]);
  });
});

describe("a value that changes", () => {
  it("is told at the later of two samples, in the window only", async () => {
    const labels = { target: "vault", node: "v1" };
    expect(await titles({ vault_sealed: [[labels, course(0, 0, 1, 1, 0)]] })).toEqual([
      ["Vault node v1 was sealed", 1_100_000],
      ["Vault node v1 was unsealed", 1_300_000],
    ]);
    expect(
      await titles({
        vault_sealed: [
          [
            labels,
            [
              [100, 0],
              [900_000, 1],
              [2_000_000, 0],
            ],
          ],
        ],
      }),
    ).toEqual([]);
  });

  it("is none when it is a clock's trembling, or goes the other way", async () => {
    const node = { instance: "n1" };
    expect(await titles({ node_boot_time_seconds: [[node, course(1e9, 1e9 + 1, 1e9)]] })).toEqual([]);
    expect(await titles({ pve_uptime_seconds: [[{ id: "qemu/1", target: "t" }, course(10, 20, 5)]] })).toEqual([
      ["qemu/1 of t was started anew", 1_100_000],
    ]);
  });
});

it("is bounded, and says what it left out", async () => {
  const told = Array.from({ length: 80 }, (__, i) => [{ instance: `i${i}` }, course(1e9, 1e9, 2e9)] as const);
  const { changes, notes } = await metricChanges(metrics({ process_start_time_seconds: told })).read(window, signal);
  expect(changes).toHaveLength(50);
  expect(notes).toEqual(["30 more changes of the kind restart are not shown (process_start_time_seconds)"]);
});

it("keeps the newest, and before them those of what is looked at", async () => {
  const series = Array.from({ length: 80 }, (__, i) => ({
    labels: { namespace: i === 3 ? "shop" : "batch", pod: `p${i}`, container: "c" },
    points: [
      [1_000_000 + i * 1_000, 0],
      [1_000_500 + i * 1_000, 1],
    ] as const,
  }));
  const sign = CHANGE_SIGNS.filter(({ selector }) => selector === "kube_pod_container_status_restarts_total");
  const source = metricChanges({ raw: async () => ({ series, notes: [], queries: [] }) }, sign);
  const read = async (names?: ReadonlySet<string>) =>
    (await source.read({ from: 0, to: 2_000_000 }, signal, names)).changes;
  const all = await read();
  expect([all.length, all[0]?.at, all.at(-1)?.at]).toEqual([50, 1_030_500, 1_079_500]);
  const named = await read(new Set(["shop"]));
  expect(named.slice(0, 2).map(({ at }) => at)).toEqual([1_003_500, 1_031_500]);
});

it("shows hostile labels on one line, bounded", async () => {
  const labels = { ...build("1"), job: "a\n\u202eb" };
  const after = { ...labels, version: "x".repeat(10_000) };
  const [change] = await titles({
    build_info: [
      [labels, course(1, 1)],
      [after, course(_, _, 1)],
    ],
  });
  expect(change?.[0]).toMatch(/^a b: version 1 -> x+…$/);
  expect(String(change?.[0]).length).toBeLessThanOrEqual(200);
});

it("keeps what could be read, and fails only when nothing could", async () => {
  const broken = new CollectError("timeout", "too late");
  const raw: RawMetrics["raw"] = (selector, ...rest) =>
    selector === "vault_sealed" ? Promise.reject(broken) : metrics({}).raw(selector, ...rest);
  const { notes, incomplete } = await metricChanges({ raw }).read(window, signal);
  expect(incomplete).toBe(notes[0]);
  expect(notes).toEqual([`1 of ${CHANGE_SIGNS.length} queries for changes failed: too late`]);
  await expect(metricChanges({ raw: () => Promise.reject(broken) }).read(window, signal)).rejects.toBe(broken);
});

it("names metrics and labels of the packs as they are", () => {
  const own = packs.flatMap(({ collector, selfMetrics = {} }) => [
    ...(collector?.parts ?? []).flatMap((part) => Object.values(part.metrics)),
    ...Object.values(selfMetrics),
  ]);
  const ofPacks = /^(?:pve|pbs|truenas|vault|x509|probe|watchkeeper)_/;
  const named = CHANGE_SIGNS.flatMap(({ selector, seenIn }) => {
    const names = /^[a-z_0-9]+/.exec(selector)?.[0] ?? /__name__=~"([^"]+)"/.exec(selector)?.[1] ?? "";
    const label = seenIn.what === "label" ? seenIn.labels : [];
    return names.split("|").map((name) => ({ name, label }));
  });
  const checked = named.filter(({ name }) => ofPacks.test(name));
  expect(checked.length).toBeGreaterThan(8);
  for (const { name, label } of checked) {
    const labels: readonly string[] = own.find((one) => one.name === name)?.labels ?? ["no such metric"];
    const has = label.length === 0 || label.some((one) => labels.includes(one));
    expect({ name, labels, has }).toMatchObject({ has: true });
    expect(labels).not.toContain("no such metric");
  }
});
