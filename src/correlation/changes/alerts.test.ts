import { expect, it } from "vitest";
import type { AlertGroup, GroupAlert } from "../../core/alert-group.ts";
import { alertChanges } from "./alerts.ts";
import { storedChanges } from "./stored.ts";

const window = { from: 1_000, to: 2_000 };
const signal = AbortSignal.timeout(10_000);

const alert = (alertname: string, startsAt: number, changes: Partial<GroupAlert> = {}): GroupAlert => ({
  fingerprint: alertname,
  state: "firing",
  labels: { alertname, target: "lab" },
  annotations: {},
  startsAt,
  links: {},
  origin: "o",
  seenAt: startsAt,
  ...changes,
});
const group = (...alerts: readonly GroupAlert[]): AlertGroup => ({
  id: "g",
  kind: "alertmanager",
  source: "main",
  route: "r",
  receiver: "x",
  groupKey: "k",
  labels: {},
  alerts,
  truncated: {},
  revision: 1,
  createdAt: 0,
  updatedAt: 0,
});
const read = async (groups: readonly AlertGroup[], options = {}) =>
  alertChanges({ groups: () => Promise.resolve(groups), ...options }).read(window, signal);
const asked = { fingerprint: "NodeDown", labels: { alertname: "NodeDown", target: "lab" } };

it("tells alerts that began in the window, each once, whatever became of them", async () => {
  const late = alert("Late", 1_500, {
    state: "resolved",
    annotations: { summary: "Late\nby 5" },
    links: { source: "http://p/graph", dashboard: "http://g/d" },
  });
  const { changes } = await read([
    group(alert("Before", 999), late, alert("First", 1_000)),
    group(late, alert("After", 2_000)),
  ]);
  expect(changes).toEqual([
    {
      kind: "alert",
      at: 1_000,
      title: "First began to fire",
      labels: { alertname: "First", target: "lab" },
      source: "alerts",
    },
    {
      kind: "alert",
      at: 1_500,
      title: "Late began to fire: Late by 5",
      labels: { alertname: "Late", target: "lab" },
      source: "alerts",
      link: "http://g/d",
    },
  ]);
});

it("tells neither the asked one nor those that it makes needless", async () => {
  const inhibitions = [{ by: "NodeDown", silences: ["GuestDown"], equal: ["target"], because: "it runs there" }];
  const other = alert("GuestDown", 1_200, { fingerprint: "other", labels: { alertname: "GuestDown", target: "else" } });
  const groups = [group(alert("NodeDown", 1_100), alert("GuestDown", 1_200), other, alert("DiskFull", 1_300))];
  const { changes } = await read(groups, { asked, inhibitions });
  expect(changes.map(({ labels }) => [labels["alertname"], labels["target"]])).toEqual([
    ["GuestDown", "else"],
    ["DiskFull", "lab"],
  ]);
});

it("tells one that has other labels than those that the asked one makes needless", async () => {
  const inhibitions = [
    { by: "NodeDown", silences: ["PartFailing"], having: { part: "node" }, equal: [], because: "it is down" },
  ];
  const failing = (part: string) =>
    alert("PartFailing", 1_200, { fingerprint: part, labels: { alertname: "PartFailing", part } });
  const { changes } = await read([group(failing("node"), failing("disk"))], { asked, inhibitions });
  expect(changes.map(({ labels }) => labels["part"])).toEqual(["disk"]);
});

it("keeps the newest in a storm, and before them those of what is looked at", async () => {
  const many = Array.from({ length: 130 }, (_, i) =>
    alert(`A${i}`, 1_000 + i, { labels: { alertname: `A${i}`, target: i < 2 ? "shop" : "other" } }),
  );
  const { changes, notes } = await read([group(...many)]);
  expect(notes).toEqual(["30 more alerts began in this time and are not shown"]);
  expect([changes.length, changes[0]?.at, changes.at(-1)?.at]).toEqual([100, 1_030, 1_129]);
  const source = alertChanges({ groups: () => Promise.resolve([group(...many)]) });
  const named = await source.read(window, signal, new Set(["shop"]));
  expect(named.changes.map(({ at }) => at).slice(0, 3)).toEqual([1_000, 1_001, 1_032]);
  expect(named.changes).toHaveLength(100);
});

it("tells what the store keeps, and that there is more", async () => {
  const change = (at: number) => ({ kind: "deploy", at, title: "shop", labels: {}, source: "api" }) as const;
  const source = (count: number) =>
    storedChanges({
      changes: async (_window, limit) =>
        Array.from({ length: count }, (_, at) => ({ id: `${at}`, ...change(at) })).slice(-limit),
    });
  expect(await source(1).read(window, signal)).toEqual({ changes: [change(0)], notes: [], queries: [] });
  const { changes, notes } = await source(9_999).read(window, signal);
  expect([changes.length, changes.at(-1)?.at, notes.length]).toEqual([500, 9_998, 1]);
});
