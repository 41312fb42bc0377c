import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";

const CONTENT = "nodes/pve1/storage/pbs/content?content=backup";

test("without rights lists are empty, nodes have no figures, and the rest is forbidden", async () => {
  const { lab, rows, ask } = await openLab();
  const token = lab.createToken();
  expect(await rows("cluster/resources?type=vm", { token })).toEqual([]);
  expect(await rows("cluster/resources?type=storage", { token })).toEqual([]);
  expect(await rows("nodes/pve1/qemu", { token })).toEqual([]);
  expect(await rows("nodes/pve1/storage", { token })).toEqual([]);
  expect(await rows("nodes/pve1/tasks", { token })).toEqual([]);
  expect((await rows("cluster/resources?type=node", { token }))[0]).toEqual({
    id: "node/pve1",
    node: "pve1",
    type: "node",
    status: "online",
    level: "c",
    hastate: "online",
  });
  expect((await ask("access/permissions", { token })).data).toEqual({});
  expect((await ask("nodes/pve1/subscription", { token })).data).not.toHaveProperty("nextduedate");
  const forbidden = [
    ["cluster/status", "/, Sys.Audit"],
    ["cluster/backup", "/, Sys.Audit"],
    ["cluster/ceph/status", "/, Sys.Audit|Datastore.Audit"],
    ["nodes/pve1/status", "/nodes/pve1, Sys.Audit"],
    ["nodes/pve1/disks/zfs", "/, Sys.Audit"],
    ["nodes/pve1/disks/list", "/nodes/pve1, Sys.Audit"],
    ["nodes/pve1/qemu/100/config", "/vms/100, VM.Audit"],
    ["nodes/pve1/replication", "/vms/100, VM.Audit"],
    [CONTENT, "/storage/pbs, Datastore.Audit|Datastore.AllocateSpace"],
  ] as const;
  for (const [path, what] of forbidden) {
    const { status, reason } = await ask(path, { token });
    expect([path, status, reason]).toEqual([path, 403, `Permission check failed (${what})`]);
  }
});

test("an auditor sees everything but backups on storages and updates", async () => {
  const { lab, rows, ask } = await openLab();
  const token = lab.createToken({ role: "PVEAuditor" });
  expect(await rows("cluster/resources?type=vm", { token })).toHaveLength(40);
  expect(await rows(CONTENT, { token })).toEqual([]);
  expect((await ask("nodes/pve1/apt/update", { token })).status).toBe(403);
  expect((await rows(CONTENT)).length).toBeGreaterThan(100);
  const modifier = lab.createToken({ privileges: ["Sys.Modify"], path: "/nodes/pve1" });
  expect((await rows("nodes/pve1/apt/update", { token: modifier })).length).toBeGreaterThan(0);
  expect((await ask("nodes/pve2/apt/update", { token: modifier })).status).toBe(403);
});

test("the nearest entry decides, and one that is not passed on counts for its own path alone", async () => {
  const { lab, rows, ask } = await openLab();
  const one = lab.createToken({ privileges: ["VM.Audit"], path: "/vms/103" });
  expect((await rows("cluster/resources?type=vm", { token: one })).map(({ vmid }) => vmid)).toEqual([103]);
  const root = lab.createToken({ privileges: ["Sys.Audit"], path: "/", propagate: false });
  expect((await ask("cluster/status", { token: root })).status).toBe(200);
  expect((await ask("nodes/pve1/status", { token: root })).status).toBe(403);
  expect((await ask("access/permissions", { token: root })).data).toEqual({ "/": { "Sys.Audit": 0 } });
});

test("a pool passes its rights to its guests", async () => {
  const { lab, rows } = await openLab();
  const token = lab.createToken({ privileges: ["VM.Audit"], path: "/pool/prod" });
  const seen = await rows("cluster/resources?type=vm", { token });
  expect(new Set(seen.map(({ pool }) => pool))).toEqual(new Set(["prod"]));
});

test.each([
  ["8.4", false],
  ["9.1", true],
] as const)("the auditor of release %s may ask guest agents: %s", async (version, may) => {
  const { lab, ask } = await openLab({ version });
  const token = lab.createToken({ role: "PVEAuditor" });
  const { data } = await ask("access/permissions", { token });
  const { "/": root } = data as { "/": Record<string, number> };
  expect([root["Sys.Audit"], "VM.GuestAgent.Audit" in root]).toEqual([1, may]);
});
