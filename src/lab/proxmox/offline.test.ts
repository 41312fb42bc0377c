import { expect, test } from "vitest";
import type { Row } from "./__fixtures__/client.ts";
import { openLab } from "./__fixtures__/client.ts";

const FIVE_MINUTES = 300_000;
const byId = (rows: readonly Row[], id: string): Row | undefined => rows.find((row) => row["id"] === id);

test("a dead node keeps what does not change, then loses it, and never says 0", async () => {
  const { lab, rows, pass } = await openLab();
  const live = byId(await rows("cluster/resources"), "node/pve3");
  expect(live).toMatchObject({ status: "online", cpu: expect.any(Number) as number });
  await lab.node("pve3").stop();
  const dead = byId(await rows("cluster/resources"), "node/pve3");
  expect(dead).toMatchObject({ status: "offline", maxcpu: 16, maxmem: expect.any(Number) as number });
  for (const key of ["uptime", "cpu", "mem", "disk"]) expect(dead).not.toHaveProperty(key);
  pass(FIVE_MINUTES);
  const forgotten = byId(await rows("cluster/resources"), "node/pve3");
  expect(forgotten).toMatchObject({ status: "offline" });
  for (const key of ["maxcpu", "maxmem", "maxdisk", "level"]) expect(forgotten).not.toHaveProperty(key);
});

test("guests and storages of a dead node keep their last figures for five minutes and are unknown after", async () => {
  const { lab, rows, pass } = await openLab();
  const guest = lab.state.guests.find(({ node }) => node === "pve3");
  const id = `${guest?.type}/${guest?.vmid}`;
  const before = byId(await rows("cluster/resources"), id);
  await lab.node("pve3").stop();
  pass(FIVE_MINUTES - 1);
  expect(byId(await rows("cluster/resources"), id)).toEqual(before);
  pass(1);
  const after = await rows("cluster/resources");
  expect(byId(after, id)).toMatchObject({ status: "unknown", node: "pve3", vmid: guest?.vmid });
  for (const key of ["name", "template", "mem", "maxmem", "cpu", "uptime"]) {
    expect(byId(after, id)).not.toHaveProperty(key);
  }
  const storage = byId(after, "storage/pve3/local");
  expect(storage).toMatchObject({ status: "unknown" });
  expect(storage).not.toHaveProperty("disk");
  expect(storage).not.toHaveProperty("maxdisk");
});

test("a live node that sends no statistics is unknown, not offline", async () => {
  const { lab, rows, pass } = await openLab();
  Object.assign(lab.state.nodes[1] ?? {}, { silentSinceMs: Date.UTC(2026, 10, 23, 12) });
  pass(FIVE_MINUTES);
  expect(byId(await rows("cluster/resources"), "node/pve2")).toMatchObject({ status: "unknown" });
  expect(byId(await rows("cluster/status"), "node/pve2")).toMatchObject({ online: 1 });
});

test("the level of a dead node is forgotten in the cluster's status as well, which is no change of subscription", async () => {
  const { lab, rows, pass } = await openLab();
  const level = async () => byId(await rows("cluster/status"), "node/pve2")?.["level"];
  await lab.node("pve2").stop();
  expect(await level()).toBe("c");
  pass(FIVE_MINUTES);
  expect(await level()).toBe("");
});

test("a call for a dead node is given up after the proxy's time with 595, and its own port is closed", async () => {
  const { lab, ask } = await openLab({ timing: { proxyTimeoutMs: 50 } });
  await lab.node("pve3").stop();
  const start = performance.now();
  expect(await ask("nodes/pve3/status")).toMatchObject({ status: 595, reason: "No route to host" });
  expect(performance.now() - start).toBeGreaterThan(40);
  await expect(ask("version", { node: lab.nodes[2] })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await lab.node("pve3").start();
  expect((await ask("nodes/pve3/status")).status).toBe(200);
  expect((await ask("version", { node: lab.nodes[2] })).status).toBe(200);
});

test("a node whose web server hangs or refuses is online, and calls for it fail through the others", async () => {
  const { lab, ask, rows } = await openLab({ timing: { proxyTimeoutMs: 20 } });
  await lab.node("pve2").setFault({ kind: "hang" });
  expect(await ask("nodes/pve2/status")).toMatchObject({ status: 596, reason: "Connection timed out" });
  expect(byId(await rows("cluster/status"), "node/pve2")).toMatchObject({ online: 1 });
  await lab.node("pve2").setFault({ kind: "refused" });
  expect(await ask("nodes/pve2/status")).toMatchObject({ status: 595, reason: "Connection refused" });
  await lab.node("pve2").setFault(undefined);
  expect((await ask("nodes/pve2/status")).status).toBe(200);
});

test("closing the lab ends what waits for a dead node", async () => {
  const { lab, ask } = await openLab();
  await lab.node("pve3").stop();
  const waiting = ask("nodes/pve3/status").catch((error: unknown) => error);
  await expect.poll(() => lab.calls().byPath["/nodes/pve3/status"]).toBe(1);
  await lab.close();
  expect(await waiting).toBeDefined();
});

test("a standalone host has no cluster row, no high availability, and no quorum to lose", async () => {
  const { rows } = await openLab({ standalone: true });
  expect(await rows("cluster/status")).toEqual([
    { type: "node", id: "node/pve1", name: "pve1", nodeid: 0, ip: "10.10.10.11", local: 1, online: 1, level: "c" },
  ]);
  expect((await rows("cluster/ha/status/current")).map(({ type }) => type)).toEqual(["quorum"]);
  expect(await rows("cluster/config/nodes")).toEqual([]);
  expect(await rows("cluster/replication")).toEqual([]);
});

test("the local managers of dead nodes grow old, and the master moves to a living one", async () => {
  const { lab, rows, pass } = await openLab();
  const states = async () =>
    Object.fromEntries(
      (await rows("cluster/ha/status/current", { node: lab.nodes[1] })).map((row) => [row["id"], row]),
    );
  expect((await states())["master"]).toMatchObject({
    node: "pve1",
    status: expect.stringContaining("active") as string,
  });
  await lab.node("pve1").stop();
  pass(60_000);
  const after = await states();
  expect(after["master"]).toMatchObject({ node: "pve2" });
  expect(after["lrm:pve1"]).toMatchObject({ status: expect.stringContaining("old timestamp - dead?") as string });
  const { data } = await openStatus(lab.nodes[1]);
  expect(data).toMatchObject({ manager_status: { master_node: "pve2", node_status: { pve1: "unknown" } } });

  async function openStatus(node: (typeof lab.nodes)[number] | undefined) {
    return { data: await rows("cluster/ha/status/manager_status", { node }) };
  }
});
