import { panel, type Dashboard, type PanelRow } from "../../core/dashboard.ts";
import { detailRows } from "./dashboards/details.ts";
import { health } from "./metrics.ts";
import { figures } from "./signals/figures.ts";
import { summarySignals as summary } from "./signals/summary.ts";
import { clusterSignals as signals } from "./signals/cluster.ts";

const WITHOUT_LOGIN = "Watchkeeper has no login of its own (`auth`)";
const WITHOUT_RAFT = "the storage is not raft, or Watchkeeper has no login of its own (`auth`)";
const WITHOUT_TELEMETRY = "the servers' telemetry is off, or Watchkeeper has no login of its own (`auth`)";
/** The servers' own log, by the names under which it is usually collected: a node's address is in no log. */
const LOGS = "service.name:(vault OR openbao) OR process.name:(vault OR bao) OR container.name:(vault OR openbao)";

const HALF = { width: 12, height: 6 };
const THIRD = { width: 8 };

const wellRow: PanelRow = {
  title: "Is it well?",
  panels: [
    panel("stat", summary.clustersWithoutLeader),
    panel("stat", summary.clustersRefusing, { emptyWhen: WITHOUT_LOGIN }),
    panel("stat", summary.nodesDown),
    panel("stat", summary.nodesSealed),
    panel("stat", summary.toleranceReduced, { emptyWhen: WITHOUT_RAFT }),
    panel("stat", summary.auditFailing, { emptyWhen: WITHOUT_TELEMETRY }),
  ],
};

const nodesRow: PanelRow = {
  title: "Nodes and leadership",
  panels: [
    panel("state-timeline", signals.state, { legend: "{{target}} {{node}} {{state}}" }),
    panel("state-timeline", signals.up, { ...HALF, legend: "{{target}} {{node}}" }),
    panel("state-timeline", signals.sealed, { ...HALF, legend: "{{target}} {{node}}" }),
    panel("timeseries", signals.activeNodes, THIRD),
    panel("timeseries", signals.leadershipChanges, THIRD),
    panel("timeseries", figures.healthDuration, THIRD),
  ],
};

const raftRow: PanelRow = {
  title: "Raft: is every server with the others?",
  panels: [
    panel("state-timeline", signals.peerHealthy, { ...HALF, height: 8, emptyWhen: WITHOUT_RAFT }),
    panel("timeseries", signals.failureTolerance, {
      help: "Voters that may be lost before the quorum is, and how many that is when all is well; at 0 the next one stops a cluster of three.",
      and: [signals.fullFailureTolerance],
      emptyWhen: WITHOUT_RAFT,
    }),
    panel("timeseries", signals.lastContact, {
      ...THIRD,
      help: "How long ago the leader heard of each server, and autopilot's limit; up to five seconds are usual.",
      and: [signals.lastContactThreshold],
      emptyWhen: WITHOUT_RAFT,
    }),
    panel("timeseries", signals.behind, { ...THIRD, emptyWhen: "the storage is not raft" }),
    panel("timeseries", figures.writes, { ...THIRD, emptyWhen: "the storage is not raft" }),
  ],
};

const servingRow: PanelRow = {
  title: "Requests, audit and leases",
  panels: [
    panel("state-timeline", signals.authorisedReads, { ...HALF, emptyWhen: WITHOUT_LOGIN }),
    panel("timeseries", signals.auditDevices, { ...HALF, emptyWhen: WITHOUT_LOGIN }),
    panel("timeseries", signals.auditFailures, {
      ...THIRD,
      help: "Requests, and responses, that no audit device could record, so that Vault refused or withheld them.",
      and: [signals.auditResponseFailures],
      emptyWhen: WITHOUT_TELEMETRY,
    }),
    panel("timeseries", signals.leases, {
      ...THIRD,
      help: "How many leases the active node keeps, and the most of the week before yesterday: far more than that means that something takes leases and never gives them back.",
      and: [signals.leasesBefore],
      emptyWhen: WITHOUT_TELEMETRY,
    }),
    panel("timeseries", signals.irrevocableLeases, { ...THIRD, emptyWhen: WITHOUT_LOGIN }),
  ],
};

const logsRow: PanelRow = {
  title: "Logs of the servers",
  collapsed: true,
  panels: [
    {
      kind: "logs",
      title: "Warnings and errors of Vault and OpenBao",
      help: "What the servers themselves say, of all clusters: elections, seals, storage that is slow, audit devices that fail.",
      query: `(${LOGS}) AND log.level:(warn OR WARN OR warning OR WARNING OR error OR ERROR)`,
      emptyWhen: "the servers said nothing of note, or their logs are not collected under these names",
    },
  ],
};

/** Whole clusters: one node alone says little, so none is chosen. */
export const vaultDashboards: readonly Dashboard[] = [
  {
    id: "vault",
    title: "Vault and OpenBao",
    description:
      "Does the cluster serve, is every node unsealed and with the others, how many may be lost, and does audit hold requests up?",
    variables: [{ name: "target", title: "Cluster", metric: health.up }],
    rows: [wellRow, nodesRow, raftRow, servingRow, ...detailRows, logsRow],
    summary: [
      summary.clustersWithoutLeader,
      summary.clustersRefusing,
      summary.nodesSealed,
      summary.nodesDown,
      summary.toleranceReduced,
    ],
    explore: { logs: LOGS },
  },
];
