import { hours, type Duration } from "../../../core/duration.ts";
import { and, max, maxOverTime, minOverTime, select, subtract, time } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { tasks } from "../metrics/backups.ts";
import { certificates, nodes, subscription, updates } from "../metrics/nodes.ts";
import { statusByNode } from "./by-name.ts";

const by = ["target", "node"] as const;

/** Fewest updates that waited at any time in that span, for nodes that are known for so long. */
export const updatesWaitingFor = (span: Duration) =>
  and(
    max(minOverTime(select(updates.pending).over(span)), { by }),
    max(maxOverTime(select(updates.pending).over(hours(6), span)), { by }),
  );

/** What can be asked of a node's upkeep. */
export const upkeepSignals = {
  certificateLeft: signal({
    title: "Time until a certificate ends",
    help: "Proxmox VE renews its own two weeks before, and those of ACME a month.",
    unit: "seconds",
    expr: subtract(max(select(certificates.notAfter), { by: ["target", "node", "filename"] }), time()),
  }),
  subscriptionLapsed: signal({
    title: "Subscriptions that no longer hold",
    help: "1 for a node with a key that is expired, suspended or not valid; a node without a key has none of these.",
    unit: "boolean",
    expr: statusByNode(select(subscription.status, { status: ["=~", "expired|suspended|invalid"] })),
  }),
  nodeVersions: signal({
    title: "Versions and kernels",
    help: "What each node runs; all should run the same.",
    unit: "none",
    expr: max(select(nodes.version), { by: ["target", "node", "version", "kernel"] }),
  }),
  updatesPending: signal({
    title: "Updates that wait",
    help: "Packages of each node that can be updated.",
    unit: "none",
    expr: max(select(updates.pending), { by }),
  }),
  tasksFailed: signal({
    title: "Tasks that failed in 24 hours",
    help: "By node and type; backups have signals of their own.",
    unit: "none",
    expr: max(select(tasks.failed, { type: ["!=", "vzdump"] }), { by: ["target", "node", "type"] }),
  }),
};
