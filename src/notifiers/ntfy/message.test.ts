import fc from "fast-check";
import { expect, test } from "vitest";
import { aClosedMessage, aMessage, anAlert, aRequest, hostileMessage } from "../shared/__fixtures__/messages.ts";
import { ntfyMessage } from "./message.ts";

test("a message says what, how bad, since when, where and how much, and offers pages to open", () => {
  expect(ntfyMessage("alerts", aRequest())).toEqual({
    topic: "alerts",
    sequence_id: expect.stringMatching(/^[-_A-Za-z0-9]{1,64}$/),
    title: "[FIRING:1] DiskFull on db-1",
    message:
      "critical, since 2026-11-20 10:00 UTC\nteam=storage\nfrom homelab\n• Disk sda of db-1 is 97 % full (value 97)",
    priority: 5,
    tags: ["fire", "critical", "homelab"],
    click: "https://watchkeeper.example.org/conversations/1",
    actions: [
      { action: "view", label: "Runbook", url: "https://runbooks.example.org/DiskFull" },
      { action: "view", label: "Dashboard", url: "https://grafana.example.org/d/disks?var-host=db-1&from=1" },
      { action: "view", label: "Silence", url: "https://alertmanager.example.org/#/silences/new" },
    ],
  });
});

test("the end replaces it without a sound", () => {
  const opened = ntfyMessage("alerts", aRequest());
  const closed = ntfyMessage("alerts", aRequest({ action: "close", message: aClosedMessage() }));
  expect(closed).toMatchObject({
    sequence_id: opened.sequence_id,
    title: "[RESOLVED] DiskFull on db-1",
    priority: 2,
    tags: ["white_check_mark", "critical", "homelab"],
  });
  expect(closed.message).toContain("over at 2026-11-20 12:05 UTC after 2 h 5 min");
  expect(closed.message).toContain("✓ Disk sda of db-1 is 97 % full (value 97) (resolved)");
  expect(closed.message).not.toContain("Over (");
});

test.each([
  ["the first message", "open", undefined, 5],
  ["another alert", "update", [anAlert()], 5],
  ["one alert less", "update", [], 2],
  ["a reminder", "remind", [], 5],
] as const)("%s has the priority it deserves", (_, action, firing, priority) => {
  const changes = firing && { firing, moreFiring: 0, closed: [anAlert({ state: "resolved" })], moreClosed: 0 };
  const message = aMessage(changes && { changes });
  expect(ntfyMessage("alerts", aRequest({ action, message })).priority).toBe(priority);
});

test("many alerts are cut to what fits, and the rest is counted", () => {
  const alerts = Array.from({ length: 50 }, (_, i) => anAlert({ summary: `Disk ${i} is full ${"🔥".repeat(80)}` }));
  const { message } = ntfyMessage("alerts", aRequest({ message: aMessage({ alerts, moreAlerts: 950 }) }));
  const shown = message.split("\n").filter((line) => line.startsWith("• ")).length;
  expect(shown).toBeGreaterThan(5);
  expect(message).toContain(`and ${1000 - shown} more alerts`);
  expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096);
});

test("an address that is too long is left out, not cut off", () => {
  const long = `https://example.org/${"x".repeat(2000)}`;
  const links = { watchkeeper: long, runbook: "https://example.org/runbook", dashboard: long };
  const sent = ntfyMessage("alerts", aRequest({ message: aMessage({ links }) }));
  expect(sent.click).toBe("https://example.org/runbook");
  expect(sent.actions?.map(({ label }) => label)).toEqual(["Runbook"]);
});

test("the plain form has text only", () => {
  const keys = Object.keys(ntfyMessage("alerts", aRequest({ plain: true })));
  expect(keys).toEqual(["topic", "sequence_id", "title", "message", "priority"]);
});

test("whatever the alerts hold, the message is one that ntfy takes", () => {
  fc.assert(
    fc.property(hostileMessage, fc.boolean(), (message, plain) => {
      const sent = ntfyMessage("alerts", aRequest({ message, plain }));
      expect(Buffer.byteLength(sent.message)).toBeLessThanOrEqual(4096);
      expect(Buffer.byteLength(sent.title)).toBeLessThanOrEqual(1024);
      expect([...sent.title].length).toBeLessThanOrEqual(250);
      expect(sent.message).not.toBe("");
      expect(`${sent.title}${sent.message}`.isWellFormed()).toBe(true);
      // oxlint-disable-next-line no-control-regex
      expect(`${sent.title}${sent.message}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e\u2066-\u2069]/);
      expect(sent.actions?.length ?? 0).toBeLessThanOrEqual(3);
      expect(Buffer.byteLength((sent.tags ?? []).join(""))).toBeLessThanOrEqual(512);
      expect(Buffer.byteLength(JSON.stringify(sent))).toBeLessThanOrEqual(16_384);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("what was found has a button, in place of the dashboard that its page leads to", () => {
  const { links } = aMessage();
  const message = aMessage({ links: { ...links, evidence: "https://w.example.org/evidence/1" } });
  const { actions } = ntfyMessage("alerts", aRequest({ message }));
  expect(actions?.map(({ label }) => label)).toEqual(["Runbook", "Evidence", "Silence"]);
});
