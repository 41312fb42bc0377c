import { startTempoLab, type TempoLab, type TempoLimits } from "../../src/lab/tempo/tempo-lab.ts";
import type { Recording } from "./tempo-recordings.ts";
import { differences, shapeOf } from "./tempo-shape.ts";
import { fill, type Push, RECORDED_AT, RecordedWorld } from "./tempo-world.ts";

const TENANTS = /^(?:mt-|limit-|ingest-|pad-)/v;
const LIMITED: Readonly<Record<string, Partial<TempoLimits>>> = {
  few: { maxTraces: 2 },
  tiny: { maxBytesPerTrace: 5_000 },
  limited: { maxSearchSeconds: 600, maxMetricsSeconds: 600, maxBytesPerTagQuery: 20 },
  pad: { leftPadTraceIds: true },
};
const FRONTEND: Partial<TempoLimits> = {
  defaultResultLimit: 3,
  maxResultLimit: 5,
  maxSpansPerSpanSet: 10,
  defaultSpansPerSpanSet: 2,
  maxResponseSeries: 3,
  maxExemplars: 2,
};
/** Clocks, in Unix seconds, of requests that do not tell theirs by the end of their window. */
const CLOCKS: Readonly<Record<string, number>> = {
  "limit-search-no-window": 1_795_426_671,
  "deny-list": 1_795_426_975,
  "trace-v2-mode-blocks-after-poll": 1_795_427_100,
  "search-bare-tag-params": 1_795_427_030,
  "search-late-arrival-window": 1_795_427_000,
  "search-future-window": 1_795_426_522,
  "mt-metrics-multi": 1_795_426_730,
  "metrics-range-step-ms": 1_795_426_420,
  "tags-v2-reversed": RECORDED_AT + 12,
  "tagvalues-v2-reversed": RECORDED_AT + 12,
  "trace-v2-live": 1_795_427_013,
  "trace-v2-flushed": 1_795_427_022,
  "metrics-range-rate-no-window": RECORDED_AT + 12,
};
const CUTOFF_MS = 1_000;

/** The servers of the recordings, filled as they were. */
export interface Replay {
  /** Sends the recorded request, and tells how the answer differs from the recorded one. */
  compare(recording: Recording): Promise<readonly string[]>;
  close(): Promise<void>;
}

interface Servers {
  readonly single: TempoLab;
  readonly slack: TempoLab;
  readonly tenants: TempoLab;
  readonly limited: TempoLab;
  readonly frontend: TempoLab;
  readonly prefixed: TempoLab;
}

/** Starts and fills all servers. */
export async function startReplay(recordings: readonly Recording[]): Promise<Replay> {
  const world = new RecordedWorld(recordings);
  let clock = RECORDED_AT;
  const setClock = (seconds: number): void => {
    clock = seconds;
  };
  const common = { now: () => clock * 1000, endCutoffMs: CUTOFF_MS };
  const overrides: Record<string, Partial<TempoLimits>> = { ...LIMITED };
  const servers: Servers = {
    single: await startTempoLab({ ...common, slackMs: 1_800_000 }),
    slack: await startTempoLab({ ...common, slackMs: 120_000 }),
    tenants: await startTempoLab({
      ...common,
      isMultiTenant: true,
      tenants: { few: { ingestionRate: 0 }, rate: { ingestionRate: 1_000 } },
    }),
    limited: await startTempoLab({ ...common, isMultiTenant: true, tenants: overrides }),
    frontend: await startTempoLab({ ...common, isMultiTenant: true, limits: FRONTEND }),
    prefixed: await startTempoLab({ now: common.now, prefix: "/tempo", denied: ["secret"] }),
  };
  await fill(servers.single, world.single(), setClock);
  await fill(servers.slack, [{ at: 1_795_426_215, push: world.background() }], setClock);
  for (const lab of [servers.tenants, servers.limited, servers.frontend]) await fill(lab, world.tenants(), setClock);
  // The limit was lowered when the trace was there.
  overrides["late"] = { maxBytesPerTrace: 5_000 };
  return {
    compare: async (recording) => {
      setClock(clockOf(recording));
      return compare(recording, serverOf(recording, servers), world);
    },
    close: async () => {
      await Promise.all(Object.values(servers).map((lab: TempoLab) => lab.close()));
    },
  };
}

function clockOf({ case: name, request }: Recording): number {
  const end = Number(request?.params?.["end"]);
  return CLOCKS[name] ?? (end > 1_795_425_000 && end < 1_795_428_000 ? end : RECORDED_AT + 12);
}

function serverOf({ case: name, serverConfig = "", request }: Recording, servers: Servers): TempoLab {
  if (request?.path?.startsWith("/tempo/") || serverConfig.includes("/tempo")) {
    servers.prefixed.setTrouble(
      name.startsWith("timeout") ? "timeout" : name === "too-many-requests" ? "queue_full" : undefined,
    );
    return servers.prefixed;
  }
  // What is pushed must not be found by other requests.
  if (name === "metrics-range-rate-default-slack" || name === "ingest-ok-body") return servers.slack;
  if (serverConfig.includes("query_frontend")) return servers.frontend;
  if (serverConfig !== "") return servers.limited;
  servers.single.setTrouble(name === "ready-503-stopping" ? "stopping" : undefined);
  return TENANTS.test(name) ? servers.tenants : servers.single;
}

async function compare(recording: Recording, lab: TempoLab, world: RecordedWorld): Promise<readonly string[]> {
  const { response, transportError } = recording;
  if (transportError !== undefined) {
    const isCut = await send(recording, lab, world).then(
      () => false,
      () => true,
    );
    return isCut ? [] : ["it was answered, and the recorded connection was closed"];
  }
  const answer = await send(recording, lab, world);
  const text = await answer.text();
  return [
    ...differs("status", response?.status, answer.status),
    ...differs("content-type", response?.headers["content-type"], answer.headers.get("content-type") ?? undefined),
    ...compareBodies(recording, text),
  ];
}

const differs = (what: string, then: unknown, now: unknown): readonly string[] =>
  then === now ? [] : [`${what}: ${String(now)} instead of ${String(then)}`];

function compareBodies({ case: name, response }: Recording, text: string): readonly string[] {
  if (response?.bodyJson === undefined) return differs("body", masked(name, response?.bodyText), masked(name, text));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [`the body is no JSON: ${text.slice(0, 100)}`];
  }
  return differences(shapeOf(response.bodyJson), shapeOf(body), response.bodyCut !== undefined);
}

/** The stand-in counts the bytes of a push by its JSON. */
const masked = (name: string, text: string | undefined): string | undefined =>
  name.startsWith("limit-ingest") ? text?.replaceAll(/\(\d+ bytes\)|adding \d+ bytes/gv, "N bytes") : text;

function send(recording: Recording, lab: TempoLab, world: RecordedWorld): Promise<Response> {
  const { method = "GET", path = "", params, headers = {}, body } = recording.request ?? {};
  if (path === "/v1/traces") return fetch(lab.otlpUrl + path, { method, headers, body: pushOf(recording, world) });
  const query = new URLSearchParams(
    Object.entries(params ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const target = path.includes("?") || query.size === 0 ? path : `${path}?${query.toString()}`;
  const whole = recording.case === "search-query-too-big" ? `/api/search?q={name="${"a".repeat(140_000)}"}` : target;
  const sent = typeof body === "string" ? { body } : body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(lab.url + whole, { method, headers, ...sent });
}

/** Bodies of pushes were not recorded, but for one. */
function pushOf({ case: name, response, request }: Recording, world: RecordedWorld): string {
  if (name === "ingest-invalid-json") return '"x"';
  const isBig = name === "limit-ingest-trace-too-large" || name === "limit-ingest-rate";
  const push: Push = isBig ? world.big(RECORDED_AT * 1000) : world.template;
  const text = JSON.stringify(push);
  if (request?.body !== undefined || !name.startsWith("ingest-")) return text;
  const [spanId = ""] =
    /(?<="spanId\\":\\")[0-9a-f]{16}/v.exec(JSON.stringify(response?.bodyText ?? "").replaceAll("\\\\", "")) ?? [];
  const bad =
    { "ingest-bad-trace-id": "ab".repeat(15), "ingest-base64-trace-id": "W47/95gDgQPSabYzgT/GDA==" }[name] ?? "";
  const changed = text.replaceAll("5b8efff798038103d269b633813fc60c", bad === "" ? "0".repeat(32) : bad);
  return spanId === "" ? changed : changed.replace(/(?<="spanId":")[0-9a-f]{16}/v, spanId);
}
