import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";

test("an active node answers 200 and a standby 429, with the same body", async () => {
  const { lab, ask, now } = await openLab();
  const [active, standby] = [await ask(lab.nodes[0], "sys/health"), await ask(lab.nodes[1], "sys/health")];
  expect([active.status, standby.status]).toEqual([200, 429]);
  expect(active.body).toEqual({
    initialized: true,
    sealed: false,
    standby: false,
    replication_performance_mode: "primary",
    replication_dr_mode: "disabled",
    server_time_utc: now() / 1000,
    version: "2.7.2",
    cluster_name: "lab",
    cluster_id: expect.stringMatching(/^[\da-f-]{36}$/) as string,
  });
  expect(standby.body).toEqual({ ...(active.body as object), standby: true });
});

test("a sealed node answers 503 with a body that has no cluster, and nothing else but its own state", async () => {
  const { lab, ask } = await openLab();
  lab.nodes[1]?.seal();
  const { status, body } = await ask(lab.nodes[1], "sys/health");
  expect(status).toBe(503);
  expect(body).toMatchObject({ sealed: true, standby: true, replication_performance_mode: "unknown" });
  expect(body).not.toHaveProperty("cluster_name");
  expect(await ask(lab.nodes[1], "sys/seal-status")).toMatchObject({ status: 200, body: { sealed: true } });
  for (const path of ["sys/leader", "sys/ha-status", "sys/metrics?format=prometheus", "no/such/path"]) {
    const answer = await ask(lab.nodes[1], path, { token: lab.rootToken });
    expect([answer.status, answer.body]).toEqual([503, { errors: ["Vault is sealed"] }]);
  }
});

test.each([
  [0, "activecode=204", 204],
  [0, "activecode=299&standbyok=true", 299],
  [0, "standbycode=299", 200],
  [1, "standbyok=true", 200],
  [1, "standbyok", 429],
  [1, "standbyok=false&standbycode=299", 299],
  [1, "standbyok=true&activecode=204", 204],
  [1, "standbyok=maybe", 400],
  [1, "standbycode=abc", 400],
  [1, "sealedcode=", 400],
  [1, "drsecondarycode=abc", 429],
  [2, "sealedcode=204", 204],
])("node %i answers sys/health?%s with %i", async (node, query, status) => {
  const { lab, ask } = await openLab();
  lab.nodes[2]?.seal();
  expect((await ask(lab.nodes[node], `sys/health?${query}`)).status).toBe(status);
});

test("a status that HTTP does not know drops the connection", async () => {
  const { lab, ask } = await openLab();
  await expect(ask(lab.nodes[1], "sys/health?standbycode=99")).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
});

test("HEAD answers the status alone, and other methods are refused", async () => {
  const { lab, ask } = await openLab();
  expect(await ask(lab.nodes[1], "sys/health", { method: "HEAD" })).toMatchObject({ status: 429, body: "" });
  const posted = await ask(lab.nodes[0], "sys/health", { method: "POST" });
  expect([posted.status, posted.body]).toEqual([405, { errors: [] }]);
});

test("a skewed clock shows in the body and in the date of every answer", async () => {
  const { lab, ask, now } = await openLab();
  lab.nodes[1]?.setClockSkew(90);
  const { body, headers } = await ask(lab.nodes[1], "sys/health");
  expect(body).toMatchObject({ server_time_utc: now() / 1000 + 90 });
  expect(Date.parse(String(headers["date"]))).toBe(now() + 90_000);
});

test("an uninitialised cluster answers 501 until it is initialised and unsealed", async () => {
  const { lab, ask, health } = await openLab({ initialized: false });
  expect(await health()).toEqual([501, 501, 501]);
  expect((await ask(lab.nodes[0], "sys/leader")).body).toEqual({ errors: ["Vault is sealed"] });
  const { body } = await ask(lab.nodes[0], "sys/init", {
    method: "PUT",
    body: { secret_shares: 3, secret_threshold: 2 },
  });
  const { keys, keys_base64, root_token } = body as { keys: string[]; keys_base64: string[]; root_token: string };
  expect([keys.length, keys_base64, root_token]).toEqual([3, lab.unsealKeys, lab.rootToken]);
  expect(await health()).toEqual([503, 503, 503]);
  for (const key of keys.slice(1)) await ask(lab.nodes[1], "sys/unseal", { method: "PUT", body: { key } });
  lab.elect();
  // One of three voters is no quorum.
  expect(await health()).toEqual([503, 429, 503]);
  lab.nodes[2]?.unseal();
  lab.elect();
  expect(await health()).toEqual([503, 200, 429]);
});

test("Vault has fields of its own", async () => {
  const { lab, ask, pass } = await openLab({ flavour: "vault", enterprise: true });
  pass(3000);
  expect((await ask(lab.nodes[0], "sys/health")).body).toMatchObject({
    performance_standby: false,
    replication_performance_mode: "disabled",
    version: "1.20.1",
    enterprise: true,
    last_wal: expect.any(Number) as number,
    license: { state: "stored", expiry_time: "2030-01-01T00:00:00Z", terminated: false },
    removed_from_cluster: false,
  });
  const standby = (await ask(lab.nodes[1], "sys/health")).body;
  expect(standby).toMatchObject({ ha_connection_healthy: true });
  expect(standby).not.toHaveProperty("last_wal");
});

test.each([
  ["dr_secondary", 472, "drsecondarycode"],
  ["performance_standby", 473, "performancestandbycode"],
  ["ha_unhealthy", 474, "haunhealthycode"],
] as const)("of Vault, %s is %i, and %s changes it", async (state, status, parameter) => {
  const { lab, ask } = await openLab({ flavour: "vault" });
  lab.nodes[1]?.setReplicationState(state);
  expect((await ask(lab.nodes[1], "sys/health")).status).toBe(status);
  expect((await ask(lab.nodes[1], `sys/health?${parameter}=299`)).status).toBe(299);
  lab.nodes[1]?.setReplicationState(undefined);
  expect((await ask(lab.nodes[1], "sys/health")).status).toBe(429);
});

test("OpenBao has no replication states", async () => {
  const { lab } = await openLab();
  expect(() => lab.nodes[1]?.setReplicationState("dr_secondary")).toThrow("OpenBao has no replication states");
});
