import { gunzipSync } from "node:zlib";
import { Counter, Gauge, Histogram, Registry, Summary } from "prom-client";
import { beforeEach, describe, expect, it } from "vitest";
import { milliseconds, minutes } from "../../core/duration.ts";
import { counter, gauge, info, Recorder, type Snapshot } from "../../core/metric.ts";
import { createExposition, type Exposition, type RenderRequest } from "./exposition.ts";

const size = gauge("disk_size_bytes", {
  help: 'Size of a "disk"\nin bytes \\ octets',
  unit: "bytes",
  labels: ["disk"],
});
const writes = counter("disk_write_seconds_total", { help: "Time of writing", unit: "seconds", labels: ["disk"] });
const version = info("vendor_version_info", { help: "Version", labels: ["version", "edition"] });

function sizes(disks: Record<string, number>): Snapshot {
  const recorder = new Recorder();
  for (const [disk, bytes] of Object.entries(disks)) recorder.record(size, { disk }, bytes);
  return recorder.snapshot(0);
}

let clock = 0;
let registry: Registry;
let exposition: Exposition;

beforeEach(() => {
  clock = 1_000;
  registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  exposition = createExposition({ selfMetrics: registry, now: () => clock });
});

async function text(request: Partial<RenderRequest> = {}): Promise<string> {
  const page = await exposition.render({ format: "text", ...request });
  const body = Buffer.concat(page.chunks);
  expect(body).toHaveLength(page.byteLength);
  expect(gunzipSync(Buffer.concat(await page.compress())).equals(body)).toBe(true);
  return body.toString();
}

const samples = async (request: Partial<RenderRequest> = {}): Promise<string[]> =>
  (await text(request)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

const at = (target: string, part = "disks", collector = "proxmox") => ({ collector, target, part });

async function publishAll(): Promise<void> {
  const recorder = new Recorder();
  recorder.record(version, { version: "1.0", edition: "" }, true);
  recorder.record(writes, { disk: 'a"b' }, 1e21);
  recorder.record(writes, { disk: "c\\d\n" }, 0.25);
  recorder.record(size, { disk: "ü" }, Infinity);
  await exposition.publish(at("one"), recorder.snapshot(0), minutes(1));
}

describe("a whole exposition", () => {
  it("is this in the text format", async () => {
    await publishAll();
    expect(await text()).toBe(
      [
        '# HELP disk_size_bytes Size of a "disk"\\nin bytes \\\\ octets',
        "# TYPE disk_size_bytes gauge",
        'disk_size_bytes{target="one",disk="ü"} +Inf',
        "# HELP disk_write_seconds_total Time of writing",
        "# TYPE disk_write_seconds_total counter",
        'disk_write_seconds_total{target="one",disk="a\\"b"} 1e+21',
        'disk_write_seconds_total{target="one",disk="c\\\\d\\n"} 0.25',
        "# HELP vendor_version_info Version",
        "# TYPE vendor_version_info gauge",
        'vendor_version_info{target="one",version="1.0"} 1',
        "",
      ].join("\n"),
    );
  });

  it("is this in OpenMetrics", async () => {
    await publishAll();
    expect(await text({ format: "openmetrics" })).toBe(
      [
        "# TYPE disk_size_bytes gauge",
        "# UNIT disk_size_bytes bytes",
        '# HELP disk_size_bytes Size of a \\"disk\\"\\nin bytes \\\\ octets',
        'disk_size_bytes{target="one",disk="ü"} +Inf',
        "# TYPE disk_write_seconds counter",
        "# UNIT disk_write_seconds seconds",
        "# HELP disk_write_seconds Time of writing",
        'disk_write_seconds_total{target="one",disk="a\\"b"} 1e+21',
        'disk_write_seconds_total{target="one",disk="c\\\\d\\n"} 0.25',
        "# TYPE vendor_version info",
        "# HELP vendor_version Version",
        'vendor_version_info{target="one",version="1.0"} 1',
        "# EOF",
        "",
      ].join("\n"),
    );
  });

  it("has the specifications' content types", async () => {
    const type = async (format: "text" | "openmetrics") => (await exposition.render({ format })).contentType;
    expect(await type("text")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await type("openmetrics")).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  });

  it("is empty but valid without any series", async () => {
    expect(await text()).toBe("");
    expect(await text({ format: "openmetrics" })).toBe("# EOF\n");
  });

  it("holds a family of several targets once, by target, collector and part", async () => {
    await exposition.publish(at("b"), sizes({ x: 1 }), minutes(1));
    await exposition.publish(at("c", "disks", "truenas"), sizes({ x: 2 }), minutes(1));
    await exposition.publish(at("c", "disks", "proxmox"), sizes({ y: 3 }), minutes(1));
    await exposition.publish(at("a", "z"), sizes({ x: 4 }), minutes(1));
    await exposition.publish(at("a", "b"), sizes({ y: 5 }), minutes(1));
    expect((await text()).split("\n").slice(1, -1)).toEqual([
      "# TYPE disk_size_bytes gauge",
      'disk_size_bytes{target="a",disk="y"} 5',
      'disk_size_bytes{target="a",disk="x"} 4',
      'disk_size_bytes{target="b",disk="x"} 1',
      'disk_size_bytes{target="c",disk="y"} 3',
      'disk_size_bytes{target="c",disk="x"} 2',
    ]);
  });

  it("keeps many large pieces in order", async () => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`disk-${i}`, i]));
    for (const target of ["b", "a"]) await exposition.publish(at(target), sizes(many), minutes(1));
    const expected = ["a", "b"].flatMap((target) =>
      Object.entries(many).map(([disk, i]) => `disk_size_bytes{target="${target}",disk="${disk}"} ${i}`),
    );
    expect(await samples()).toEqual(expected);
  });
});

describe("publish", () => {
  it("replaces what the part had, and nothing else", async () => {
    await exposition.publish(at("a"), sizes({ old: 1, same: 2 }), minutes(1));
    await exposition.publish(at("b"), sizes({ x: 3 }), minutes(1));
    await exposition.publish(at("a"), sizes({ same: 2, new: 4 }), minutes(1));
    expect(await samples()).toEqual([
      'disk_size_bytes{target="a",disk="same"} 2',
      'disk_size_bytes{target="a",disk="new"} 4',
      'disk_size_bytes{target="b",disk="x"} 3',
    ]);
    await exposition.publish(at("a"), sizes({}), minutes(1));
    await exposition.publish(at("b"), sizes({}), minutes(1));
    expect(await text()).toBe("");
  });

  it("tells apart what a part read and how its reading went", async () => {
    await exposition.publish(at("a"), sizes({ read: 1 }), minutes(1));
    await exposition.publish({ ...at("a"), about: "reading" }, sizes({ reading: 1 }), minutes(1));
    exposition.remove(at("a"));
    expect(await samples()).toEqual(['disk_size_bytes{target="a",disk="reading"} 1']);
  });

  it("drops a snapshot that a newer one of the same part overtook", async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`newer-${i}`, i]));
    const older = exposition.publish(at("a"), sizes({ older: 1 }), minutes(1));
    const newer = exposition.publish(at("a"), sizes(many), minutes(1));
    const other = exposition.publish(at("a", "other"), sizes({ other: 3 }), minutes(1));
    await older;
    expect(await samples()).toEqual([]);
    await Promise.all([newer, other]);
    expect(await samples()).toHaveLength(20_001);
  });

  it("keeps the chunks of a family that did not change", async () => {
    const disks = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`disk-${i}`, i]));
    await exposition.publish(at("a"), sizes(disks), minutes(1));
    const before = await exposition.render({ format: "text" });
    await exposition.publish(at("a"), sizes(disks), minutes(1));
    const after = await exposition.render({ format: "text" });
    expect(after.chunks.map((chunk, i) => chunk === before.chunks[i])).toEqual([true, true]);
  });

  it("refuses a name that the service's own metrics have", async () => {
    registry.registerMetric(new Gauge({ name: "disk_size_bytes", help: "x", registers: [] }));
    await expect(exposition.publish(at("a"), sizes({ x: 1 }), minutes(1))).rejects.toThrow(
      "the service has a metric of its own named disk_size_bytes",
    );
  });
});

describe("a stale snapshot", () => {
  it("vanishes after its time, counted from its publish, and comes back with the next one", async () => {
    await exposition.publish(at("a"), sizes({ x: 1 }), milliseconds(500));
    await exposition.publish(at("b"), sizes({ x: 2 }), minutes(1));
    clock += 500;
    expect(await samples()).toHaveLength(2);
    clock += 1;
    expect(await samples()).toEqual(['disk_size_bytes{target="b",disk="x"} 2']);
    expect(exposition.names().targets).toEqual(["a", "b"]);
    await exposition.publish(at("a"), sizes({ x: 3 }), milliseconds(500));
    expect(await samples()).toHaveLength(2);
  });
});

describe("remove", () => {
  it("forgets one part or all that match, and voids their publishes", async () => {
    await exposition.publish(at("a"), sizes({ x: 1 }), minutes(1));
    await exposition.publish(at("a", "other"), sizes({ y: 1 }), minutes(1));
    await exposition.publish(at("b"), sizes({ x: 2 }), minutes(1));
    exposition.remove(at("a"));
    expect(await samples()).toEqual([
      'disk_size_bytes{target="a",disk="y"} 1',
      'disk_size_bytes{target="b",disk="x"} 2',
    ]);
    const late = exposition.publish(at("a", "other"), sizes({ late: 1 }), minutes(1));
    exposition.remove(({ target }) => target === "a");
    await late;
    expect(await samples()).toEqual(['disk_size_bytes{target="b",disk="x"} 2']);
    expect(exposition.names()).toEqual({
      targets: ["b"],
      collectors: ["proxmox", "watchkeeper"],
      parts: ["proxmox/disks"],
    });
  });
});

describe("the service's own metrics", () => {
  beforeEach(() => {
    const registers = [registry];
    const requests = new Counter<string>({
      name: "app_requests_total",
      help: "Requests",
      labelNames: ["code"],
      registers,
      enableExemplars: true,
    });
    requests.inc({ labels: { code: "200" }, value: 2, exemplarLabels: { trace_id: "abc" } });
    const duration = new Histogram({
      name: "poll_duration_seconds",
      help: "Duration",
      labelNames: ["target", "collector", "part"],
      buckets: [0.5, 1, 1e6],
      registers,
    });
    duration.observe({ target: "a", collector: "proxmox", part: "disks" }, 0.5);
    new Summary({ name: "zz_lag_seconds", help: "Lag", percentiles: [0.5, 1], registers }).observe(2);
    registry.registerMetric(new Gauge({ name: "no_series", help: "Nothing yet", labelNames: ["x"], registers: [] }));
    new Counter({ name: "odd", help: "A counter without suffix", registers }).inc(0);
  });

  it("sort in with the others in the text format", async () => {
    await exposition.publish(at("a"), sizes({ x: 1 }), minutes(1));
    expect(await text()).toBe(
      [
        "# HELP app_requests_total Requests",
        "# TYPE app_requests_total counter",
        'app_requests_total{code="200"} 2',
        '# HELP disk_size_bytes Size of a "disk"\\nin bytes \\\\ octets',
        "# TYPE disk_size_bytes gauge",
        'disk_size_bytes{target="a",disk="x"} 1',
        "# HELP odd A counter without suffix",
        "# TYPE odd counter",
        "odd 0",
        "# HELP poll_duration_seconds Duration",
        "# TYPE poll_duration_seconds histogram",
        'poll_duration_seconds_bucket{le="0.5",target="a",collector="proxmox",part="disks"} 1',
        'poll_duration_seconds_bucket{le="1",target="a",collector="proxmox",part="disks"} 1',
        'poll_duration_seconds_bucket{le="1000000",target="a",collector="proxmox",part="disks"} 1',
        'poll_duration_seconds_bucket{le="+Inf",target="a",collector="proxmox",part="disks"} 1',
        'poll_duration_seconds_sum{target="a",collector="proxmox",part="disks"} 0.5',
        'poll_duration_seconds_count{target="a",collector="proxmox",part="disks"} 1',
        "# HELP zz_lag_seconds Lag",
        "# TYPE zz_lag_seconds summary",
        'zz_lag_seconds{quantile="0.5"} 2',
        'zz_lag_seconds{quantile="1"} 2',
        "zz_lag_seconds_sum 2",
        "zz_lag_seconds_count 1",
        "",
      ].join("\n"),
    );
  });

  it("have exemplars and canonical bounds in OpenMetrics", async () => {
    const lines = (await text({ format: "openmetrics" })).split("\n");
    expect(lines).toContainEqual(
      expect.stringMatching(/^app_requests_total\{code="200"\} 2 # \{trace_id="abc"\} 2 \d+(\.\d+)?$/),
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        "# TYPE app_requests counter",
        "odd_total 0",
        "# UNIT poll_duration_seconds seconds",
        'poll_duration_seconds_bucket{le="1.0",target="a",collector="proxmox",part="disks"} 1',
        'poll_duration_seconds_bucket{le="1e+06",target="a",collector="proxmox",part="disks"} 1',
        'zz_lag_seconds{quantile="1.0"} 2',
      ]),
    );
  });

  it("are left out, one by one, when they can not be read", async () => {
    const failures: unknown[] = [];
    exposition = createExposition({
      selfMetrics: registry,
      onSelfMetricFailure: (name, error) => failures.push([name, String(error)]),
    });
    const collect = () => {
      throw new Error("broken");
    };
    registry.registerMetric(new Gauge({ name: "broken", help: "x", registers: [], collect }));
    expect(await samples()).toHaveLength(12);
    expect(failures).toEqual([["broken", "Error: broken"]]);
  });
});
