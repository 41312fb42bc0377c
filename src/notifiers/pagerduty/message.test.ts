import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent } from "../../lab/channels/pagerduty/event.ts";
import {
  aClosedMessage,
  aMessage,
  aMessageWithEvidence,
  anAlert,
  hostileMessage,
} from "../shared/__fixtures__/messages.ts";
import { alertEvent, changeEvent, dedupKeyOf, type AlertEventOptions } from "./message.ts";

const KEY = "0123456789abcdef0123456789ABCDEF";
const OPTIONS: AlertEventOptions = { action: "trigger", dedupKey: "key-1", client: "Watchkeeper", plain: false };
const errorsOf = (event: object, kind: "alert" | "change" = "alert"): readonly string[] =>
  readEvent(JSON.stringify({ routing_key: KEY, ...event }), kind, undefined).errors ?? [];

describe("the event of an incident", () => {
  it("says what, where, since when, how bad and where to look further", () => {
    const message = aMessage({
      commonLabels: { alertname: "DiskFull", job: "node", cluster: "home", instance: "db-1" },
    });
    expect(alertEvent(message, OPTIONS)).toMatchObject({
      event_action: "trigger",
      dedup_key: "key-1",
      client: "Watchkeeper",
      client_url: "https://watchkeeper.example.org/conversations/1",
      payload: {
        summary: "DiskFull on db-1",
        severity: "critical",
        source: "db-1",
        timestamp: "2026-11-20T10:00:00.000Z",
        component: "node",
        group: "home",
        class: "DiskFull",
        custom_details: {
          status: "FIRING:1, since 2026-11-20 10:00 UTC",
          alerts: [{ name: "DiskFull", state: "firing", value: "97", where: { instance: "db-1", disk: "sda" } }],
          source: "homelab",
        },
      },
    });
    expect(alertEvent(message, OPTIONS).links?.map(({ text }) => text)).toEqual([
      "Runbook",
      "Dashboard",
      "Silence",
      "Source",
      "Watchkeeper",
    ]);
  });

  it("tells what changed, how many more there are and what was found", () => {
    const message = aMessage({
      alerts: Array.from({ length: 30 }, () => anAlert()),
      moreAlerts: 5,
      counts: { firing: 35, closed: 1, hidden: 2 },
      changes: { firing: [anAlert()], moreFiring: 0, closed: [anAlert({ state: "silenced" })], moreClosed: 0 },
      evidence: ["3 log lines"],
    });
    const { custom_details: details } = alertEvent(message, OPTIONS).payload;
    expect(details).toMatchObject({
      changed: [expect.stringContaining("New: Disk sda"), expect.stringContaining("Over (silenced): Disk sda")],
      not_shown: "15 more alerts, and 2 that the sender left out",
      evidence: ["3 log lines"],
    });
    expect(details?.["alerts"]).toHaveLength(20);
  });

  it("of a group that is over carries its payload too, for PagerDuty's own rules", () => {
    const event = alertEvent(aClosedMessage(), { ...OPTIONS, action: "resolve" });
    expect(event).toMatchObject({ event_action: "resolve", payload: { severity: "critical" } });
    expect(event.payload.custom_details).toMatchObject({
      status: expect.stringMatching(/^RESOLVED, over at .* after 2 h/),
    });
    expect(errorsOf(event)).toEqual([]);
  });

  it("names the source of the alerts when no label says where it is", () => {
    const { payload } = alertEvent(aMessage({ commonLabels: {}, groupLabels: {} }), OPTIONS);
    expect(payload.source).toBe("homelab");
    expect(payload).not.toHaveProperty("component");
  });

  it("in its plain form has only what PagerDuty requires", () => {
    const event = alertEvent(aMessage(), { ...OPTIONS, plain: true });
    expect(Object.keys(event)).toEqual(["event_action", "dedup_key", "client", "payload"]);
    expect(Object.keys(event.payload)).toEqual(["summary", "source", "timestamp", "severity"]);
    expect(errorsOf(event)).toEqual([]);
  });

  it("of a test says so in its title", () => {
    expect(alertEvent(aMessage({ kind: "test" }), OPTIONS).payload.summary).toBe("[TEST] DiskFull on db-1");
  });

  it("links to nothing but web pages", () => {
    const links = { runbook: "javascript:alert(1)", dashboard: "no url", watchkeeper: "file:///etc/passwd" };
    const event = alertEvent(aMessage({ links, alerts: [anAlert({ links })] }), OPTIONS);
    expect(event.links).toEqual([]);
    expect(JSON.stringify(event)).not.toMatch(/javascript:|no url|file:/);
  });

  it("that would be too large goes without its details, and says so", () => {
    const where = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`label${i}`, "𝕏".repeat(300)]));
    const event = alertEvent(aMessage({ alerts: Array.from({ length: 20 }, () => anAlert({ where })) }), OPTIONS);
    expect(event.payload.custom_details).toEqual({ note: expect.stringContaining("larger than PagerDuty takes") });
    expect(event.links).toHaveLength(5);
  });
});

describe("every event, whatever the texts are,", () => {
  it("is taken by PagerDuty and within its limits", () => {
    fc.assert(
      fc.property(hostileMessage, fc.boolean(), (message, plain) => {
        const events = [
          ["alert", alertEvent(message, { ...OPTIONS, plain })],
          ["alert", alertEvent(message, { ...OPTIONS, plain, action: "resolve" })],
          ["change", changeEvent(message, plain)],
        ] as const;
        for (const [kind, event] of events) {
          const body = JSON.stringify({ routing_key: KEY, ...event });
          expect(errorsOf(event, kind)).toEqual([]);
          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(512_000);
          expect(body).not.toMatch(/\\ud[89a-f]|\u202e|\\u0000|\\u001b/i);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it("is made quickly of annotations of 1 MB", () => {
    const huge = "<&\u{1F525}\u202E".repeat(200_000);
    const alerts = Array.from({ length: 5 }, () => anAlert({ summary: huge, description: huge, where: { a: huge } }));
    const event = alertEvent(aMessage({ title: huge, alerts, commonLabels: { [huge]: huge } }), OPTIONS);
    expect([...event.payload.summary]).toHaveLength(1024);
    expect(errorsOf(event)).toEqual([]);
  });
});

describe("the key of an incident", () => {
  it("is the one that Alertmanager sends: SHA-256 of the group's key", () => {
    expect(dedupKeyOf(aMessage({ groupKey: '{}:{alertname="DiskFull"}' }))).toBe(
      "17c4e445d234645c9e547ff6d32a864af0ebdadcd1902771c24c8d366637ff41",
    );
  });
});

describe("evidence", () => {
  it("stands in the details, and its page among the links", () => {
    const event = alertEvent(aMessageWithEvidence(), OPTIONS);
    expect(event.payload.custom_details).toMatchObject({
      evidence: ["14 lines say no space left, none before", "shop: version 2.3.1 -> 2.4.0"],
      evidence_url: "https://w.example.org/evidence/1f2e3d4c5b6a7988",
    });
    expect(event.links).toContainEqual({ href: "https://w.example.org/evidence/1f2e3d4c5b6a7988", text: "Evidence" });
    expect(errorsOf(event)).toEqual([]);
  });
});
