import { expect, it } from "vitest";
import { proxmoxCollector } from "./collector.ts";
import { proxmoxConfig } from "./config.ts";

it("polls all parts at once unless told otherwise, so that none waits for one that hangs", () => {
  const config = { name: "x", nodes: ["https://a:8006"], token_id: "a@pve!b", token_secret: "hunter2" };
  expect(proxmoxConfig.parse(config).concurrency).toBeGreaterThanOrEqual(proxmoxCollector.parts.length);
  expect(proxmoxConfig.parse({ ...config, concurrency: 2 }).concurrency).toBe(2);
});

it.each([
  ["a path in a URL", { nodes: ["https://a:8006/api2/json"] }, "without a path"],
  ["one fingerprint for several nodes", { nodes: ["https://a", "https://b"], fingerprint: "ab".repeat(32) }, "ca_file"],
])("refuses %s", (_, wrong, hint) => {
  const config = { name: "x", token_id: "a@pve!b", token_secret: "hunter2", ...wrong };
  expect(proxmoxConfig.safeParse(config).error?.message).toContain(hint);
});
