import { z } from "zod";
import { hours, inSeconds, minutes, seconds } from "../../../core/duration.ts";
import { NoData } from "../../../core/errors.ts";
import { optionally } from "../../../core/optionally.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import type { MemoryKey, TrueNasClient } from "../client.ts";
import { disks } from "../metrics/pools.ts";

const trimmed = looseText.transform((text) => text?.trim() ?? "");

const diskRow = z.object({
  name: z.string().min(1),
  serial: trimmed,
  model: trimmed,
  type: looseText,
  rotationrate: looseNumber,
  bus: looseText,
  size: looseNumber,
  pool: trimmed,
  hddstandby: looseText,
});

type Disk = z.output<typeof diskRow>;

/** The server gives each disk that does not answer 15 s, eight at a time. */
const TEMPERATURES_TIMEOUT = seconds(75);
const TESTS_TIMEOUT = seconds(60);

/** The disks that the server sees, their temperatures and their self tests. */
export const disksPart: Part<TrueNasClient> = {
  id: "disks",
  title: "Disks",
  every: minutes(5),
  deadline: minutes(3),
  metrics: disks,
  async collect(client, context) {
    const { signal } = context;
    const params = [[], { extra: { pools: true } }];
    const found = await client.call({ method: "disk.query", params, shape: rows(diskRow), signal });
    const listed = [...new Map(found.map((disk) => [JSON.stringify([disk.name, disk.serial]), disk])).values()];
    if (listed.length === 0) throw new NoData("the server has no disks");
    for (const disk of listed) recordDisk(context, disk);
    const awake = listed.filter(mayBeAsked);
    await optionally(context, "temperatures", () => recordTemperatures(client, context, awake));
    await optionally(context, "self tests", () => recordSelfTests(client, context, awake));
  },
};

function recordDisk(context: CollectContext, row: Disk): void {
  const { name: disk, serial, model, pool, size } = row;
  context.record(disks.info, { disk, serial, model, medium: mediumOf(row), pool }, 1);
  context.record(disks.size, { disk, serial }, size);
}

/** NVMe disks are of type SSD to the server. */
function mediumOf({ name, type, rotationrate, bus }: Disk): "hdd" | "ssd" | "nvme" | "unknown" {
  if (/^nvme/i.test(name) || bus?.toUpperCase() === "NVME") return "nvme";
  if (rotationrate !== undefined && rotationrate > 0) return "hdd";
  const word = type?.toUpperCase();
  return word === "HDD" ? "hdd" : word === "SSD" ? "ssd" : "unknown";
}

/** To ask a disk that may sleep wakes it, or keeps it from falling asleep. */
const mayBeAsked = (disk: Disk): boolean =>
  disk.hddstandby === undefined || disk.hddstandby.toUpperCase() === "ALWAYS ON" || mediumOf(disk) !== "hdd";

const temperaturesShape = z.record(z.string(), looseNumber);

async function recordTemperatures(
  client: TrueNasClient,
  context: CollectContext,
  awake: readonly Disk[],
): Promise<void> {
  // without names the server would choose by itself
  if (awake.length === 0) return;
  const temperatures = await client.call({
    method: "disk.temperatures",
    params: [[...new Set(awake.map(({ name }) => name))]],
    shape: temperaturesShape,
    signal: context.signal,
    timeout: TEMPERATURES_TIMEOUT,
  });
  for (const row of awake) {
    const celsius = Object.hasOwn(temperatures, row.name) ? temperatures[row.name] : undefined;
    const labels = { disk: row.name, serial: row.serial };
    context.record(disks.answers, labels, celsius === undefined ? undefined : celsius !== 0);
    if (celsius !== 0) context.record(disks.temperature, { ...labels, medium: mediumOf(row) }, celsius);
  }
}

const testRows = rows(z.object({ disk: z.string(), tests: rows(z.object({ num: looseNumber, status: looseText })) }));

/** Self tests run once a day at most, and each answer costs the server a call of smartctl per disk. */
const TESTS_EVERY = inSeconds(hours(1));

interface SelfTests {
  readAt: number;
  passed: ReadonlyMap<string, boolean>;
}

const selfTestMemory: MemoryKey<SelfTests> = {
  create: () => ({ readAt: Number.NEGATIVE_INFINITY, passed: new Map() }),
};

async function recordSelfTests(client: TrueNasClient, context: CollectContext, awake: readonly Disk[]): Promise<void> {
  const { dialect } = await client.api(context.signal);
  if (dialect.smartTests === undefined || awake.length === 0) return;
  const memory = client.memory(selfTestMemory);
  const now = performance.now() / 1000;
  if (now - memory.readAt >= TESTS_EVERY) {
    memory.passed = await readSelfTests(client, context, { method: dialect.smartTests, awake });
    memory.readAt = now;
  }
  for (const { name: disk, serial } of awake)
    context.record(disks.selfTestPassed, { disk, serial }, memory.passed.get(disk));
}

/** By disk, whether the newest finished test passed: the one of the lowest number. */
async function readSelfTests(
  client: TrueNasClient,
  { signal }: CollectContext,
  { method, awake }: { readonly method: string; readonly awake: readonly Disk[] },
): Promise<ReadonlyMap<string, boolean>> {
  const params = [[["disk", "in", awake.map(({ name }) => name)]]];
  const found = await client.call({ method, params, shape: testRows, signal, timeout: TESTS_TIMEOUT });
  const verdicts = found.flatMap(({ disk, tests }) => {
    const [newest] = tests
      .filter(({ status }) => status === "SUCCESS" || status === "FAILED")
      .toSorted((a, b) => (a.num ?? Infinity) - (b.num ?? Infinity));
    return newest === undefined ? [] : [[disk, newest.status === "SUCCESS"] as const];
  });
  return new Map(verdicts);
}
