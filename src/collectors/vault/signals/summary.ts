import { countWhere, equal, less, max, min, select, unequal } from "../../../core/promql.ts";
import { signal, type Level } from "../../../core/signal.ts";
import type { Severity } from "../../../core/alert.ts";
import { health, raft } from "../metrics.ts";
import { requestsFailing, clusterSignals as signals } from "./cluster.ts";

const ofNode = ["target", "node"] as const;
const fromOneOn = (severity: Severity): readonly Level[] => [
  { from: null, severity: "ok" },
  { from: 1, severity },
];

/** One number each over all clusters: whether they are well. Nodes that several Watchkeepers poll count once. */
export const summarySignals = {
  clustersWithoutLeader: signal({
    title: "Clusters without their one active node",
    help: "With none, logins and writes fail; with two, what is written to one may be lost.",
    unit: "none",
    expr: countWhere(signals.activeNodes.expr, (nodes) => unequal(nodes, 1)),
  }),
  clustersRefusing: signal({
    title: "Clusters that fail requests",
    help: "Those with an active node at which all that is asked with a token fails: an audit device that can not write is the usual cause.",
    unit: "none",
    expr: countWhere(signals.authorisedReads.expr, () => requestsFailing),
  }),
  nodesDown: signal({
    title: "Nodes down",
    help: "Nodes that do not answer; the others serve as long as a quorum of them is up.",
    unit: "none",
    expr: countWhere(max(select(health.up), { by: ofNode }), (up) => equal(up, 0)),
    levels: fromOneOn("warning"),
  }),
  nodesSealed: signal({
    title: "Nodes sealed",
    help: "Nodes that serve nothing and can not take over until somebody unseals them.",
    unit: "none",
    expr: countWhere(max(select(health.sealed), { by: ofNode }), (sealed) => equal(sealed, 1)),
    levels: fromOneOn("warning"),
  }),
  toleranceReduced: signal({
    title: "Clusters that lost failure tolerance",
    help: "Those that can lose fewer voters than their number allows.",
    unit: "none",
    expr: countWhere(min(select(raft.failureTolerance), { by: ["target"] }), (tolerance) =>
      less(tolerance, max(signals.fullFailureTolerance.expr, { by: ["target"] })),
    ),
    levels: fromOneOn("warning"),
  }),
  auditFailing: signal({
    title: "Requests refused by audit in 5 minutes",
    help: "Requests of the worst cluster that no audit device could record, so that Vault refused them.",
    unit: "none",
    expr: max(signals.auditFailures.expr),
  }),
};
