import type { LabAnswer } from "../exchange.ts";
import { json } from "./answers.ts";
import type { Member } from "./member.ts";
import type { Exchange, LabState } from "./state.ts";

type Type = "gauge" | "counter" | "summary";
type Samples = readonly (readonly [labels: string, value: number])[];

interface Family {
  readonly name: string;
  readonly type: Type;
  /** `active` ones come from the active node only. */
  readonly from: "every" | "active" | "standby";
  readonly samples: (state: LabState, member: Member) => Samples;
}

const QUANTILES = ["0.5", "0.9", "0.99"];

/**
 * GET sys/metrics. Its Prometheus format is a server's own: counters without `_total`, summaries in milliseconds whose
 * quantiles are NaN after a quiet minute, help that repeats the name.
 */
export function metrics(exchange: Exchange): LabAnswer {
  const { state, member, request } = exchange;
  if (request.query.get("format") !== "prometheus") {
    return json(200, { Timestamp: timestamp(state), Gauges: [], Points: [], Counters: [], Samples: [] });
  }
  if (!state.cluster.options.telemetry) {
    // Unlike all other failures this one is no JSON.
    return { status: 400, headers: { "content-type": "text/plain" }, body: "prometheus is not enabled" };
  }
  return {
    status: 200,
    headers: { "cache-control": "no-store", "content-type": "text/plain; version=0.0.4; charset=utf-8" },
    body: families(state, member).join(""),
  };
}

function families(state: LabState, member: Member): readonly string[] {
  const role = state.cluster.isActive(member) ? "active" : "standby";
  const set = Map.groupBy(member.metrics, ([name]) => familyOf(name));
  const own = FAMILIES.filter(({ from, name }) => (from === "every" || from === role) && !set.has(name));
  return [
    ...own.map(({ name, type, samples }) => print(name, type, samples(state, member))),
    ...[...set].map(([family, given]) => {
      const samples = given.map(([name, value]) => [name.slice(family.length), value] as const);
      return print(family, FAMILIES.find(({ name }) => name === family)?.type ?? "gauge", samples);
    }),
  ];
}

const familyOf = (sample: string): string => sample.replace(/\{.*/, "");

function print(name: string, type: Type, samples: Samples): string {
  if (samples.length === 0) return "";
  const lines = samples.flatMap(([labels, value]) =>
    type === "summary" ? summary(name, labels, value) : [`${name}${labels} ${goFloat(value)}`],
  );
  return [`# HELP ${name} ${name}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

/** A summary that saw so many observations, none of them lately. */
function summary(name: string, labels: string, count: number): readonly string[] {
  const with_ = (quantile: string): string =>
    labels === "" ? `{quantile="${quantile}"}` : labels.replace("}", `,quantile="${quantile}"}`);
  return [
    ...QUANTILES.map((quantile) => `${name}${with_(quantile)} NaN`),
    `${name}_sum${labels} ${goFloat(count * 0.75)}`,
    `${name}_count${labels} ${count}`,
  ];
}

/** As Go prints it: an exponent of two digits at least, from 1e+06 on upwards. */
function goFloat(value: number): string {
  if (Math.abs(value) < 1e21 && (Number.isInteger(value) ? Math.abs(value) < 1e6 : true)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

const timestamp = ({ cluster }: LabState): string =>
  new Date(cluster.now())
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " +0000 UTC");

const one =
  (value: (state: LabState, member: Member) => number) =>
  (state: LabState, member: Member): Samples => [["", value(state, member)]];

const ofCluster =
  (value: (state: LabState, member: Member) => number) =>
  (state: LabState, member: Member): Samples => [
    [`{cluster="${state.cluster.options.clusterName}"}`, value(state, member)],
  ];

/** One sample for each follower, by its raft id. */
const perPeer =
  (label: string, value: (state: LabState, peer: Member) => number | undefined) =>
  (state: LabState, member: Member): Samples =>
    state.cluster.members
      .filter((peer) => peer !== member && peer.inRaft)
      .flatMap((peer) => {
        const known = value(state, peer);
        return known === undefined ? [] : [[`{${label}="${peer.id}"}`, known] as const];
      });

const raft = (state: LabState): boolean => state.cluster.options.storage === "raft";
const ifRaft =
  (samples: Family["samples"]) =>
  (state: LabState, member: Member): Samples =>
    raft(state) ? samples(state, member) : [];

const FAMILIES: readonly Family[] = [
  { name: "go_goroutines", type: "gauge", from: "every", samples: one(() => 624) },
  { name: "process_cpu_seconds_total", type: "counter", from: "every", samples: one(() => 1.81) },
  { name: "process_open_fds", type: "gauge", from: "every", samples: one(() => 47) },
  { name: "process_resident_memory_bytes", type: "gauge", from: "every", samples: one(() => 138_883_072) },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    from: "every",
    samples: one(({ cluster }) => cluster.installedAt / 1000),
  },
  { name: "vault_audit_log_request", type: "summary", from: "every", samples: one(() => 36) },
  { name: "vault_audit_log_request_failure", type: "counter", from: "every", samples: one(() => 0) },
  { name: "vault_audit_log_response", type: "summary", from: "every", samples: one(() => 35) },
  { name: "vault_audit_log_response_failure", type: "counter", from: "every", samples: one(() => 0) },
  { name: "vault_barrier_get", type: "summary", from: "every", samples: one(() => 143) },
  {
    name: "vault_core_active",
    type: "gauge",
    from: "every",
    samples: ofCluster(({ cluster }, member) => Number(cluster.isActive(member))),
  },
  { name: "vault_core_handle_request", type: "summary", from: "every", samples: one(() => 32) },
  { name: "vault_core_handle_login_request", type: "summary", from: "every", samples: one(() => 8) },
  { name: "vault_core_in_flight_requests", type: "gauge", from: "every", samples: ofCluster(() => 0) },
  {
    name: "vault_core_leadership_lost",
    type: "summary",
    from: "every",
    // As in a real server there is no sample before the first loss.
    samples: (_, member) => (member.leadershipLost === 0 ? [] : [["", member.leadershipLost]]),
  },
  { name: "vault_core_unsealed", type: "gauge", from: "every", samples: ofCluster(() => 1) },
  { name: "vault_runtime_alloc_bytes", type: "gauge", from: "every", samples: one(() => 23_261_288) },
  { name: "vault_runtime_num_goroutines", type: "gauge", from: "every", samples: one(() => 624) },
  { name: "vault_runtime_sys_bytes", type: "gauge", from: "every", samples: one(() => 40_544_536) },
  { name: "vault_expire_num_leases", type: "gauge", from: "active", samples: one(({ tokens }) => tokens.leases()) },
  {
    name: "vault_expire_num_irrevocable_leases",
    type: "gauge",
    from: "active",
    samples: one((state) => state.irrevocableLeases),
  },
  {
    name: "vault_raft_peers",
    type: "gauge",
    from: "active",
    samples: ifRaft(one(({ cluster }) => cluster.members.filter(({ inRaft }) => inRaft).length)),
  },
  { name: "vault_raft_commitTime", type: "summary", from: "active", samples: ifRaft(one(() => 32)) },
  { name: "vault_raft_leader_lastContact", type: "summary", from: "active", samples: ifRaft(one(() => 32)) },
  { name: "vault_raft_leader_oldestLogAge", type: "gauge", from: "active", samples: ifRaft(one(() => 0)) },
  {
    name: "vault_raft_storage_follower_applied_index_delta",
    type: "gauge",
    from: "active",
    samples: ifRaft(
      perPeer("peer_id", ({ cluster }, peer) => cluster.committedIndex - cluster.indexesOf(peer).applied),
    ),
  },
  {
    name: "vault_raft_storage_follower_last_heartbeat_ms",
    type: "gauge",
    from: "active",
    samples: ifRaft(
      perPeer("peer_id", ({ cluster }, peer) => {
        const echo = cluster.lastEcho(peer);
        return echo === undefined ? undefined : Math.floor(cluster.now() - echo);
      }),
    ),
  },
  {
    name: "vault_raft_storage_stats_applied_index",
    type: "gauge",
    from: "every",
    samples: ifRaft(one(({ cluster }, member) => cluster.indexesOf(member).applied)),
  },
  {
    name: "vault_raft_storage_stats_commit_index",
    type: "gauge",
    from: "every",
    samples: ifRaft(one(({ cluster }, member) => cluster.indexesOf(member).committed)),
  },
  {
    name: "vault_raft_storage_stats_term",
    type: "gauge",
    from: "every",
    samples: ifRaft(one(({ cluster }) => cluster.term)),
  },
  { name: "vault_ha_rpc_client_echo", type: "summary", from: "standby", samples: ifRaft(one(() => 12)) },
];
