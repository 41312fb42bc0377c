import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it, vi } from "vitest";
import { describeReal } from "../helpers/describe-real.ts";
import { startOpenBao, type OpenBaoCluster } from "../helpers/openbao.ts";

describeReal("an OpenBao cluster", ["bao"], () => {
  let cluster: OpenBaoCluster;

  beforeAll(async () => {
    cluster = await startOpenBao({ nodes: 3 });
    return () => cluster.close();
  });

  const health = (): Promise<number[]> => Promise.all(cluster.nodes.map((node) => node.health()));

  it("has an active node and two voting standbys, so that one may fail", async () => {
    expect((await health()).toSorted()).toEqual([200, 429, 429]);
    const { body } = await cluster.api("GET", "sys/storage/raft/autopilot/state");
    expect(body).toMatchObject({ data: { healthy: true, failure_tolerance: 1 } });
    expect(await readFile(cluster.caFile, "utf8")).toBe(cluster.caPem);
  });

  it("answers the API on each node, with the token that is given", async () => {
    await cluster.api("POST", "sys/mounts/store", { type: "kv" });
    for (const node of cluster.nodes) {
      // What was changed reaches the standbys a little later.
      await vi.waitFor(() => cluster.api("PUT", "store/a", { colour: "green" }, { node }), { timeout: 10_000 });
    }
    expect(await cluster.api("GET", "store/a")).toMatchObject({ status: 200, body: { data: { colour: "green" } } });
    expect((await cluster.api("DELETE", "store/a")).body).toBeUndefined();
    await expect(cluster.api("GET", "store/a", undefined, { token: "" })).rejects.toThrow(
      /^GET https:\/\/127\.0\.0\.1:\d+\/v1\/store\/a was answered 403: .*permission denied/,
    );
    expect(await cluster.api("GET", "store/a", undefined, { anyStatus: true })).toMatchObject({ status: 404 });
  });

  it("writes metrics and an audit log on each node", async () => {
    for (const node of cluster.nodes) {
      const { body } = await cluster.api("GET", "sys/metrics?format=prometheus", undefined, { node });
      expect(body).toContain("vault_core_unsealed");
      expect(await readFile(join(node.folder, "audit.log"), "utf8")).toContain('"type":"response"');
    }
  });

  it("fails over when the active node is sealed, and takes it back", async () => {
    const before = await cluster.active();
    await before.seal();
    expect(await before.health()).toBe(503);
    expect(await cluster.active()).not.toBe(before);
    await before.unseal();
    await cluster.untilHealthy();
    expect(await before.health()).toBe(429);
  });

  it("seals a standby", async () => {
    const active = await cluster.active();
    const standby = cluster.nodes.find((node) => node !== active);
    await standby?.seal();
    expect((await health()).toSorted()).toEqual([200, 429, 503]);
    await standby?.unseal();
    await cluster.untilHealthy();
  });

  it("fails over when the active node is frozen, and takes it back", async () => {
    const before = await cluster.active();
    await before.pause();
    expect(await cluster.active()).not.toBe(before);
    before.resume();
    await vi.waitFor(async () => expect(await before.health()).toBe(429), { timeout: 10_000 });
    await cluster.untilHealthy();
  });

  it("has a node that is sealed after a restart, and takes it back", async () => {
    const [first] = cluster.nodes;
    await first?.stop();
    await expect(first?.health()).rejects.toThrow("ECONNREFUSED");
    await first?.start();
    expect(await first?.health()).toBe(503);
    await first?.unseal();
    await cluster.untilHealthy();
  });
});
