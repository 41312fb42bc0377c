import { expect, it } from "vitest";
import { packs } from "./index.ts";

const relations = packs.flatMap(({ id, relations: own = [] }) => own.map((relation) => ({ id, ...relation })));

it("has relations of every system whose things stand on each other", () => {
  const systems = packs.flatMap(({ id, collector }) => (collector === undefined ? [] : [id]));
  expect([...new Set(relations.map(({ id }) => id))]).toEqual(systems);
});

it.each(relations)(
  "$id: $metric.name says that a $from.kind $says a $to.kind, by labels that it has",
  ({ id, metric, from, to }) => {
    const parts = packs.find((pack) => pack.id === id)?.collector?.parts ?? [];
    expect(parts.flatMap((part) => Object.values(part.metrics))).toContain(metric);
    const labels = [...metric.labels, "target"];
    for (const { label, by = [] } of [from, to]) expect(labels).toEqual(expect.arrayContaining([label, ...by]));
  },
);
