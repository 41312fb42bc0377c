import { panel, type PanelRow } from "../../../core/dashboard.ts";
import { figures } from "../signals/figures.ts";
import { clusterSignals as signals } from "../signals/cluster.ts";

const WITHOUT_LOGIN = { emptyWhen: "Watchkeeper has no login of its own (`auth`)" };
const WITHOUT_RAFT = { emptyWhen: "the storage is not raft, or Watchkeeper has no login of its own (`auth`)" };
const ONLY_VAULT = { emptyWhen: "only Vault tells it, of its standbys" };
const ENDLESS = { emptyWhen: "the token never ends, or Watchkeeper has no login of its own (`auth`)" };
const HALF = { width: 12 };
const ofNode = { ...HALF, legend: "{{target}} {{node}}" };

const membershipRow: PanelRow = {
  title: "Membership: who knows whom",
  collapsed: true,
  panels: [
    panel("state-timeline", signals.leaderKnown, { ...ofNode, emptyWhen: "every node is sealed" }),
    panel("state-timeline", signals.disconnected, { ...HALF, legend: "{{target}} {{node}} {{state}}" }),
    panel("state-timeline", signals.nodeIsPeer, {
      ...ofNode,
      emptyWhen: "the storage is not raft, or the nodes' addresses do not say which server each is",
    }),
    panel("state-timeline", signals.peerVoter, { ...HALF, ...WITHOUT_RAFT, legend: "{{target}} {{peer}}" }),
    panel("timeseries", signals.reportingNodes, {
      help: "Nodes that report to the active one, and those that call themselves active or standby: fewer of the first means that some are cut off.",
      and: [signals.servingNodes],
      ...WITHOUT_LOGIN,
    }),
    panel("timeseries", figures.servers, {
      help: "Servers in the raft configuration, and how many of them vote.",
      and: [figures.voters],
      ...WITHOUT_RAFT,
    }),
    panel("timeseries", figures.lastEcho, { emptyWhen: "the cluster has no standby that reports" }),
    panel("timeseries", figures.echoDuration, ONLY_VAULT),
    panel("timeseries", figures.activeFor, { emptyWhen: "no node is the active one" }),
    panel("timeseries", signals.appliedLag, { emptyWhen: "the storage is not raft" }),
    panel("timeseries", figures.peerLastIndex, WITHOUT_RAFT),
    panel("timeseries", signals.maxTrailingLogs, WITHOUT_RAFT),
    panel("table", figures.raftLeader, WITHOUT_RAFT),
  ],
};

const sealRow: PanelRow = {
  title: "Seal",
  collapsed: true,
  panels: [
    panel("state-timeline", signals.initialized, ofNode),
    panel("state-timeline", signals.sealMigration, ofNode),
    panel("timeseries", signals.unsealProgress),
    panel("table", figures.sealThreshold, {
      title: "Key shares of each node",
      help: "How many unseal the node, and how many there are.",
      and: [figures.sealShares],
      width: 12,
    }),
    panel("table", figures.seals),
  ],
};

const tokenRow: PanelRow = {
  title: "Watchkeeper's own token",
  collapsed: true,
  panels: [
    panel("timeseries", signals.tokenLifeLeft, { width: 8, ...ENDLESS }),
    panel("timeseries", signals.tokenLeft, { width: 8, ...ENDLESS }),
    panel("state-timeline", signals.tokenRenewable, {
      width: 8,
      height: 8,
      emptyWhen: "Watchkeeper logs in anew, or has no login of its own (`auth`)",
    }),
    panel("timeseries", figures.logins, {
      title: "Logins and renewals of Watchkeeper in an hour",
      help: "Many logins mean that its tokens are short-lived, or are not renewed.",
      and: [figures.renewals],
      ...WITHOUT_LOGIN,
    }),
    panel("timeseries", signals.refusals, { emptyWhen: "Watchkeeper was never refused" }),
    panel("timeseries", figures.failedReads, { emptyWhen: "no read of Watchkeeper failed" }),
  ],
};

const upkeepRow: PanelRow = {
  title: "Upkeep: versions, clocks, licence, audit devices",
  collapsed: true,
  panels: [
    panel("timeseries", signals.versions),
    panel("timeseries", signals.clockSkew),
    panel("timeseries", figures.standbySkew, ONLY_VAULT),
    panel("timeseries", signals.licenseLeft, { emptyWhen: "only Vault Enterprise has a licence" }),
    panel("table", figures.nodeVersions),
    panel("table", figures.auditPaths, WITHOUT_LOGIN),
  ],
};

/** What is looked at when the rows above do not say it all. */
export const detailRows: readonly PanelRow[] = [membershipRow, sealRow, tokenRow, upkeepRow];
