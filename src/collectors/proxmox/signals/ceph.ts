import { divide, greater, max, select, subtract } from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { ceph } from "../metrics/nodes.ts";

/** What can be asked of Ceph. */
export const cephSignals = {
  cephHealth: signal({
    title: "Ceph's health",
    help: "0 is HEALTH_OK, 1 HEALTH_WARN, 2 HEALTH_ERR.",
    unit: "none",
    expr: max(select(ceph.health), { by: ["target"] }),
  }),
  cephChecks: signal({
    title: "Health checks that Ceph raises",
    help: "Why its health is not good; nothing while it is.",
    unit: "boolean",
    expr: max(select(ceph.check), { by: ["target", "check", "severity"] }),
  }),
  cephUsed: signal({
    title: "Ceph: raw space in use",
    help: "Ceph warns from 85% on and stops writing at 95% of one daemon.",
    unit: "ratio",
    expr: divide(max(select(ceph.usage), { by: ["target"] }), greater(max(select(ceph.size), { by: ["target"] }), 0)),
  }),
  osdsDown: signal({
    title: "Object storage daemons that are down",
    help: "While one is down, Ceph holds fewer copies than it should.",
    unit: "none",
    expr: subtract(max(select(ceph.osds), { by: ["target"] }), max(select(ceph.osdsUp), { by: ["target"] })),
  }),
  cephDegraded: signal({
    title: "Object copies that are missing",
    help: "Falls to 0 when Ceph has made new ones.",
    unit: "ratio",
    expr: max(select(ceph.degraded), { by: ["target"] }),
  }),
};
