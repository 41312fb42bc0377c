import fc from "fast-check";
import { ALERT_STATES, type AlertGroup, type GroupAlert } from "../../../core/alert-group.ts";

/** 2026-03-01 12:00 UTC. */
export const NOON = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;

/** An alert that fires since noon, with the given differences. */
export const anAlert = (of: Partial<GroupAlert> = {}): GroupAlert => ({
  fingerprint: "00000000000000aa",
  state: "firing",
  labels: { alertname: "NodeDown", severity: "critical", instance: "db-1", cluster: "prod" },
  annotations: { summary: "Node is down", description: "No scrape for five minutes." },
  startsAt: NOON,
  links: {},
  origin: "origin",
  seenAt: NOON,
  ...of,
});

/** An alert of a host of the cluster `prod`. */
export const onHost = (host: string, of: Partial<GroupAlert> = {}): GroupAlert =>
  anAlert({
    fingerprint: `fingerprint-${host}`,
    annotations: { summary: `Node ${host} is down` },
    ...of,
    labels: { alertname: "NodeDown", severity: "critical", instance: host, cluster: "prod", ...of.labels },
  });

/** A group of the alerts, with the given differences. */
export const aGroup = (alerts: readonly GroupAlert[], of: Partial<AlertGroup> = {}): AlertGroup => ({
  id: "ab".repeat(32),
  kind: "alertmanager",
  source: "main",
  route: "{}",
  receiver: "watchkeeper",
  groupKey: '{}:{alertname="NodeDown"}',
  labels: { alertname: "NodeDown" },
  externalUrl: "https://alertmanager.example.org",
  alerts,
  truncated: {},
  revision: 3,
  createdAt: NOON,
  updatedAt: NOON + MINUTE,
  ...of,
});

const hostileText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("", "\u0000\u202e", "\ud83d", "<!channel>\r\nBcc: x", "🔥".repeat(300), "a".repeat(3_000), "  \n "),
);
const labelName = fc.oneof(
  fc.constantFrom("alertname", "severity", "instance", "cluster", "pod", "job", "constructor"),
  fc.string({ minLength: 1, maxLength: 8 }),
);
const texts = fc.dictionary(labelName, hostileText, { maxKeys: 6 });
const moment = fc.integer({ min: 0, max: 4_000_000_000_000 });

const anyAlert: fc.Arbitrary<GroupAlert> = fc.record(
  {
    fingerprint: fc.string({ maxLength: 4 }),
    state: fc.constantFrom(...ALERT_STATES),
    labels: texts,
    annotations: fc.dictionary(fc.constantFrom("summary", "description", "message", "x"), hostileText, { maxKeys: 3 }),
    startsAt: moment,
    endsAt: moment,
    closedAt: moment,
    closedBecause: hostileText,
    value: hostileText,
    links: fc.constant({}),
    origin: fc.constant("origin"),
    seenAt: moment,
  },
  { requiredKeys: ["fingerprint", "state", "labels", "annotations", "startsAt", "links", "origin", "seenAt"] },
);

/** Groups of up to 80 alerts whose texts are chosen by somebody who means no good. */
export const anyGroup: fc.Arbitrary<AlertGroup> = fc
  .record({
    alerts: fc.uniqueArray(anyAlert, { maxLength: 80, selector: ({ fingerprint }) => fingerprint }),
    labels: texts,
    truncated: fc.dictionary(fc.constant("origin"), fc.nat(2_000)),
    route: fc.constantFrom("{}", "storm"),
    revision: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(({ alerts, ...of }) => aGroup(alerts, of));
