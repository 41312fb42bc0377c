import { alert } from "../../core/alert.ts";
import { days, hours, inSeconds, minutes } from "../../core/duration.ts";
import { and, equal, greater, less, multiply, subtract, unequal } from "../../core/promql.ts";
import { requestsFailing, clusterSignals as signals } from "./signals/cluster.ts";

const { expr: up } = signals.up;

/** Conditions of a Vault or OpenBao cluster that somebody must know of. */
export const vaultAlerts = [
  alert({
    name: "VaultDown",
    severity: "warning",
    when: equal(up, 0),
    for: minutes(2),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} does not answer`,
    description: ({ label }) =>
      `The health check of ${label.node} gets no answer, or one that is not from Vault. The other nodes go on serving as long as a quorum of them is up. Watchkeeper's page of targets shows the reason.`,
  }),
  alert({
    name: "VaultUninitialized",
    severity: "warning",
    when: equal(signals.initialized.expr, 0),
    for: minutes(5),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} is not initialised`,
    description: () =>
      "The node was started with empty storage. If it is not new, it lost its storage or reads from the wrong place.",
  }),
  alert({
    name: "VaultSealed",
    severity: "warning",
    when: and(equal(signals.sealed.expr, 1), equal(signals.initialized.expr, 1), { on: ["target", "node"] }),
    for: minutes(1),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} is sealed`,
    description: () =>
      "A sealed node serves nothing and can not take over. It seals itself when it restarts without auto-unseal, or somebody sealed it. While no node is left, VaultNoSingleActiveNode pages.",
  }),
  alert({
    name: "VaultNoSingleActiveNode",
    severity: "critical",
    when: unequal(signals.activeNodes.expr, 1),
    for: minutes(1),
    summary: ({ label, value }) => `${label.target} has ${value} active Vault nodes instead of 1`,
    description: () =>
      "With none, logins and writes fail, and reads may. With two, they do not know of each other, and what is written to one may be lost.",
  }),
  alert({
    name: "VaultNodeDisconnected",
    severity: "warning",
    when: equal(signals.disconnected.expr, 1),
    for: minutes(2),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} is ${label.state}`,
    description: () =>
      "The node itself says that it is cut off from the active node, or that it was removed from the cluster. It can not take over.",
  }),
  alert({
    name: "VaultNodeNotRaftPeer",
    severity: "critical",
    when: and(equal(signals.nodeIsPeer.expr, 0), equal(signals.initialized.expr, 1), { on: ["target", "node"] }),
    for: minutes(5),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} answers but is no raft server`,
    description: () =>
      "The node answers its health check, yet raft does not know it: it holds no current data, takes no part in votes and may answer clients with what it knew when it was removed.",
  }),
  alert({
    name: "VaultLeaderUnknown",
    severity: "warning",
    when: equal(signals.leaderKnown.expr, 0),
    for: minutes(2),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} knows no active node`,
    description: () =>
      "The node is unsealed and can not forward requests to an active node: there is none, or the node is cut off from it.",
  }),
  alert({
    name: "VaultRaftServerUnhealthy",
    severity: "warning",
    when: equal(signals.peerHealthy.expr, 0),
    for: minutes(5),
    summary: ({ label }) => `Raft server ${label.peer} of ${label.target} is unhealthy`,
    description: () => "Autopilot heard nothing of the server for too long, or it is too far behind the leader.",
  }),
  alert({
    name: "VaultFailureToleranceReduced",
    severity: "warning",
    when: less(signals.failureTolerance.expr, signals.fullFailureTolerance.expr),
    for: minutes(5),
    summary: ({ label, value }) => `${label.target} can lose only ${value} more Vault voters`,
    description: () =>
      "The cluster tolerates fewer losses than its number of voters allows. At 0 the next one stops it.",
  }),
  alert({
    name: "VaultRaftApplyLag",
    severity: "warning",
    when: (most) => greater(signals.appliedLag.expr, most),
    threshold: { value: 500, unit: "none", help: "raft entries that the node has not applied yet" },
    for: minutes(5),
    summary: ({ label, value }) => `Vault node ${label.node} of ${label.target} has ${value} raft entries to apply`,
    description: () =>
      "The node applies raft's log slower than it grows, so it answers with old data. Slow storage is the usual cause.",
  }),
  alert({
    name: "VaultRaftServerNotVoting",
    severity: "warning",
    when: equal(signals.peerVoter.expr, 0),
    for: hours(1),
    summary: ({ label }) => `Raft server ${label.peer} of ${label.target} has no vote`,
    description: () =>
      "A new server votes after some seconds of good health. One that never does, unless it was added as a non-voter, adds nothing to the cluster's failure tolerance.",
  }),
  alert({
    name: "VaultRaftServerBehind",
    severity: "warning",
    when: (share) =>
      greater(signals.behind.expr, multiply(signals.maxTrailingLogs.expr, share), { on: ["target"], groupLeft: [] }),
    threshold: { value: 0.5, unit: "ratio", help: "share of the entries that autopilot lets a server be behind" },
    for: minutes(5),
    summary: ({ label, value }) => `Vault node ${label.node} of ${label.target} is ${value} raft entries behind`,
    description: ({ threshold }) =>
      `The node is more than ${threshold} as far behind as autopilot allows before it calls it unhealthy. Slow storage, a starved host or the network is the usual cause.`,
  }),
  alert({
    name: "VaultRaftLastContactHigh",
    severity: "warning",
    when: (share) =>
      greater(signals.lastContact.expr, multiply(signals.lastContactThreshold.expr, share), {
        on: ["target"],
        groupLeft: [],
      }),
    threshold: { value: 0.8, unit: "ratio", help: "share of the time that autopilot lets a server be silent" },
    for: minutes(2),
    summary: ({ label, duration }) =>
      `The leader heard of raft server ${label.peer} of ${label.target} ${duration} ago`,
    description: () =>
      "Close to autopilot's limit, after which the server counts as unhealthy. Look at the network between the nodes and at the server's load.",
  }),
  alert({
    name: "VaultStandbyNotReporting",
    severity: "warning",
    when: less(signals.reportingNodes.expr, signals.servingNodes.expr, { on: ["target"] }),
    for: minutes(5),
    summary: ({ label, value }) => `Only ${value} Vault nodes of ${label.target} report to the active one`,
    description: () =>
      "More nodes than that call themselves active or standby. One that does not report can not forward what it is asked, and may not know that it is cut off.",
  }),
  alert({
    name: "VaultLeadershipFlapping",
    severity: "warning",
    when: (most) => greater(signals.leadershipChanges.expr, most),
    threshold: { value: 10, unit: "none", help: "times in an hour that nodes became active or ceased to be" },
    for: minutes(1),
    keepFiringFor: minutes(15),
    summary: ({ label, value }) =>
      `Vault nodes of ${label.target} became active or ceased to be ${value} times in an hour`,
    description: () =>
      "One change of leader counts twice. Each interrupts writes; a slow disk, a starved host or the network is the usual cause.",
  }),
  alert({
    name: "VaultVersionsDiffer",
    severity: "warning",
    when: greater(signals.versions.expr, 1),
    for: hours(2),
    summary: ({ label, value }) => `The Vault nodes of ${label.target} run ${value} different versions`,
    description: () =>
      "An upgrade was begun and not finished. A newer leader may write what an older standby can not read.",
  }),
  alert({
    name: "VaultClockSkew",
    severity: "warning",
    when: (most) => greater(signals.clockSkew.expr, most),
    threshold: { value: 5, unit: "seconds", help: "how far the node's clock is off" },
    for: minutes(10),
    summary: ({ label, duration }) => `The clock of Vault node ${label.node} of ${label.target} is off by ${duration}`,
    description: () =>
      "Token and lease times, and certificates that Vault issues, go by this clock. It may also be Watchkeeper's own clock that is off: then every node shows the same.",
  }),
  alert({
    name: "VaultNoAuditDevice",
    severity: "warning",
    when: equal(signals.auditDevices.expr, 0),
    for: minutes(15),
    summary: ({ label }) => `${label.target} has no audit device`,
    description: () => "Nothing records who read or changed which secret.",
  }),
  alert({
    name: "VaultSingleAuditDevice",
    severity: "info",
    when: equal(signals.auditDevices.expr, 1),
    for: minutes(15),
    summary: ({ label }) => `${label.target} has a single audit device`,
    description: () =>
      "Vault refuses every request while none of its audit devices can write: with one device, a full disk stops Vault.",
  }),
  alert({
    name: "VaultRequestsFailing",
    severity: "critical",
    when: requestsFailing,
    for: minutes(3),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Vault of ${label.target} has an active node, and fails authorised requests`,
    description: () =>
      "Its health check says that all is well, but requests with a token end in an error or hang. An audit device that can not write is the usual cause: Vault then refuses everything. Slow storage is another.",
  }),
  alert({
    name: "VaultAuditRequestFailures",
    severity: "critical",
    when: greater(signals.auditFailures.expr, 0),
    for: minutes(0),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} can not record requests in its audit log`,
    description: () =>
      "A request that no audit device can record is refused. A full disk or a collector that is down is the usual cause.",
  }),
  alert({
    name: "VaultAuditResponseFailures",
    severity: "critical",
    when: greater(signals.auditResponseFailures.expr, 0),
    for: minutes(0),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} can not record responses in its audit log`,
    description: () => "The work was done but its answer withheld, because no audit device could record it.",
  }),
  alert({
    name: "VaultIrrevocableLeases",
    severity: "warning",
    when: greater(signals.irrevocableLeases.expr, 0),
    for: minutes(15),
    summary: ({ label, value }) => `${label.target} has ${value} leases that it can not revoke`,
    description: () =>
      "Vault gave up revoking these credentials: they may still work in the database or cloud that they are for.",
  }),
  alert({
    name: "VaultLeasesGrowing",
    severity: "warning",
    when: and(
      greater(signals.leases.expr, multiply(signals.leasesBefore.expr, 2)),
      greater(subtract(signals.leases.expr, signals.leasesBefore.expr), 1000),
    ),
    for: minutes(30),
    summary: ({ label, value }) =>
      `${label.target} keeps ${value} leases, more than twice as many as in the week before`,
    description: () =>
      "A client logs in or asks for credentials again and again without using those it has. Left alone, leases fill memory and storage.",
  }),
  alert({
    name: "VaultUnsealUnfinished",
    severity: "warning",
    when: greater(signals.unsealProgress.expr, 0),
    for: minutes(10),
    summary: ({ label, value }) =>
      `Vault node ${label.node} of ${label.target} was given ${value} key shares and is still sealed`,
    description: () =>
      "An unsealing was begun and not finished. If nobody of yours is at it, somebody holds a key share who should not.",
  }),
  alert({
    name: "VaultTokenExpiring",
    severity: "warning",
    when: (least) => less(signals.tokenLifeLeft.expr, least),
    threshold: { value: 1 / 3, unit: "ratio", help: "share of the token's life that is left" },
    for: minutes(5),
    summary: ({ label, percentage }) => `Watchkeeper's token for ${label.target} has ${percentage} of its life left`,
    description: () =>
      "Watchkeeper renews its token at half of its life, so this means that renewal fails or is not allowed. When the token ends, everything that needs it goes dark.",
  }),
  alert({
    name: "VaultTokenNotRenewable",
    severity: "warning",
    when: (least) => and(equal(signals.tokenRenewable.expr, 0), less(signals.tokenLeft.expr, least)),
    threshold: { value: inSeconds(days(7)), unit: "seconds", help: "life that the token has left" },
    for: minutes(15),
    summary: ({ label, threshold }) =>
      `Watchkeeper's token for ${label.target} ends within ${threshold} and can not be renewed`,
    description: () =>
      "Give Watchkeeper a new token, or better a login of its own (AppRole or Kubernetes), before this one ends.",
  }),
  alert({
    name: "VaultSealMigrationPending",
    severity: "warning",
    when: equal(signals.sealMigration.expr, 1),
    for: hours(1),
    summary: ({ label }) => `Vault node ${label.node} of ${label.target} waits for a seal migration`,
    description: () =>
      "The kind of seal was changed in its configuration and the migration was not finished by unsealing with the migrate flag.",
  }),
  alert({
    name: "VaultLicenseExpiring",
    severity: "warning",
    when: (least) => less(signals.licenseLeft.expr, least),
    threshold: { value: inSeconds(days(30)), unit: "seconds", help: "time that is left of the licence" },
    for: hours(1),
    summary: ({ label, duration }) => `Vault node ${label.node} of ${label.target}: ${duration} left of its licence`,
    description: () =>
      "After the expiry no newer release starts with this licence, and after its termination Vault Enterprise stops serving. A negative time means that it has expired.",
  }),
];
