import type { Message, MessageAlert } from "../../core/message.ts";

/** What a test message is made of. */
export interface TestMessageRequest {
  /** Name of the destination in the configuration. */
  readonly destination: string;
  /** Watchkeeper's own address, without a slash at the end. */
  readonly externalUrl: string;
  /** Unix milliseconds: when the test began, and when it was over; the same test has the same beginning. */
  readonly began: number;
  readonly over?: number;
}

/** A message that nobody can take for an alert, to see whether a destination shows it. */
export function testMessage({ destination, externalUrl, began, over }: TestMessageRequest): Message {
  const alert: MessageAlert = {
    fingerprint: "watchkeeper-test",
    state: over === undefined ? "firing" : "resolved",
    name: "WatchkeeperTest",
    summary: `Test message from Watchkeeper to the destination ${destination}`,
    description: "Somebody ran `watchkeeper test-notify`. Nothing is wrong, and nothing is to be done.",
    severity: "info",
    where: {},
    startsAt: began,
    ...(over !== undefined && { endsAt: over }),
    links: {},
  };
  return {
    kind: "test",
    status: over === undefined ? "firing" : "resolved",
    severity: "info",
    title: `Test of the destination ${destination}: ${over === undefined ? "nothing is wrong" : "the test is over"}`,
    alerts: [alert],
    moreAlerts: 0,
    counts: over === undefined ? { firing: 1, closed: 0, hidden: 0 } : { firing: 0, closed: 1, hidden: 0 },
    commonLabels: { alertname: alert.name, destination },
    groupLabels: { alertname: alert.name, destination },
    since: began,
    ...(over !== undefined && { until: over }),
    links: { watchkeeper: `${externalUrl}/alerts` },
    source: "watchkeeper",
    groupKey: `watchkeeper-test:${destination}:${began}`,
    revision: over === undefined ? 1 : 2,
  };
}
