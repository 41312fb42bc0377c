import { expect, it } from "vitest";
import type { TraceSpan } from "../../core/telemetry.ts";
import { placeOf } from "./place.ts";
import { readRequest } from "./request.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const MINUTE = 60_000;
const span = (startsAt: number): TraceSpan => ({
  spanId: "ab",
  service: "shop",
  name: "GET /",
  kind: "server",
  status: "ok",
  startsAt,
  durationMs: 5,
  attributes: {},
  events: [],
});

it.each([-120, -3, 0, 3, 10, 120])("a place may be asked for where its span begins %s minutes from now", (minutes) => {
  const { window } = placeOf([span(NOW + minutes * MINUTE)], [], NOW) ?? { window: { from: 0, to: 0 } };
  expect(window.from).toBeLessThan(window.to);
  expect(window.to).toBeLessThanOrEqual(NOW);
  const [from, to] = [window.from, window.to].map((at) => new Date(at).toISOString());
  expect(readRequest({ labels: { service: "shop" }, from, to }, NOW)).toMatchObject({ window });
});
