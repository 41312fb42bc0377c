import { hours } from "../../../core/duration.ts";
import { count, equal, max, maxOverTime, min, select, subtract, unless } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { quorum, status } from "../metrics/cluster.ts";
import { nodes } from "../metrics/nodes.ts";
import { resources } from "../metrics/resources.ts";
import { lowestByNode } from "./by-name.ts";
import { haSignals } from "./ha.ts";

const votes = min(select(quorum.votes), { by: ["target"] });
const expectedVotes = max(select(quorum.expectedVotes), { by: ["target"] });

const nodeUp = lowestByNode(select(status.up, { id: ["=~", "node/.*"] }));

/** Nodes that are away though nobody took them out of service. */
export const nodeOffline = unless(equal(nodeUp, 0), equal(haSignals.nodeInMaintenance.expr, 1));

/** What can be asked of the cluster as a whole. */
export const clusterSignals = {
  quorate: signal({
    title: "Quorum",
    help: "0 while the nodes that see each other have no majority: nothing can be started or changed.",
    unit: "boolean",
    expr: min(select(status.up, { id: ["=~", "cluster/.*"] }), { by: ["target"] }),
  }),
  nodeUp: signal({
    title: "Nodes that are online",
    help: "0 for a node that the cluster does not see.",
    unit: "boolean",
    expr: nodeUp,
  }),
  clusterNodes: signal({
    title: "Nodes of the cluster",
    help: "How many nodes the cluster has, online or not.",
    unit: "none",
    expr: count(count(select(status.nodeInfo), { by: ["target", "id"] }), { by: ["target"] }),
  }),
  tolerance: signal({
    title: "Nodes that may still be lost",
    help: "0 means that the loss of one more node takes the quorum.",
    unit: "none",
    expr: min(select(quorum.tolerance), { by: ["target"] }),
  }),
  missingVotes: signal({
    title: "Votes that are missing",
    help: "More than 0 while a node or the quorum device is away.",
    unit: "none",
    expr: subtract(expectedVotes, votes),
  }),
  quorumDevice: signal({
    title: "Quorum device",
    help: "0 while the cluster has no connection to its quorum device.",
    unit: "boolean",
    expr: min(select(quorum.qdeviceUp), { by: ["target"] }),
  }),
  versions: signal({
    title: "Versions in use",
    help: "How many different versions of Proxmox VE the nodes run.",
    unit: "none",
    expr: count(count(select(nodes.version), { by: ["target", "version"] }), { by: ["target"] }),
  }),
  knownNodes: signal({
    title: "The cluster tells its nodes",
    help: "1 while the state of the cluster can be read.",
    unit: "boolean",
    expr: max(select(status.nodeInfo), { by: ["target"] }),
  }),
  knownGuests: signal({
    title: "The cluster tells its guests",
    help: "Absent when it lists none, because there are none or because the token may not see them.",
    unit: "boolean",
    expr: max(select(resources.guestInfo), { by: ["target"] }),
  }),
  guestsSeen: signal({
    title: "The cluster told its guests within 6 hours",
    help: "1 when guests were listed lately, whether or not they are now.",
    unit: "boolean",
    expr: max(maxOverTime(select(resources.guestInfo).over(hours(6))), { by: ["target"] }),
  }),
};
