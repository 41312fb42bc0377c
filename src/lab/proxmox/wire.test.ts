import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";

test("answers are wrapped in data, numbers come as text where a real node sends text", async () => {
  const { ask } = await openLab();
  const { status, body, data } = await ask("nodes/pve2/status");
  expect(status).toBe(200);
  expect(Object.keys(JSON.parse(body) as object)).toEqual(["data"]);
  expect(data).toMatchObject({
    loadavg: [expect.stringMatching(/^\d+\.\d\d$/), expect.any(String), expect.any(String)] as unknown[],
    cpuinfo: { mhz: expect.any(String) as string },
    cpu: expect.any(Number) as number,
    memory: { available: expect.any(Number) as number },
  });
});

test("a token that is missing, unknown or wrong is answered 401 with an empty body and the reason in the status line", async () => {
  const { ask, lab } = await openLab();
  const refusal = async (token: { id: string; secret: string } | null) => {
    const { status, reason, body } = await ask("version", { token });
    return [status, reason, body];
  };
  expect(await refusal(null)).toEqual([401, "No ticket", ""]);
  expect(await refusal({ id: "a@pve!b", secret: "x" })).toEqual([401, "no such token 'b' for user 'a@pve'", ""]);
  expect(await refusal({ id: lab.tokenId, secret: "x" })).toEqual([401, "invalid token value!", ""]);
  lab.revoke(lab.tokenId);
  expect(await refusal({ id: lab.tokenId, secret: lab.tokenSecret })).toEqual([
    401,
    "no such token 'lab' for user 'watchkeeper@pve'",
    "",
  ]);
});

test("a refused token waits for its answer as long as the lab is told", async () => {
  const { ask } = await openLab({ timing: { authDelayMs: 60 } });
  const start = performance.now();
  await ask("version", { token: null });
  expect(performance.now() - start).toBeGreaterThan(50);
});

test.each([
  ["8.4", '{"data":null}'],
  ["9.1", '{"data":null,"message":"Permission check failed (/nodes/pve1, Sys.Modify)\\n"}'],
] as const)("release %s says why a call is forbidden in the status line", async (version, body) => {
  const { ask } = await openLab({ version });
  const answer = await ask("nodes/pve1/apt/update");
  expect(answer).toMatchObject({ status: 403, reason: "Permission check failed (/nodes/pve1, Sys.Modify)", body });
});

test("unknown paths, methods, nodes and parameters are refused as a real node refuses them", async () => {
  const { ask } = await openLab();
  const seen = async (path: string, method?: string) => {
    const { status, reason } = await ask(path, method === undefined ? {} : { method });
    return [status, reason];
  };
  expect(await seen("x")).toEqual([501, "Method 'GET /x' not implemented"]);
  expect(await seen("version", "PUT")).toEqual([501, "Method 'PUT /version' not implemented"]);
  expect(await seen("nodes/other/status")).toMatchObject([500, expect.stringContaining("hostname lookup 'other'")]);
  expect(await seen("nodes/pve1/tasks?nonsense=1")).toEqual([400, "Parameter verification failed."]);
  expect(await seen("cluster/resources?type=qemu")).toEqual([400, "Parameter verification failed."]);
  expect(await seen("nodes/pve1/qemu/999/config")).toEqual([
    500,
    "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist",
  ]);
});

test("the content of a storage is in another order from call to call", async () => {
  const { rows } = await openLab();
  const orders = new Set<unknown>();
  for (let call = 0; call < 20; call += 1) {
    const nfs = (await rows("cluster/resources?type=storage")).find(({ id }) => id === "storage/pve1/nfs");
    orders.add(nfs?.["content"]);
  }
  expect(orders.size).toBeGreaterThan(1);
  const sorted = [...orders].map((order) => String(order).split(",").toSorted().join());
  expect(new Set(sorted)).toEqual(new Set(["backup,images,iso,snippets,vztmpl"]));
});

test("what the releases differ in", async () => {
  const [old, current] = [await openLab({ version: "8.4" }), await openLab()];
  const seen = async ({ rows, ask }: typeof old) => {
    const [vm] = await rows("nodes/pve1/qemu");
    const [container] = await rows("nodes/pve1/lxc");
    const resources = await rows("cluster/resources");
    const { memory } = (await ask("nodes/pve1/status")).data as { memory: object };
    const { monmap } = (await ask("cluster/ceph/status")).data as { monmap: object };
    return [
      "memhost" in (vm ?? {}),
      "pressurecpusome" in (vm ?? {}),
      typeof container?.["vmid"],
      resources.some(({ type }) => type === "network"),
      resources.some(({ type }) => type === "sdn"),
      "available" in memory,
      "mons" in monmap,
    ];
  };
  expect(await seen(old)).toEqual([false, false, "string", false, true, false, true]);
  expect(await seen(current)).toEqual([true, true, "number", true, false, true, false]);
});

test("every node has a port of its own and one state, and is the local one of its own answers", async () => {
  const { lab, rows } = await openLab();
  const locals = await Promise.all(
    lab.nodes.map(async (node) => (await rows("cluster/status", { node })).find(({ local }) => local === 1)?.["name"]),
  );
  expect(locals).toEqual(["pve1", "pve2", "pve3"]);
  expect(new Set(lab.nodes.map(({ port }) => port)).size).toBe(3);
  Object.assign(lab.state.guests[0] ?? {}, { name: "changed" });
  const names = await Promise.all(
    lab.nodes.map(async (node) => (await rows("cluster/resources?type=vm", { node }))[0]),
  );
  expect(names.map((row) => row?.["name"])).toEqual(["changed", "changed", "changed"]);
});

test("the fingerprints that nodes tell are those of the certificates that they show", async () => {
  const { lab, rows } = await openLab();
  const told = (await rows("nodes")).map(({ ssl_fingerprint }) => ssl_fingerprint);
  expect(told).toEqual(lab.nodes.map(({ fingerprint }) => fingerprint));
  const certificates = await rows("nodes/pve2/certificates/info");
  const served = certificates.find(({ filename }) => filename === "pve-ssl.pem");
  expect(served?.["fingerprint"]).toBe(lab.node("pve2").fingerprint);
  expect(lab.node("pve2").fingerprint).toMatch(/^([\dA-F]{2}:){31}[\dA-F]{2}$/);
});

test("a test can change what a path answers, and every row of a guest", async () => {
  const { lab, rows, ask } = await openLab();
  lab.rewrite("/cluster/resources", (data) => (data as { type: string }[]).filter(({ type }) => type === "node"));
  expect(await rows("cluster/resources")).toHaveLength(3);
  lab.rewrite("/cluster/resources", undefined);
  Object.assign(lab.state.guests[0] ?? {}, { odd: { mem: "12345", cpu: undefined } });
  const [guest] = await rows("cluster/resources?type=vm");
  expect(guest?.["mem"]).toBe("12345");
  expect(guest).not.toHaveProperty("cpu");
  lab.rewrite("/cluster/status", () => null);
  expect(await ask("cluster/status")).toMatchObject({ status: 200, data: null });
});

test("requests are counted by token, by path and by node", async () => {
  const { lab, ask } = await openLab();
  const other = lab.createToken({ role: "PVEAuditor" });
  await ask("version");
  await ask("cluster/resources?type=vm", { token: other });
  await ask("cluster/resources", { token: other, node: lab.nodes[1] });
  await ask("version", { token: null });
  expect(lab.calls(other.id)).toEqual({
    total: 2,
    byPath: { "/cluster/resources": 2 },
    byNode: { pve1: 1, pve2: 1 },
  });
  expect(lab.calls().total).toBe(4);
  lab.resetCalls();
  expect(lab.calls()).toEqual({ total: 0, byPath: {}, byNode: {} });
});

test("kept answers show a change after touch", async () => {
  const { lab, ask } = await openLab({ cached: true, nodes: 1, guests: 1 });
  const before = await ask("nodes/pve1/status");
  Object.assign(lab.state.nodes[0] ?? {}, { uptime: 1 });
  lab.touch();
  expect(before.data).not.toMatchObject({ uptime: 1 });
  expect((await ask("nodes/pve1/status")).data).toMatchObject({ uptime: 1 });
});

test("tasks are listed by the filters, and logs by the page", async () => {
  const { rows, ask, lab } = await openLab();
  const vzdump = await rows("nodes/pve1/tasks?typefilter=vzdump");
  expect(vzdump.map(({ id }) => id)).toEqual(["100", "", ""]);
  expect((await rows("nodes/pve1/tasks?source=active")).map(({ status }) => status)).toEqual(["RUNNING"]);
  expect((await rows("nodes/pve1/tasks?errors=1")).map(({ type }) => type)).toEqual(["vncproxy"]);
  const newest = Number(vzdump[0]?.["starttime"]);
  expect(await rows(`nodes/pve1/tasks?typefilter=vzdump&since=${newest}`)).toHaveLength(1);
  const path = `nodes/pve1/tasks/${encodeURIComponent(String(vzdump[1]?.["upid"]))}/log`;
  expect(await rows(path)).toHaveLength(50);
  const [next] = await rows(`${path}?start=50&limit=500`);
  expect(next).toMatchObject({ n: 51, t: expect.any(String) as string });
  const task = lab.state.tasks.find(({ upid }) => upid === vzdump[1]?.["upid"]);
  expect(await rows(`${path}?limit=1000`)).toHaveLength(task?.log.length ?? 0);
  expect((await ask("nodes/pve2/tasks/UPID:none/log")).status).toBe(400);
});

test("a node's clock tells its zone", async () => {
  const { lab, ask } = await openLab();
  Object.assign(lab.state.nodes[1] ?? {}, { timezone: "Asia/Kolkata" });
  const { time, localtime } = (await ask("nodes/pve2/time")).data as { time: number; localtime: number };
  expect(localtime - time).toBe(5.5 * 3600);
});

test("a lab is of a sensible size", async () => {
  await expect(openLab({ nodes: 33 })).rejects.toThrow("the lab has 1 to 32 nodes, not 33");
  await expect(openLab({ guests: 2001 })).rejects.toThrow("0 to 2000 guests");
});
