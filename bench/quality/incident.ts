import type { BundleQuestion, Entity, Readings } from "../../src/core/evidence.ts";
import { hours, minutes } from "../../src/core/duration.ts";
import { simulateShop } from "../../src/lab/shop/shop.ts";
import type { Shop, ShopFault } from "../../src/lab/shop/contract.ts";
import { readLogs } from "./log-reading.ts";
import { readMetrics } from "./metric-reading.ts";
import { readTraces } from "./trace-reading.ts";

/** A question about a shop, and what the sources would answer. */
export interface Incident {
  readonly shop: Shop;
  readonly question: BundleQuestion;
  readonly readings: Readings;
}

/** A Tuesday; each seed begins at another hour of the week. */
const BEGINNING = Date.UTC(2026, 8, 1);
/** The limits of the configuration as it is given. */
const LIMITS = { lines: 10_000, series: 1_000, traces: 20 };
const MOST_WEEK = 168;

/** Runs a shop of the seed, with a fault or without, and asks about its alert as the service does. */
export function makeIncident(seed: number, fault: ShopFault | undefined): Incident {
  const faultAt = BEGINNING + ((seed * 37) % MOST_WEEK) * hours(1) + ((seed * 7) % 60) * minutes(1);
  const shop = simulateShop({
    seed,
    fault,
    from: faultAt - minutes(85),
    faultAt,
    to: faultAt + minutes(20),
  });
  const question = questionOf(shop, seed);
  return { shop, question, readings: readingsOf(shop, question) };
}

/** What is asked about the shop's alert: ten minutes before it and five after it, and the hour before. */
export function questionOf({ alert, services }: Pick<Shop, "alert" | "services">, seed: number): BundleQuestion {
  const from = alert.startsAt - minutes(10);
  const { service = "", node, namespace = "" } = alert.labels;
  const { calls = [], calledBy = [] } = services.find(({ name }) => name === service) ?? {};
  const neighbours = [...new Set([...calls, ...calledBy])];
  const entities = [
    entity("service", service, 0, { namespace, service }),
    ...(node === undefined ? [] : [entity("node", node, 0, { node })]),
    ...neighbours.map((name) => entity("service", name, 1, { namespace, service: name })),
  ];
  return {
    alert: { groupId: "1", fingerprint: "1", name: alert.name, labels: alert.labels, startsAt: alert.startsAt },
    scope: {
      entities,
      filter: {
        services: [service, ...neighbours],
        namespaces: [namespace],
        pods: [],
        hosts: node === undefined ? [] : [node],
      },
      notes: [],
    },
    window: { from, to: alert.startsAt + minutes(5) },
    baseline: { from: from - hours(1), to: from },
    limits: LIMITS,
    seed,
  };
}

const entity = (kind: Entity["kind"], name: string, distance: number, labels: Entity["labels"]): Entity => ({
  kind,
  name,
  distance,
  because: distance === 0 ? `label ${kind} of the alert` : "a call between them",
  labels,
});

function readingsOf(shop: Shop, question: BundleQuestion): Readings {
  const { scope, window, baseline, limits, seed } = question;
  const times = { window, baseline };
  const subjects = scope.entities.map(({ labels }) => labels);
  const callees = shop.services
    .filter(({ name }) => scope.filter.services.includes(name))
    .flatMap(({ calls }) => calls);
  const changes = shop.changes.filter(({ at }) => at >= baseline.from && at < window.to);
  const read = <Reading>(reading: Reading): { state: "read"; reading: Reading; tookMs: number } => ({
    state: "read",
    reading,
    tookMs: 0,
  });
  return {
    logs: read(readLogs(shop.lines, { ...times, filter: scope.filter, lines: limits.lines, seed })),
    traces: read(readTraces(shop.spans, { ...times, filter: scope.filter, traces: limits.traces }, callees)),
    metrics: read(readMetrics(shop.families, { ...times, subjects, series: limits.series })),
    changes: read({ changes, notes: [], queries: [] }),
  };
}
