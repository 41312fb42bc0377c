import { alert } from "../../../core/alert.ts";
import { minutes } from "../../../core/duration.ts";
import { atLeast, equal } from "../../../core/promql.ts";
import { cephSignals as signals } from "../signals/ceph.ts";

/** Conditions of Ceph. */
export const cephAlerts = [
  alert({
    name: "ProxmoxCephError",
    severity: "critical",
    when: equal(signals.cephHealth.expr, 2),
    for: minutes(2),
    keepFiringFor: minutes(5),
    summary: ({ label }) => `Ceph of ${label.target} is in HEALTH_ERR`,
    description: () => "Data is not available or in danger, or Ceph is full. Guests on it may stand still.",
  }),
  alert({
    name: "ProxmoxCephWarning",
    severity: "warning",
    when: equal(signals.cephHealth.expr, 1),
    for: minutes(15),
    keepFiringFor: minutes(10),
    summary: ({ label }) => `Ceph of ${label.target} is in HEALTH_WARN`,
    description: () => "`pve_ceph_health_check` names the checks that failed.",
  }),
  alert({
    name: "ProxmoxCephOsdDown",
    severity: "warning",
    when: (least) => atLeast(signals.osdsDown.expr, least),
    threshold: { value: 1, unit: "none", help: "object storage daemons that are down" },
    for: minutes(10),
    keepFiringFor: minutes(5),
    summary: ({ label, value }) => `${value} object storage daemons of Ceph of ${label.target} are down`,
    description: () =>
      "Ten minutes after a daemon went down, Ceph begins to copy what it held to others, which takes space and time.",
  }),
];
