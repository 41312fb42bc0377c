import { expect, it } from "vitest";
import type { Entity } from "../../core/evidence.ts";
import { isAbout } from "./about.ts";

const entity = (kind: Entity["kind"], name: string, labels: Entity["labels"], also: Entity["also"] = []): Entity => ({
  kind,
  name,
  distance: 0,
  because: "named by a label",
  labels,
  also,
});

it("tells things of one name apart by the labels that name them", () => {
  const service = entity("service", "shop", { service: "shop" });
  const namespace = entity("namespace", "shop", { namespace: "shop" });
  expect(isAbout({ service: "shop" }, service)).toBe(true);
  expect(isAbout({ service: "shop" }, namespace)).toBe(false);
  expect(isAbout({ namespace: "shop", service: "mail" }, service)).toBe(false);
  expect(isAbout({ namespace: "shop", service: "mail" }, namespace)).toBe(true);
});

it("does not take the service of another namespace or target for it", () => {
  const shop = entity("service", "shop", { namespace: "prod", service: "shop" });
  expect(isAbout({ namespace: "prod", deployment: "shop" }, shop)).toBe(true);
  expect(isAbout({ namespace: "test", deployment: "shop" }, shop)).toBe(false);
  expect(isAbout({ deployment: "shop" }, shop)).toBe(true);
});

it("knows a thing by the labels that find its metrics, and by its own labels of an alert", () => {
  const guest = entity("guest", "db", { target: "home", name: "db" }, [{ target: "home", id: "qemu/100" }]);
  expect(isAbout({ target: "home", id: "qemu/100", job: "pve" }, guest)).toBe(true);
  expect(isAbout({ target: "away", id: "qemu/100" }, guest)).toBe(false);
  expect(isAbout({ target: "home" }, entity("node", "pve1", { target: "home" }))).toBe(false);
  expect(isAbout({ shard: "blue" }, entity("service", "blue", { shard: "blue" }))).toBe(true);
  expect(isAbout({ instance: "pve1:9100" }, entity("node", "pve1", { instance: "pve1" }))).toBe(true);
});
