import { expect, test } from "vitest";
import type { TestLab } from "./__fixtures__/client.ts";
import { openLab } from "./__fixtures__/client.ts";

const NO_LEADER = { errors: ["local node not active but active cluster node not found"] };

async function leader({ ask, lab }: TestLab, node: number): Promise<Record<string, unknown>> {
  return (await ask(lab.nodes[node], "sys/leader")).body as Record<string, unknown>;
}

test("sys/leader names the active node everywhere, and its time only there", async () => {
  const open = await openLab();
  const { url, clusterAddress } = open.lab.nodes[0] ?? {};
  const known = { ha_enabled: true, leader_address: url, leader_cluster_address: `https://${clusterAddress}` };
  const indexes = { raft_committed_index: 144, raft_applied_index: 144 };
  expect(await leader(open, 1)).toEqual({ ...known, ...indexes, is_self: false });
  expect(await leader(open, 0)).toEqual({
    ...known,
    ...indexes,
    is_self: true,
    active_time: expect.stringMatching(/^2026-11-23T11:59:00\.\d{1,9}Z$|^2026-11-23T11:59:00Z$/) as string,
  });
});

test("Vault writes Go's zero values where OpenBao writes nothing", async () => {
  const open = await openLab({ flavour: "vault", nodes: 1 });
  open.lab.nodes[0]?.seal();
  open.lab.nodes[0]?.unseal();
  expect(await leader(open, 0)).toMatchObject({
    is_self: false,
    active_time: "0001-01-01T00:00:00Z",
    leader_address: "",
    performance_standby: false,
  });
});

test("a node that lags behind says so, and an index of 0 is left out", async () => {
  const open = await openLab();
  open.lab.nodes[1]?.setAppliedLag(40);
  expect(await leader(open, 1)).toMatchObject({ raft_committed_index: 144, raft_applied_index: 104 });
  open.lab.nodes[1]?.setAppliedLag(144);
  expect(await leader(open, 1)).not.toHaveProperty("raft_applied_index");
});

test("a standby forwards what only the active node can answer", async () => {
  const { ask, lab } = await openLab();
  const state = async (node: number): Promise<unknown> =>
    (await ask(lab.nodes[node], "sys/storage/raft/autopilot/state", { token: lab.rootToken })).body;
  const { data } = (await state(0)) as { data: object };
  expect(await state(1)).toMatchObject({ data });
});

test("when the active node is sealed another takes over, and there is none in between", async () => {
  const open = await openLab();
  const { ask, health, lab } = open;
  lab.nodes[0]?.seal();
  expect(await health()).toEqual([503, 429, 429]);
  expect(await leader(open, 1)).not.toHaveProperty("leader_address");
  const between = await ask(lab.nodes[1], "sys/ha-status", { token: lab.rootToken });
  expect([between.status, between.body]).toEqual([500, NO_LEADER]);
  lab.elect();
  expect(await health()).toEqual([503, 200, 429]);
  lab.nodes[0]?.unseal();
  lab.elect();
  expect(await health()).toEqual([429, 200, 429]);
});

test("until a dead active node is replaced the others name it and redirect to it", async () => {
  const open = await openLab();
  const { ask, health, lab } = open;
  await lab.nodes[0]?.stop();
  expect(await health()).toEqual([0, 429, 429]);
  expect(await leader(open, 1)).toMatchObject({ leader_address: lab.nodes[0]?.url });
  const lost = await ask(lab.nodes[1], "sys/ha-status?a=b", { token: lab.rootToken });
  expect([lost.status, lost.headers["location"]]).toEqual([307, `${lab.nodes[0]?.url}/v1/sys/ha-status?a=b`]);
  const local = await ask(lab.nodes[1], "sys/storage/raft/configuration", { token: lab.rootToken });
  expect(local.status).toBe(200);
  lab.elect();
  expect(await health()).toEqual([0, 200, 429]);
  await lab.nodes[0]?.start();
  expect(await health()).toEqual([503, 200, 429]);
});

test("without a quorum the survivor goes on naming the dead node for ever", async () => {
  const open = await openLab();
  const { ask, health, lab } = open;
  await lab.nodes[0]?.stop();
  await lab.nodes[2]?.stop();
  lab.elect();
  expect(await health()).toEqual([0, 429, 0]);
  expect(await leader(open, 1)).toMatchObject({ leader_address: lab.nodes[0]?.url });
  expect((await ask(lab.nodes[1], "sys/ha-status", { token: lab.rootToken })).status).toBe(307);
  await lab.nodes[2]?.start();
  lab.nodes[2]?.unseal();
  lab.elect();
  expect(await health()).toEqual([0, 200, 429]);
});

test("an active node that lost its standbys steps down, and then knows of no leader", async () => {
  const open = await openLab();
  const { ask, health, lab } = open;
  await lab.nodes[1]?.stop();
  await lab.nodes[2]?.stop();
  expect(await health()).toEqual([200, 0, 0]);
  lab.elect();
  expect(await health()).toEqual([429, 0, 0]);
  expect(await leader(open, 0)).toEqual({
    ha_enabled: true,
    is_self: false,
    raft_committed_index: 144,
    raft_applied_index: 144,
  });
  expect((await ask(lab.nodes[0], "sys/health")).body).toMatchObject({ replication_performance_mode: "unknown" });
  // OpenBao's standbys answer reads by themselves, but not for a token that they do not know.
  expect((await ask(lab.nodes[0], "auth/token/lookup-self", { token: lab.rootToken })).status).toBe(200);
  expect((await ask(lab.nodes[0], "auth/token/lookup-self", { token: "unknown" })).body).toEqual(NO_LEADER);
  const renewal = await ask(lab.nodes[0], "auth/token/renew-self", { method: "POST", token: lab.rootToken });
  expect([renewal.status, renewal.body]).toEqual([500, NO_LEADER]);
});

test("a frozen active node keeps what is forwarded to it until another one is active", async () => {
  const { ask, health, lab } = await openLab();
  await lab.nodes[0]?.setFault({ kind: "hang_handshake" });
  let answered = false;
  const forwarded = ask(lab.nodes[1], "sys/ha-status", { token: lab.rootToken }).finally(() => (answered = true));
  await expect.poll(() => lab.nodes[1]?.requests.length).toBe(1);
  expect((await ask(lab.nodes[2], "sys/health")).status).toBe(429);
  expect(answered).toBe(false);
  lab.elect();
  expect((await forwarded).status).toBe(200);
  await lab.nodes[0]?.setFault(undefined);
  expect(await health()).toEqual([429, 200, 429]);
});

test("a hang on some paths is no frozen process", async () => {
  const { health, lab } = await openLab();
  await lab.nodes[0]?.setFault({ kind: "hang", path: "/v1/sys/metrics" });
  lab.elect();
  expect(await health()).toEqual([200, 429, 429]);
});

test("closing the lab ends requests that a frozen node keeps", async () => {
  const { ask, lab } = await openLab();
  await lab.nodes[0]?.setFault({ kind: "hang" });
  const forwarded = ask(lab.nodes[1], "sys/ha-status", { token: lab.rootToken }).then(
    () => "answered",
    () => "dropped",
  );
  await expect.poll(() => lab.nodes[1]?.requests.length).toBe(1);
  await lab.close();
  expect(await forwarded).toMatch(/answered|dropped/);
});

test("a node that is no voter never leads", async () => {
  const { health, lab } = await openLab({ nodes: 4 });
  lab.nodes[1]?.setVoter(false);
  lab.nodes[0]?.seal();
  lab.elect();
  expect(await health()).toEqual([503, 429, 200, 429]);
});

test("of the voters the one that lags least leads", async () => {
  const { health, lab } = await openLab();
  lab.nodes[1]?.setAppliedLag(5);
  lab.nodes[0]?.seal();
  lab.elect();
  expect(await health()).toEqual([503, 429, 200]);
});
