import { count, max, min, scalarMinus, select, time } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { ha } from "../metrics/cluster.ts";
import { resources } from "../metrics/resources.ts";

const nodeState = (state: string) => max(select(ha.nodeState, { state }), { by: ["target", "node"] });
const guests = ["=~", "(qemu|lxc)/.*"] as const;

/** What can be asked of the HA stack. */
export const haSignals = {
  services: signal({
    title: "Guests under high availability",
    help: "Absent when the cluster has none.",
    unit: "none",
    expr: count(max(select(ha.serviceWanted), { by: ["target", "id"] }), { by: ["target"] }),
  }),
  serviceWanted: signal({
    title: "Guests that the HA manager shall keep running",
    help: "1 for a guest that is to run, 0 for one that is to be stopped.",
    unit: "boolean",
    expr: max(select(ha.serviceWanted), { by: ["target", "id"] }),
  }),
  serviceError: signal({
    title: "Guests that the HA manager gave up",
    help: "1 for a guest that it touches no more until somebody resets it.",
    unit: "boolean",
    expr: max(select(ha.serviceError), { by: ["target", "id"] }),
  }),
  serviceUnrecovered: signal({
    title: "Guests that wait to be recovered",
    help: "1 for a guest whose node is lost and which runs nowhere yet.",
    unit: "boolean",
    expr: max(select(resources.haState, { id: guests, state: ["=~", "fence|recovery"] }), { by: ["target", "id"] }),
  }),
  nodeFenced: signal({
    title: "Nodes that are fenced",
    help: "1 while the HA manager takes a lost node's guests away from it.",
    unit: "boolean",
    expr: nodeState("fence"),
  }),
  nodeInMaintenance: signal({
    title: "Nodes in maintenance",
    help: "1 for a node that somebody took out of service.",
    unit: "boolean",
    expr: nodeState("maintenance"),
  }),
  managerAge: signal({
    title: "Last sign of life of the HA manager",
    help: "How long ago the manager wrote its status; it does so every 10 seconds.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(ha.managerSeen), { by: ["target"] })),
  }),
  localManagerAge: signal({
    title: "Last sign of life of the local resource managers",
    help: "How long ago each node's manager wrote its status; it does so every 10 seconds.",
    unit: "seconds",
    expr: scalarMinus(time(), max(select(ha.lrmSeen), { by: ["target", "node"] })),
  }),
  armed: signal({
    title: "Fencing is armed",
    help: "0 while high availability is disarmed and recovers nothing.",
    unit: "boolean",
    expr: min(select(ha.armed), { by: ["target"] }),
  }),
};
