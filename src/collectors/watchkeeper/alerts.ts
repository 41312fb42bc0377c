import { alert } from "../../core/alert.ts";
import { inSeconds, minutes } from "../../core/duration.ts";
import { absent, atLeast, equal, greater, unless } from "../../core/promql.ts";
import { replicaSignals as replicas } from "./signals/replicas.ts";
import { GONE_AFTER, serviceSignals as signals } from "./signals/service.ts";

/** Conditions under which Watchkeeper sees less than it should. */
export const watchkeeperAlerts = [
  alert({
    name: "WatchkeeperPartFailing",
    severity: "warning",
    when: atLeast(signals.missedPolls.expr, GONE_AFTER),
    for: minutes(5),
    summary: ({ label }) => `Watchkeeper can not read ${label.part} of ${label.target} (${label.collector})`,
    description: () =>
      "Its series are gone, so alerts that need them stay silent. `watchkeeper_part_errors_total` and the page of targets show the reason.",
  }),
  alert({
    name: "WatchkeeperPartNeverRead",
    severity: "warning",
    when: unless(equal(signals.partSuccess.expr, 0), signals.missedPolls.expr),
    for: minutes(15),
    summary: ({ label }) => `Watchkeeper never could read ${label.part} of ${label.target} (${label.collector})`,
    description: () =>
      "Since Watchkeeper was started no poll of this part succeeded, so alerts that need its series stay silent.",
  }),
  alert({
    name: "WatchkeeperPartIncomplete",
    severity: "warning",
    when: greater(signals.missingPieces.expr, 0),
    for: minutes(30),
    summary: ({ label }) =>
      `Watchkeeper can not read all of ${label.part} of ${label.target} (${label.collector}): ${label.reason}`,
    description: () =>
      "Something that does not pass by itself, such as a missing permission or a node that hangs, keeps a piece of the part away, so alerts that need it stay silent. `watchkeeper check --connect` and the page of targets show which.",
  }),
  alert({
    name: "WatchkeeperDown",
    severity: "critical",
    when: absent(signals.build.expr),
    for: minutes(5),
    summary: () => "Prometheus gets nothing from Watchkeeper",
    description: () =>
      "No Watchkeeper is scraped, so every alert that needs its metrics is silent. It is down, not reachable, or not among Prometheus' targets.",
  }),
  alert({
    name: "WatchkeeperConfigReloadFailed",
    severity: "warning",
    when: equal(signals.reloadSuccessful.expr, 0),
    for: minutes(5),
    summary: () => "Watchkeeper runs an old configuration",
    description: () => "The configuration file has a fault. `watchkeeper check` lists each with its line.",
  }),
  alert({
    name: "WatchkeeperStoreNotWritable",
    severity: "critical",
    when: equal(signals.storeWritable.expr, 0),
    for: minutes(2),
    summary: () => "Watchkeeper can not write its store: no alert is taken or delivered",
    description: () =>
      "Notifications are answered with 503, so that Alertmanager tries again; what was accepted before is safe, but is not delivered until the store can be written.",
  }),
  alert({
    name: "WatchkeeperDeliveryStuck",
    severity: "critical",
    when: (most) => greater(signals.oldestMessageAge.expr, most),
    threshold: { value: inSeconds(minutes(15)), unit: "seconds", help: "age of the oldest message that waits" },
    for: minutes(1),
    summary: ({ label, duration }) => `Messages to ${label.destination} have waited for ${duration}`,
    description: () =>
      "People are not told of alerts. Nothing is lost: deliveries go on when the destination takes them. `watchkeeper deliveries` shows what waits and why.",
  }),
  alert({
    name: "WatchkeeperSlosNotRead",
    severity: "warning",
    when: equal(signals.sloReading.expr, 0),
    for: minutes(10),
    summary: () => "Watchkeeper can not read what SLOs counted",
    description: () =>
      "No budget is known, and gates answer as the policy wants it for what is not known, which may stop all changes. The alerts of SLOs come from Prometheus itself and do not need Watchkeeper. The page of SLOs shows the reason.",
  }),
  alert({
    name: "WatchkeeperRepairFailing",
    severity: "warning",
    when: (most) => greater(signals.repairAge.expr, most),
    threshold: { value: inSeconds(minutes(15)), unit: "seconds", help: "time since Alertmanager was last asked" },
    for: minutes(5),
    summary: ({ label }) => `Watchkeeper can not ask the Alertmanager of source ${label.source}`,
    description: () =>
      "Alerts that were silenced, inhibited or lost there stay open in chats and pagers, because no webhook tells of their end.",
  }),
  alert({
    name: "WatchkeeperTargetsNotPolled",
    severity: "critical",
    when: greater(replicas.notPolled.expr, 0),
    for: minutes(2),
    summary: ({ value }) => `No replica of Watchkeeper polls ${value} of the targets`,
    description: () =>
      "Their series are absent, so every alert that needs them is silent. A replica is not reached by Prometheus, or the replicas can not write the database by which they divide the targets.",
  }),
  alert({
    name: "WatchkeeperReplicaNotMember",
    severity: "warning",
    when: equal(replicas.isMember.expr, 0),
    for: minutes(2),
    summary: ({ label }) => `Watchkeeper ${label.instance} polls nothing: it can not join the other replicas`,
    description: () =>
      "It can not write the database by which the replicas divide the targets. As long as others can, they poll its targets too.",
  }),
];
