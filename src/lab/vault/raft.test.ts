import { expect, test } from "vitest";
import type { TestLab } from "./__fixtures__/client.ts";
import { openLab } from "./__fixtures__/client.ts";

interface AutopilotServer {
  readonly healthy: boolean;
  readonly status: string;
  readonly node_status: string;
  readonly last_contact: string;
  readonly last_index: number;
}

interface AutopilotState {
  readonly healthy: boolean;
  readonly failure_tolerance: number;
  readonly leader: string;
  readonly voters: readonly string[];
  readonly servers: Readonly<Record<string, AutopilotServer>>;
}

async function data<T>({ ask, lab }: TestLab, path: string, node = lab.active()): Promise<T> {
  return ((await ask(node, path, { token: lab.rootToken })).body as { data: T }).data;
}

const autopilot = (open: TestLab): Promise<AutopilotState> => data(open, "sys/storage/raft/autopilot/state");

async function heard(open: TestLab, node = open.lab.active()): Promise<readonly (readonly [string, unknown])[]> {
  const { nodes } = await data<{ nodes: { hostname: string; last_echo: string | null }[] }>(
    open,
    "sys/ha-status",
    node,
  );
  return nodes.map(({ hostname, last_echo }) => [hostname, last_echo === null ? null : Date.parse(last_echo)]);
}

test("sys/ha-status lists the active node first, says the same twice and on every node", async () => {
  const open = await openLab();
  const { ask, lab } = open;
  const { body } = await ask(lab.nodes[0], "sys/ha-status", { token: lab.rootToken });
  const { data: wrapped, nodes } = body as { data: { nodes: object[] }; nodes: object[] };
  expect(nodes).toEqual(wrapped.nodes);
  expect(nodes[0]).toEqual({
    hostname: "lab-0",
    api_address: lab.nodes[0]?.url,
    cluster_address: `https://${lab.nodes[0]?.clusterAddress}`,
    active_node: true,
    last_echo: null,
    version: "2.7.2",
    upgrade_version: "2.7.2",
  });
  expect((await heard(open)).map(([hostname]) => hostname)).toEqual(["lab-0", "lab-1", "lab-2"]);
  expect(await heard(open, lab.nodes[2])).toEqual(await heard(open));
  lab.nodes[1]?.setVersion("2.6.0");
  expect((await data<{ nodes: object[] }>(open, "sys/ha-status")).nodes[1]).toMatchObject({ version: "2.6.0" });
});

test("a standby is heard every five seconds, and forgotten fifteen seconds after it falls silent", async () => {
  const open = await openLab();
  const echo = async (): Promise<number> => open.now() - Number((await heard(open))[2]?.[1]);
  for (let second = 0; second < 12; second += 1) {
    expect(await echo()).toBeLessThan(5001);
    open.pass(1000);
  }
  const last = await echo();
  open.lab.nodes[2]?.seal();
  open.pass(14_000 - last);
  expect(await echo()).toBe(14_000);
  open.pass(1001);
  expect((await heard(open)).map(([hostname]) => hostname)).toEqual(["lab-0", "lab-1"]);
});

test("Vault's ha-status tells the skew of clocks", async () => {
  const open = await openLab({ flavour: "vault" });
  open.lab.nodes[1]?.setClockSkew(-2);
  const { nodes } = await data<{ nodes: object[] }>(open, "sys/ha-status");
  expect(nodes[1]).toMatchObject({ clock_skew_ms: -2000, echo_duration_ms: 1 });
});

test("the raft configuration has every peer, and its leader only while it leads", async () => {
  const open = await openLab();
  open.lab.nodes[2]?.setVoter(false);
  const peers = async (node = open.lab.nodes[1]): Promise<unknown> =>
    (await data<{ config: { servers: object[] } }>(open, "sys/storage/raft/configuration", node)).config.servers;
  const peer = (id: string, address: string, leader: boolean, voter: boolean): object => ({
    node_id: id,
    address,
    leader,
    protocol_version: "3",
    voter,
  });
  expect(await peers()).toEqual([
    peer("lab-0", "127.0.0.11:8201", true, true),
    peer("lab-1", "127.0.0.12:8201", false, true),
    peer("lab-2", "127.0.0.13:8201", false, false),
  ]);
  open.lab.nodes[0]?.seal();
  expect(await peers()).toMatchObject([{ leader: false }, { leader: false }, { leader: false }]);
});

test("autopilot finds a settled cluster healthy", async () => {
  const state = await autopilot(await openLab());
  expect(state).toMatchObject({
    healthy: true,
    failure_tolerance: 1,
    leader: "lab-0",
    voters: ["lab-0", "lab-1", "lab-2"],
  });
  expect(state.servers["lab-0"]).toMatchObject({ status: "leader", last_contact: "0s", last_index: 144 });
  expect(state.servers["lab-1"]).toMatchObject({
    status: "voter",
    node_status: "alive",
    node_type: "voter",
    version: "2.7.2",
  });
  expect(state.servers["lab-1"]?.last_contact).toMatch(/^\d+(\.\d+)?m?s$/);
});

test.each([
  [1, 0, true],
  [2, 0, true],
  [3, 1, true],
  [4, 1, true],
  [5, 2, true],
])("a cluster of %i can lose %i", async (nodes, failureTolerance, healthy) => {
  expect(await autopilot(await openLab({ nodes }))).toMatchObject({ failure_tolerance: failureTolerance, healthy });
});

test("a silent node is unhealthy after the threshold, and its index stands still", async () => {
  const open = await openLab({ lastContactThreshold: 3000 });
  open.lab.nodes[2]?.seal();
  const { last_index: index } = (await autopilot(open)).servers["lab-2"] ?? {};
  await open.ask(open.lab.active(), "sys/policies/acl/x", {
    method: "PUT",
    token: open.lab.rootToken,
    body: { policy: 'path "a" {}' },
  });
  open.pass(8001);
  const state = await autopilot(open);
  expect(state).toMatchObject({ healthy: false, failure_tolerance: 0 });
  expect(state.servers["lab-2"]).toMatchObject({ healthy: false, node_status: "alive", last_index: index });
  expect(state.servers["lab-1"]).toMatchObject({ last_index: 145 });
  open.lab.nodes[2]?.unseal();
  expect(await autopilot(open)).toMatchObject({ healthy: true, failure_tolerance: 1 });
});

test("a node that trails by more than a thousand entries is unhealthy", async () => {
  const open = await openLab();
  open.lab.nodes[1]?.setAppliedLag(1001);
  expect((await autopilot(open)).servers["lab-1"]).toMatchObject({ healthy: false });
});

test("a new active node has heard nobody at first, and a dead one never", async () => {
  const open = await openLab();
  await open.lab.nodes[0]?.stop();
  open.lab.elect();
  expect(await autopilot(open)).toMatchObject({
    healthy: false,
    failure_tolerance: 0,
    leader: "lab-1",
    servers: { "lab-0": { node_status: "left" }, "lab-2": { node_status: "left", last_contact: "0s", last_index: 0 } },
  });
  expect((await heard(open)).map(([hostname]) => hostname)).toEqual(["lab-1"]);
  open.pass(2001);
  expect((await autopilot(open)).servers).toMatchObject({
    "lab-0": { healthy: false, node_status: "alive", last_contact: "2.001s", last_index: 0, last_term: 0 },
    "lab-2": { healthy: true, node_status: "alive" },
  });
  expect((await heard(open)).map(([hostname]) => hostname)).toEqual(["lab-1", "lab-2"]);
});

test("a removed peer of OpenBao looks well from outside and is only missing among the peers", async () => {
  const open = await openLab();
  const { ask, lab } = open;
  const gone = lab.nodes[2];
  const removed = await ask(lab.nodes[1], "sys/storage/raft/remove-peer", {
    method: "POST",
    token: lab.rootToken,
    body: { server_id: "lab-2" },
  });
  expect(removed.status).toBe(204);
  open.pass(60_000);
  expect(await ask(gone, "sys/health")).toMatchObject({
    status: 429,
    body: { replication_performance_mode: "primary" },
  });
  expect((await ask(gone, "sys/leader")).body).toMatchObject({ raft_committed_index: 145, raft_applied_index: 144 });
  expect((await heard(open, gone)).map(([hostname]) => hostname)).toEqual(["lab-0", "lab-1", "lab-2"]);
  expect(Object.keys((await autopilot(open)).servers)).toEqual(["lab-0", "lab-1"]);
  expect(await autopilot(open)).toMatchObject({ healthy: true, failure_tolerance: 0 });
  gone?.joinRaft();
  expect(await autopilot(open)).toMatchObject({ healthy: true, failure_tolerance: 1 });
});

test("a removed peer of Vault seals itself and answers 530, one older than 1.19 goes on", async () => {
  const { ask, health, lab } = await openLab({ flavour: "vault" });
  lab.nodes[1]?.setVersion("1.18.5");
  lab.nodes[1]?.removeFromRaft();
  lab.nodes[2]?.removeFromRaft();
  expect(await health()).toEqual([200, 429, 530]);
  expect((await ask(lab.nodes[2], "sys/health")).body).toMatchObject({ sealed: true, removed_from_cluster: true });
  expect((await ask(lab.nodes[2], "sys/health?removedcode=299")).status).toBe(299);
});

test("removing needs a name, and one that nobody has is no failure", async () => {
  const { ask, lab } = await openLab();
  const remove = async (body: object): Promise<number> =>
    (await ask(lab.nodes[0], "sys/storage/raft/remove-peer", { method: "POST", token: lab.rootToken, body })).status;
  expect([await remove({}), await remove({ server_id: "nobody" })]).toEqual([400, 204]);
});

test.each([
  ["openbao", 404, "1 error occurred:\n\t* unsupported path\n\n"],
  ["vault", 400, "raft storage is not in use"],
] as const)("%s without raft answers %i on raft's paths", async (flavour, status, error) => {
  const { ask, health, lab } = await openLab({ flavour, storage: "file" });
  expect(await health()).toEqual([200]);
  expect((await ask(lab.nodes[0], "sys/leader")).body).toMatchObject({ ha_enabled: false });
  const answer = await ask(lab.nodes[0], "sys/storage/raft/autopilot/state", { token: lab.rootToken });
  expect([answer.status, answer.body]).toEqual([status, { errors: [error] }]);
  lab.nodes[0]?.seal();
  lab.nodes[0]?.unseal();
  expect(await health()).toEqual([200]);
});
