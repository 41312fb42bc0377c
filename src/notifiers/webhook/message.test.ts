import fc from "fast-check";
import { expect, test } from "vitest";
import { readDocument } from "../../lab/channels/webhook/document.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  aQuietMessage,
  aRequest,
  hostileMessage,
} from "../shared/__fixtures__/messages.ts";
import { webhookText, type WebhookBody } from "./message.ts";

const body = (...request: Parameters<typeof aRequest>): WebhookBody => JSON.parse(webhookText(aRequest(...request)));

const MIB = 1024 * 1024;

test("the document tells everything, with times that any program reads", () => {
  expect(body()).toEqual({
    version: "1",
    action: "open",
    kind: "alert",
    status: "firing",
    severity: "critical",
    title: "DiskFull on db-1",
    since: "2026-11-20T10:00:00.000Z",
    counts: { firing: 1, closed: 0, hidden: 0 },
    alerts: [
      {
        fingerprint: "5ef77f1f8a3ecfb8",
        state: "firing",
        name: "DiskFull",
        summary: "Disk sda of db-1 is 97 % full",
        severity: "critical",
        where: { instance: "db-1", disk: "sda" },
        startsAt: "2026-11-20T10:00:00.000Z",
        value: "97",
        links: {},
      },
    ],
    moreAlerts: 0,
    labels: { common: { alertname: "DiskFull", team: "storage" }, group: { alertname: "DiskFull" } },
    links: {
      runbook: "https://runbooks.example.org/DiskFull",
      dashboard: "https://grafana.example.org/d/disks?var-host=db-1&from=1",
      silence: "https://alertmanager.example.org/#/silences/new",
      source: "https://prometheus.example.org/graph?g0.expr=up",
      watchkeeper: "https://watchkeeper.example.org/conversations/1",
    },
    source: "homelab",
    groupKey: '{}:{alertname="DiskFull"}',
    evidence: [],
    thread: "conversation-1/episode-1",
    revision: 1,
    idempotencyKey: "conversation-1/episode-1/1",
  });
});

test("the end has its time and what changed", () => {
  expect(body({ action: "close", message: aClosedMessage() })).toMatchObject({
    action: "close",
    status: "resolved",
    until: "2026-11-20T12:05:00.000Z",
    changes: { firing: [], moreFiring: 0, closed: [{ state: "resolved" }], moreClosed: 0 },
    alerts: [{ state: "resolved", endsAt: "2026-11-20T12:05:00.000Z" }],
  });
});

test("alerts that do not fit into 1 MiB are counted", () => {
  const alerts = Array.from({ length: 50 }, () => anAlert({ description: "é".repeat(20_000) }));
  const text = webhookText(aRequest({ message: aMessage({ alerts, moreAlerts: 7 }) }));
  const { alerts: kept, moreAlerts } = JSON.parse(text) as WebhookBody;
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MIB);
  expect(kept.length).toBeGreaterThan(20);
  expect(kept.length + moreAlerts).toBe(57);
});

test("when the rest alone is too large, only what tells the group stays", () => {
  const commonLabels = { huge: "x".repeat(2 * MIB) };
  const small = body({ message: aMessage({ commonLabels, groupKey: "k".repeat(MIB) }) });
  expect(small).toMatchObject({
    title: "DiskFull on db-1",
    alerts: [],
    moreAlerts: 1,
    labels: { common: {}, group: {} },
  });
  expect(small.groupKey.length).toBeLessThan(20_000);
});

test("the plain form has no alerts, labels or changes, and counts them", () => {
  const message = aMessage({ changes: { firing: [anAlert()], moreFiring: 0, closed: [], moreClosed: 0 } });
  const plain = body({ message, plain: true });
  expect(plain).toMatchObject({ alerts: [], moreAlerts: 1, labels: { common: {}, group: {} } });
  expect(plain.changes).toBeUndefined();
});

test("whatever the alerts hold, the document is a sound one of at most 1 MiB", () => {
  fc.assert(
    fc.property(hostileMessage, fc.boolean(), (message, plain) => {
      const text = webhookText(aRequest({ message, plain }));
      const { alerts, moreAlerts, title } = JSON.parse(text) as WebhookBody;
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MIB);
      expect(alerts.length + moreAlerts).toBe(message.alerts.length + message.moreAlerts);
      expect(title).toBe(message.title);
      expect(readDocument(JSON.parse(text))).toBeDefined();
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("evidence is a field of its own, with its page, and whether it is new", () => {
  const document = JSON.parse(webhookText(aRequest({ action: "update", message: aMessageWithEvidence() }))) as object;
  expect(document).toMatchObject({
    evidence: ["14 lines say no space left, none before", "shop: version 2.3.1 -> 2.4.0"],
    links: { evidence: "https://w.example.org/evidence/1f2e3d4c5b6a7988" },
    changes: { firing: [], closed: [], hasNewEvidence: true, isEvidenceOnly: true },
  });
  expect(body({ action: "update", message: aQuietMessage() }).foundNothing).toBe(true);
});
