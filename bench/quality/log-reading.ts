import type { FieldCounts, LogQuestion, LogReading, LogSample, TimeWindow } from "../../src/core/telemetry.ts";
import type { ShopLine } from "../../src/lab/shop/contract.ts";
import { createRandom } from "../../src/lab/proxmox/random.ts";

/** Fields of a line by their names in ECS. */
const FIELDS: Readonly<Record<string, (line: ShopLine) => string | number | undefined>> = {
  "service.name": ({ service }) => service,
  "service.version": ({ version }) => version,
  "kubernetes.pod.name": ({ pod }) => pod,
  "kubernetes.pod.ip": ({ address }) => address,
  "kubernetes.node.name": ({ host }) => host,
  "kubernetes.namespace": ({ namespace }) => namespace,
  "cloud.availability_zone": ({ zone }) => zone,
  "log.level": ({ level }) => level,
  "log.logger": ({ logger }) => logger,
  "http.request.method": ({ method }) => method,
  "http.route": ({ route }) => route,
  "http.response.status_code": ({ status }) => status,
  "user.id": ({ customer }) => customer,
  "destination.service": ({ peer }) => peer,
  "error.type": ({ errorType }) => errorType,
};

const SLICE_MS = 30_000;
const MOST_MESSAGE = 8_192;
/** As the source of Elasticsearch: with fewer failed lines, window and baseline are compared. */
const ENOUGH_FAILED = 5;
const MOST_VALUES = 20;

/** What a source of logs would answer about the shop's lines. */
export function readLogs(lines: readonly ShopLine[], question: LogQuestion): LogReading {
  const { filter, window, baseline } = question;
  const meant = lines.filter(({ service, pod, host }) => {
    return filter.services.includes(service) || filter.pods.includes(pod) || filter.hosts.includes(host);
  });
  const [now, before] = [within(meant, window), within(meant, baseline)];
  const failed = now.filter(isFailed);
  const comparison = failed.length >= ENOUGH_FAILED ? "failed" : "window";
  const [selection, background] =
    comparison === "failed" ? [failed, [...before, ...now.filter((line) => !isFailed(line))]] : [now, before];
  return {
    window: sampleOf(now, question),
    baseline: sampleOf(before, question),
    histogram: histogramOf([...before, ...now], { from: baseline.from, to: window.to }),
    comparison,
    fields: Object.entries(FIELDS).map(([field, valueOf]) => countField(field, valueOf, selection, background)),
    notes: [],
    queries: [],
  };
}

const isFailed = ({ level }: ShopLine): boolean => level === "error" || level === "fatal";

const within = (lines: readonly ShopLine[], { from, to }: TimeWindow): ShopLine[] =>
  lines.filter(({ at }) => at >= from && at < to);

function sampleOf(lines: readonly ShopLine[], { lines: most, seed }: LogQuestion): LogSample {
  const taken =
    lines.length <= most
      ? lines
      : createRandom(seed)
          .shuffled(lines)
          .slice(0, most)
          .toSorted((a, b) => a.at - b.at);
  return {
    total: lines.length,
    isExact: true,
    lines: taken.map((line) => ({ ...line, message: line.message.slice(0, MOST_MESSAGE) })),
  };
}

function histogramOf(lines: readonly ShopLine[], { from, to }: TimeWindow): LogReading["histogram"] {
  const slices = Array.from({ length: Math.ceil((to - from) / SLICE_MS) }, (_, slice) => ({
    at: from + slice * SLICE_MS,
    lines: 0,
    failed: 0,
  }));
  for (const line of lines) {
    const slice = slices[Math.floor((line.at - from) / SLICE_MS)];
    if (slice === undefined) continue;
    slice.lines += 1;
    slice.failed += isFailed(line) ? 1 : 0;
  }
  return slices;
}

/** As `significant_terms` and `terms` give them: the values that are frequent in the selection, with their counts outside. */
function countField(
  field: string,
  valueOf: (line: ShopLine) => string | number | undefined,
  selection: readonly ShopLine[],
  background: readonly ShopLine[],
): FieldCounts {
  const [inside, outside] = [tally(selection, valueOf), tally(background, valueOf)];
  return {
    field,
    selectionTotal: selection.length,
    backgroundTotal: background.length,
    distinct: new Set([...inside.keys(), ...outside.keys()]).size,
    values: [...inside]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, MOST_VALUES)
      .map(([value, count]) => ({ value, selection: count, background: outside.get(value) ?? 0 })),
  };
}

function tally(
  lines: readonly ShopLine[],
  valueOf: (line: ShopLine) => string | number | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const value = valueOf(line);
    if (value !== undefined) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return counts;
}
