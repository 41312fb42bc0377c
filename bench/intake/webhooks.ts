import { alertmanagerWebhook } from "../../test/helpers/alertmanager-webhook.ts";

type Severity = "critical" | "warning";

/** Gives the body of the webhook that is sent as number `index`, from 0. */
export type Bodies = (index: number) => Buffer;

/**
 * Webhooks of groups that change in turn: each fires, is resolved, fires anew, and so on, so that each webhook says
 * something new. A body of one alert has about 1.1 KB, one of 100 alerts about 70 KB.
 */
export function changingGroups(alertsEach: number, groups: number, severity: Severity = "warning"): Bodies {
  const began = Date.now();
  const firing = template(alertsEach, true, severity);
  const resolved = template(alertsEach, false, severity);
  return (index) => {
    const round = Math.floor(index / groups);
    const startsAt = began + Math.floor(round / 2) * 10_000;
    return (round % 2 === 0 ? firing : resolved)(`group-${index % groups}`, startsAt);
  };
}

/** Webhooks of one firing alert, each of a new group. */
export function newGroups(prefix: string, severity: Severity): Bodies {
  const firing = template(1, true, severity);
  const began = Date.now();
  return (index) => firing(`${prefix}-${index}`, began);
}

const GROUP = "@group@";
const STARTS_AT = 1_000_000_000_000;
const ENDS_AT = STARTS_AT + 1_000;

/** Puts in what differs from webhook to webhook, since the sender must cost less than what it measures. */
function template(alertsEach: number, isFiring: boolean, severity: Severity) {
  const alerts = Array.from({ length: alertsEach }, (_, i) => ({
    labels: {
      alertname: "FilesystemAlmostFull",
      group: GROUP,
      instance: `host-${i}.example.org:9100`,
      job: "node",
      mountpoint: "/var/lib/data",
      severity,
    },
    annotations: {
      summary: `The file system /var/lib/data of host-${i} is almost full`,
      description: "Less than 5 % of the space is left; at the present rate it is full within four hours.",
      runbook_url: "https://runbooks.example.org/FilesystemAlmostFull",
    },
    isFiring,
    startsAt: STARTS_AT,
    endsAt: ENDS_AT,
  }));
  const text = JSON.stringify(alertmanagerWebhook(alerts, { groupLabels: { group: GROUP } }));
  return (group: string, startsAt: number): Buffer =>
    Buffer.from(
      text
        .replaceAll(GROUP, group)
        .replaceAll(isoOf(STARTS_AT), isoOf(startsAt))
        .replaceAll(isoOf(ENDS_AT), isoOf(startsAt + 1_000)),
    );
}

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
