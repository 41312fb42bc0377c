/** In milliseconds. */
export const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Ten minutes. */
export const WINDOW = { from: Date.UTC(2026, 2, 5, 11, 50), to: Date.UTC(2026, 2, 5, 12) };
/** The hour before. */
export const BASELINE = { from: WINDOW.from - 60 * MINUTE, to: WINDOW.from };
/** When the fault begins that lasts until the window ends. */
export const FAULT = WINDOW.from + 4 * MINUTE;
/** How far samples are apart. */
export const STEP = 15_000;
/** Labels of the shop. */
export const SHOP = { service: "shop", job: "shop", instance: "shop-1:80" };

type Labels = Readonly<Record<string, string>>;

/** One metric of a file of OpenMetrics; `value` is told the time and how many samples came before it. */
interface Told {
  readonly name: string;
  readonly type: string;
  readonly labels: Labels;
  value(at: number, i: number): number | undefined;
  readonly every?: number;
}

const isFault = (at: number): boolean => at >= FAULT && at < WINDOW.to;

/** A counter that starts again at 0 in the middle of the baseline, and whose pace doubles at the fault. */
function counted(perSecond: (at: number) => number): (at: number, i: number) => number {
  let sum = 0;
  let last = 0;
  return (at) => {
    sum = at < last || at === BASELINE.from + 30 * MINUTE ? 0 : sum + (perSecond(at) * STEP) / 1_000;
    last = at;
    return sum;
  };
}

const bucket = (le: string, share: (at: number) => number): Told => ({
  name: "http_request_duration_seconds_bucket",
  type: "histogram",
  labels: { ...SHOP, le },
  value: counted((at) => 10 * share(at)),
});

const TOLD: readonly Told[] = [
  { name: "queue_length", type: "gauge", labels: SHOP, value: (at, i) => (isFault(at) ? 500 : 10 + (i % 3)) },
  { name: "always_one", type: "gauge", labels: SHOP, value: () => 1 },
  { name: "requests_total", type: "counter", labels: SHOP, value: counted((at) => (isFault(at) ? 20 : 10)) },
  bucket("0.1", (at) => (isFault(at) ? 0.1 : 0.99)),
  bucket("1", () => 1),
  bucket("+Inf", () => 1),
  { name: "http_request_duration_seconds_count", type: "histogram", labels: SHOP, value: counted(() => 10) },
  { name: "http_request_duration_seconds_sum", type: "histogram", labels: SHOP, value: counted(() => 1) },
  { name: "uptime_seconds", type: "gauge", labels: SHOP, value: (at) => (at - BASELINE.from + DAY * 9) / 1_000 },
  {
    name: "last_backup_timestamp_seconds",
    type: "gauge",
    labels: SHOP,
    value: (at) => (isFault(at) ? FAULT : 1.7e12) / 1_000,
  },
  {
    name: "slow_gauge",
    type: "gauge",
    labels: { ...SHOP, job: "slow", pod: "shop-1", node: "worker" },
    every: 4,
    value: (_at, i) => i % 7,
  },
  { name: "other_gauge", type: "gauge", labels: { service: "other" }, value: (_at, i) => i % 5 },
  { name: "load", type: "gauge", labels: { node: "worker" }, value: (_at, i) => i % 5 },
  { name: "pod_load", type: "gauge", labels: { pod: "shop-1", node: "worker" }, value: (_at, i) => i % 5 },
  {
    name: "shop_build_info",
    type: "gauge",
    labels: { ...SHOP, version: "2.3.1" },
    value: (at) => (isFault(at) ? undefined : 1),
  },
  {
    name: "shop_build_info",
    type: "gauge",
    labels: { ...SHOP, version: "2.4.0" },
    value: (at) => (isFault(at) ? 1 : undefined),
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    labels: SHOP,
    value: (at) => (isFault(at) ? FAULT / 1_000 - 5 : 1_700_000_000),
  },
  ...["pve1", "pve2"].map((node): Told => ({
    name: "pve_guest_info",
    type: "gauge",
    labels: { target: "homelab", id: "qemu/101", name: "db", type: "qemu", template: "0", node },
    value: (at) => ((node === "pve2") === isFault(at) ? 1 : undefined),
  })),
  {
    name: "pve_storage_info",
    type: "gauge",
    labels: { target: "homelab", id: "storage/pve2/tank", node: "pve2", storage: "tank" },
    value: () => 1,
  },
];

/** The past of a shop and of the cluster that it runs on, as OpenMetrics: today and a day earlier. */
export function shopHistory(): string {
  const lines: string[] = [];
  let last = "";
  for (const { name, type, labels, value, every = 1 } of TOLD) {
    const family = name.replace(/_(?:bucket|count|sum|total)$/, "");
    if (family !== last && type !== "histogram") lines.push(`# TYPE ${family} ${type}`);
    last = family;
    const text = Object.entries(labels).map(([label, said]) => `${label}="${said}"`);
    let i = 0;
    for (const ago of [DAY, 0])
      for (let at = BASELINE.from - ago; at <= WINDOW.to - ago; at += STEP) {
        const said = value(at, i);
        i += 1;
        if (said !== undefined && i % every === 0) lines.push(`${name}{${text.join(",")}} ${said} ${at / 1_000}`);
      }
  }
  return [...lines, "# EOF", ""].join("\n");
}
