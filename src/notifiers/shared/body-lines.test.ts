import fc from "fast-check";
import { expect, test } from "vitest";
import { aMessage, anAlert, hostileMessage } from "./__fixtures__/messages.ts";
import { bodyLines, type BodyLine } from "./body-lines.ts";

const measure = ({ text }: BodyLine): number => Buffer.byteLength(text) + 1;
const linesOf = (over: Parameters<typeof aMessage>[0], most = 4000) => bodyLines(aMessage(over), { most, measure });
const told = (lines: readonly BodyLine[]) => lines.map(({ kind, text }) => `${kind}: ${text}`);

test("facts come first, then what changed, the alerts with what explains them, and what was found", () => {
  const closed = anAlert({ state: "silenced", closedBecause: "silenced until 14:00 UTC", where: { disk: "sdc" } });
  const lines = linesOf({
    alerts: [
      anAlert({ description: "It fills up at 3 GB an hour." }),
      anAlert({ startsAt: Date.UTC(2026, 10, 20, 11) }),
      closed,
    ],
    changes: { firing: [anAlert()], moreFiring: 0, closed: [closed], moreClosed: 1 },
    evidence: ["14 errors\nin the log"],
  });
  expect(told(lines)).toEqual([
    "fact: critical, since 2026-11-20 10:00 UTC",
    "fact: team=storage",
    "fact: from homelab",
    "change: New: Disk sda of db-1 is 97 % full (value 97)",
    "change: Over (silenced until 14:00 UTC): Disk sda of db-1 is 97 % full [disk=sdc] (value 97)",
    "change: and 1 more over",
    "alert: Disk sda of db-1 is 97 % full (value 97)",
    "detail: It fills up at 3 GB an hour.",
    "alert: Disk sda of db-1 is 97 % full (value 97), since 2026-11-20 11:00 UTC",
    "closed: Disk sda of db-1 is 97 % full [disk=sdc] (value 97) (silenced until 14:00 UTC)",
    "evidence: 14 errors in the log",
  ]);
});

test("alerts that the sender left out are told of", () => {
  const lines = linesOf({ counts: { firing: 1, closed: 0, hidden: 12 }, moreAlerts: 3 });
  expect(told(lines).at(-1)).toBe("rest: and 3 more alerts, and 12 that the sender left out");
});

test("many changes leave room for the alerts", () => {
  const firing = Array.from({ length: 10 }, (_, i) => anAlert({ summary: `Disk ${i} ${"x".repeat(280)}` }));
  const lines = linesOf({ alerts: firing, changes: { firing, moreFiring: 90, closed: firing, moreClosed: 0 } }, 3000);
  const count = (kind: BodyLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  expect(count("change")).toBeGreaterThan(2);
  expect(count("alert")).toBeGreaterThan(2);
});

test("a text of 1 MB is cut, and whoever comes after it is still told of", () => {
  const huge = "Ünïcode 🔥 ".repeat(100_000);
  const alerts = [anAlert({ summary: huge, description: huge, where: { [huge]: huge } }), anAlert(), anAlert()];
  const lines = linesOf({ alerts, commonLabels: { huge }, evidence: [huge] });
  expect(lines.filter(({ kind }) => kind === "alert")).toHaveLength(3);
  expect(lines.reduce((sum, line) => sum + measure(line), 0)).toBeLessThanOrEqual(4000);
});

test("whatever the message holds, the lines stay within the bound, are one line each, and every alert is shown or counted", () => {
  fc.assert(
    fc.property(hostileMessage, fc.integer({ min: 1500, max: 8000 }), (message, most) => {
      const lines = bodyLines(message, { most, measure });
      expect(lines.reduce((sum, line) => sum + measure(line), 0)).toBeLessThanOrEqual(most);
      expect(lines.every(({ text }) => text.isWellFormed() && !text.includes("\n"))).toBe(true);
      const shown = lines.filter(({ kind }) => kind === "alert" || kind === "closed").length;
      const rest = message.alerts.length + message.moreAlerts - shown;
      const counted = lines.find(({ kind }) => kind === "rest")?.text.match(/^and (\d+) more alert/)?.[1];
      expect(Number(counted ?? 0)).toBe(rest);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("many alerts leave room for what was found, and nothing that was found leaves more room for them", () => {
  const alerts = Array.from({ length: 50 }, (_, i) => anAlert({ summary: `Disk ${i} ${"x".repeat(100)}` }));
  const count = (lines: readonly BodyLine[], kind: BodyLine["kind"]) => lines.filter((one) => one.kind === kind).length;
  const evidence = Array.from({ length: 8 }, (_, i) => `${i} ${"y".repeat(150)}`);
  const some = linesOf({ alerts, evidence });
  const none = linesOf({ alerts });
  expect(count(some, "evidence")).toBe(8);
  expect(count(some, "alert")).toBeGreaterThan(10);
  expect(count(none, "alert")).toBeGreaterThan(count(some, "alert") + 5);
});
