import { days, hours, minutes } from "../../../core/duration.ts";
import {
  abs,
  and,
  changes,
  count,
  divide,
  equal,
  floor,
  greater,
  increase,
  max,
  maxOverTime,
  or,
  select,
  subtract,
  sum,
  time,
  unless,
} from "../../../core/promql.ts";
import { partMetrics } from "../../../core/self-metrics.ts";
import { signal } from "../../../core/signal.ts";
import { audit, ha, health, leader, leases, raft, seal, telemetry, token } from "../metrics.ts";

/** Of several Watchkeepers that poll the same cluster one is enough: the signals below count each node once. */
const activeState = select(health.state, { state: "active" });
const up = select(health.up);
const votersBeyondQuorum = floor(divide(subtract(select(raft.voters), 1), 2));

/** What can be asked of a Vault or OpenBao cluster. */
export const clusterSignals = {
  up: signal({
    title: "Nodes that answer",
    help: "1 for each node that answers its health check, whatever its state; 0 for one that does not.",
    unit: "boolean",
    expr: up,
  }),
  state: signal({
    title: "State of each node",
    help: "One series for each state that a node is in: one active node and standbys are right, sealed nodes serve nothing.",
    unit: "boolean",
    expr: equal(max(select(health.state), { by: ["target", "node", "state"] }), 1),
  }),
  disconnected: signal({
    title: "Nodes cut off from the active one",
    help: "1 for a node that says so itself, or that it was removed from the cluster; OpenBao never does.",
    unit: "boolean",
    expr: select(health.state, { state: ["=~", "standby_disconnected|removed"] }),
  }),
  initialized: signal({
    title: "Initialised nodes",
    help: "0 for a node that was never initialised.",
    unit: "boolean",
    expr: select(health.initialized),
  }),
  sealed: signal({
    title: "Sealed nodes",
    help: "1 for a node that is sealed and serves nothing.",
    unit: "boolean",
    expr: select(health.sealed),
  }),
  activeNodes: signal({
    title: "Active nodes",
    help: "Exactly one is right: none means that nothing is served, two that they do not know of each other.",
    unit: "none",
    // every node of a disaster recovery secondary calls itself one, and it has no active node by design
    expr: or(
      unless(
        sum(max(activeState, { by: ["target", "node"] }), { by: ["target"] }),
        equal(max(select(health.state, { state: "dr_secondary" }), { by: ["target"] }), 1),
        { on: ["target"] },
      ),
      equal(max(up, { by: ["target"] }), 0),
    ),
  }),
  unsealProgress: signal({
    title: "Key shares given",
    help: "More than 0 for long means that an unsealing was begun and not finished, or that somebody tries keys.",
    unit: "none",
    expr: select(seal.progress),
  }),
  failureTolerance: signal({
    title: "Failure tolerance",
    help: "Voters that may be lost before the quorum is.",
    unit: "none",
    expr: select(raft.failureTolerance),
  }),
  fullFailureTolerance: signal({
    title: "Failure tolerance when all is well",
    help: "What the number of voters allows: 1 for three, 2 for five, and 0 for a cluster of one or two.",
    unit: "none",
    expr: votersBeyondQuorum,
  }),
  peerHealthy: signal({
    title: "Healthy raft servers",
    help: "0 for a server that is silent for too long or too far behind.",
    unit: "boolean",
    expr: select(raft.peerHealthy),
  }),
  nodeIsPeer: signal({
    title: "Configured nodes that are raft servers",
    help: "0 for a node that raft does not know, whatever it answers itself.",
    unit: "boolean",
    expr: select(raft.nodeIsPeer),
  }),
  appliedLag: signal({
    title: "Committed, not yet applied",
    help: "Raft log entries that each node knows to be committed and has not applied.",
    unit: "none",
    expr: subtract(select(leader.committedIndex), select(leader.appliedIndex)),
  }),
  behind: signal({
    title: "Log entries behind",
    help: "Raft log entries that each node has still to get and apply, against the node that has the most.",
    unit: "none",
    expr: max(select(leader.behind), { by: ["target", "node"] }),
  }),
  lastContact: signal({
    title: "Last contact with the leader",
    help: "How long ago the leader heard of each server; up to five seconds are usual.",
    unit: "seconds",
    expr: max(select(raft.peerLastContact), { by: ["target", "peer"] }),
  }),
  reportingNodes: signal({
    title: "Nodes that report to the active one",
    help: "A standby that is silent for some 15 seconds is no longer counted.",
    unit: "none",
    expr: max(select(ha.nodes), { by: ["target"] }),
  }),
  servingNodes: signal({
    title: "Nodes that call themselves active or standby",
    help: "All of these should report to the active one.",
    unit: "none",
    expr: sum(
      max(select(health.state, { state: ["=~", "active|standby|performance_standby"] }), { by: ["target", "node"] }),
      { by: ["target"] },
    ),
  }),
  leaderKnown: signal({
    title: "Nodes that know the active one",
    help: "0 for an unsealed node that knows of no active node.",
    unit: "boolean",
    expr: select(leader.known),
  }),
  sealMigration: signal({
    title: "Seal migration",
    help: "1 for a node that waits for a migration to another kind of seal.",
    unit: "boolean",
    expr: select(seal.migration),
  }),
  peerVoter: signal({
    title: "Voting raft servers",
    help: "0 for a server that gets the log and has no vote.",
    unit: "boolean",
    expr: select(raft.peerVoter),
  }),
  lastContactThreshold: signal({
    title: "Autopilot's limit of silence",
    help: "Silence after which autopilot calls a server unhealthy.",
    unit: "seconds",
    expr: max(select(raft.lastContactThreshold), { by: ["target"] }),
  }),
  maxTrailingLogs: signal({
    title: "Autopilot's limit of log entries behind",
    help: "Log entries a server may be behind before autopilot calls it unhealthy.",
    unit: "none",
    expr: max(select(raft.maxTrailingLogs), { by: ["target"] }),
  }),
  leadershipChanges: signal({
    title: "Leadership changes in an hour",
    help: "How often a node became or ceased to be the active one; one change of leader counts twice.",
    unit: "none",
    expr: sum(max(changes(activeState.over(hours(1))), { by: ["target", "node"] }), { by: ["target"] }),
  }),
  versions: signal({
    title: "Versions in use",
    help: "How many different versions the nodes run.",
    unit: "none",
    expr: count(count(select(health.info), { by: ["target", "version"] }), { by: ["target"] }),
  }),
  clockSkew: signal({
    title: "Clock difference",
    help: "How far each node's clock is from Watchkeeper's, either way.",
    unit: "seconds",
    expr: abs(select(health.clockSkew)),
  }),
  auditDevices: signal({
    title: "Audit devices",
    help: "None means that nobody will know what happened; one, that Vault stops when it is blocked.",
    unit: "none",
    expr: select(audit.devices),
  }),
  auditFailures: signal({
    title: "Failed audit records in 5 minutes",
    help: "Requests or responses that no audit device could record.",
    unit: "none",
    expr: increase(select(telemetry.auditRequestFailures).over(minutes(5))),
  }),
  auditResponseFailures: signal({
    title: "Failed audit records of responses in 5 minutes",
    help: "Responses that no audit device could record.",
    unit: "none",
    expr: increase(select(telemetry.auditResponseFailures).over(minutes(5))),
  }),
  irrevocableLeases: signal({
    title: "Irrevocable leases",
    help: "Credentials that Vault could not revoke and that may still work.",
    unit: "none",
    expr: select(leases.irrevocable),
  }),
  leases: signal({
    title: "Leases",
    help: "How many leases the active node keeps.",
    unit: "none",
    expr: max(select(telemetry.leases), { by: ["target"] }),
  }),
  leasesBefore: signal({
    title: "Most leases in the week before yesterday",
    help: "What is usual, daily and weekly rhythm included.",
    unit: "none",
    expr: max(maxOverTime(select(telemetry.leases).over(days(7), days(1))), { by: ["target"] }),
  }),
  authorisedReads: signal({
    title: "Authorised reads that succeed",
    help: "0 when all that Watchkeeper reads with its token of the active node fails, whichever Watchkeeper asks.",
    unit: "boolean",
    expr: max(select(partMetrics.success, { collector: "vault", part: ["=~", "ha|leases"] }), { by: ["target"] }),
  }),
  refusals: signal({
    title: "Refusals of Watchkeeper's own login in 5 minutes",
    help: "More than 0 when it is Watchkeeper's token that is at fault and not Vault.",
    unit: "none",
    expr: sum(
      increase(
        select(partMetrics.errors, {
          collector: "vault",
          reason: ["=~", "unauthorized|forbidden|credential_unreadable"],
        }).over(minutes(5)),
      ),
      { by: ["target"] },
    ),
  }),
  tokenLifeLeft: signal({
    title: "Life left of Watchkeeper's token",
    help: "Share of the token's lifetime that is left; it is renewed at a half.",
    unit: "ratio",
    expr: divide(select(token.ttl), select(token.creationTtl)),
  }),
  tokenRenewable: signal({
    title: "Watchkeeper's token can be renewed",
    help: "0 for a token that ends whatever Watchkeeper does.",
    unit: "boolean",
    expr: select(token.renewable),
  }),
  tokenLeft: signal({
    title: "Time until Watchkeeper's token ends",
    help: "Absent for a token that never ends.",
    unit: "seconds",
    expr: select(token.ttl),
  }),
  licenseLeft: signal({
    title: "Time until the licence ends",
    help: "Only Vault Enterprise has a licence.",
    unit: "seconds",
    expr: subtract(select(health.licenseExpiry), time()),
  }),
};

/** An active node that fails what is asked with a token, though Watchkeeper's own token is not at fault. */
export const requestsFailing = unless(
  and(equal(clusterSignals.authorisedReads.expr, 0), equal(clusterSignals.activeNodes.expr, 1), { on: ["target"] }),
  greater(clusterSignals.refusals.expr, 0),
  { on: ["target"] },
);
