import { expect, test } from "vitest";
import type { TestLab } from "./__fixtures__/client.ts";
import { openLab } from "./__fixtures__/client.ts";

async function lookUp({ ask, lab }: TestLab, token: string): Promise<Record<string, unknown> | number> {
  const { status, body } = await ask(lab.nodes[1], "auth/token/lookup-self", { token });
  return status === 200 ? (body as { data: Record<string, unknown> }).data : status;
}

async function renew({ ask, lab }: TestLab, token: string, body: object = {}): Promise<unknown> {
  const answer = await ask(lab.nodes[1], "auth/token/renew-self", { method: "POST", token, body });
  const { auth, errors } = answer.body as { auth?: { lease_duration: number }; errors?: string[] };
  return auth?.lease_duration ?? errors?.[0];
}

test("a token says what it is", async () => {
  const open = await openLab();
  const token = open.lab.createToken({ policies: ["monitoring"], ttl: 3600 });
  open.pass(60_400);
  expect(await lookUp(open, token)).toMatchObject({
    id: token,
    creation_time: Math.floor((open.now() - 60_400) / 1000),
    creation_ttl: 3600,
    ttl: 3540,
    expire_time: expect.stringMatching(/^2026-11-23T13:00:00/) as string,
    explicit_max_ttl: 0,
    path: "auth/token/create",
    policies: ["default", "monitoring"],
    renewable: true,
    type: "service",
  });
  const root = await lookUp(open, open.lab.rootToken);
  expect(root).toMatchObject({ expire_time: null, ttl: 0, policies: ["root"] });
  expect(root).not.toHaveProperty("renewable");
});

test("a token ends with its time, or when it is revoked", async () => {
  const open = await openLab();
  const { ask, lab } = open;
  const [short, other, third] = [30, 60, 60].map((ttl) => lab.createToken({ policies: [], ttl }));
  open.pass(29_999);
  expect(await lookUp(open, short ?? "")).toMatchObject({ ttl: 0 });
  open.pass(1);
  expect(await lookUp(open, short ?? "")).toBe(403);
  lab.revoke(other ?? "");
  expect(await lookUp(open, other ?? "")).toBe(403);
  const revoked = await ask(lab.nodes[0], "auth/token/revoke-self", { method: "POST", token: third ?? "" });
  expect([revoked.status, await lookUp(open, third ?? "")]).toEqual([204, 403]);
});

test("a renewal begins anew, and shrinks when the greatest age is near", async () => {
  const open = await openLab();
  const token = open.lab.createToken({ policies: [], ttl: 30, explicitMaxTtl: 90 });
  const leases = [];
  for (const seconds of [20, 25, 20, 15]) {
    open.pass(seconds * 1000);
    leases.push(await renew(open, token));
  }
  expect(leases).toEqual([30, 30, 25, 10]);
  expect(await lookUp(open, token)).toMatchObject({ ttl: 10, last_renewal_time: open.now() / 1000 });
  open.pass(10_000);
  expect(await lookUp(open, token)).toBe(403);
});

test("a renewal can ask for more, a periodic token gets its period", async () => {
  const open = await openLab();
  const token = open.lab.createToken({ policies: [], ttl: 60 });
  expect(await renew(open, token, { increment: "2h" })).toBe(7200);
  expect(await renew(open, token)).toBe(7200);
  expect(await renew(open, token, { increment: 600 })).toBe(600);
  expect(await renew(open, token, { increment: "100000h" })).toBe(768 * 3600);
  const periodic = open.lab.createToken({ policies: [], ttl: 60, period: 300 });
  expect(await renew(open, periodic, { increment: "2h" })).toBe(300);
  expect(await lookUp(open, periodic)).toMatchObject({ period: 300, creation_ttl: 300 });
});

test("a periodic token may grow older than any other", async () => {
  const open = await openLab();
  const hour = 3600;
  const token = open.lab.createToken({ policies: [], ttl: 60, period: 400 * hour });
  for (let renewal = 0; renewal < 3; renewal += 1) {
    open.pass(399 * hour * 1000);
    expect(await renew(open, token)).toBe(400 * hour);
  }
});

test("some tokens can not be renewed", async () => {
  const open = await openLab();
  const fixed = open.lab.createToken({ policies: [], ttl: 60, renewable: false });
  expect(await renew(open, fixed)).toBe("lease is not renewable");
  expect(await renew(open, open.lab.rootToken)).toBe("invalid lease ID");
  expect(await renew(open, "s.unknown")).toBe("permission denied");
});

test("tokens are made over HTTP, and a length beyond the limit is cut with a warning", async () => {
  const { ask, lab } = await openLab({ flavour: "vault" });
  const create = (body: object) =>
    ask(lab.nodes[1], "auth/token/create", { method: "POST", token: lab.rootToken, body });
  const made = (await create({ policies: ["a"], ttl: "1h", explicit_max_ttl: "20s" })).body;
  expect(made).toMatchObject({
    warnings: [expect.stringContaining("exceeded the effective max_ttl") as string],
    auth: {
      lease_duration: 20,
      policies: ["a", "default"],
      client_token: expect.stringMatching(/^hvs\.\w{24}$/) as string,
    },
  });
  expect((await create({ ttl: "nonsense" })).status).toBe(400);
});

test("AppRole logs in at its mount and nowhere else", async () => {
  const open = await openLab();
  const { ask, lab } = open;
  const { roleId, secretId } = lab.enableAppRole({
    mount: "team/approle",
    policies: ["monitoring"],
    ttl: 30,
    maxTtl: 45,
  });
  const login = (body: object, mount = "team/approle") =>
    ask(lab.nodes[2], `auth/${mount}/login`, { method: "POST", body });
  const { auth } = (await login({ role_id: roleId, secret_id: secretId })).body as { auth: { client_token: string } };
  expect(auth).toMatchObject({
    lease_duration: 30,
    renewable: true,
    policies: ["default", "monitoring"],
    orphan: true,
  });
  expect(await renew(open, auth.client_token, { increment: 3600 })).toBe(45);
  const refusals = [
    await login({ role_id: roleId, secret_id: "wrong" }),
    await login({ role_id: "wrong", secret_id: secretId }),
    await login({ role_id: roleId }),
    await login({}),
    await login({ role_id: roleId, secret_id: secretId }, "approle"),
  ];
  expect(refusals.map(({ status, body }) => [status, (body as { errors: string[] }).errors[0]])).toEqual([
    [400, "invalid role or secret ID"],
    [400, "invalid role or secret ID"],
    [400, "missing secret_id"],
    [500, "missing role_id"],
    [403, "permission denied"],
  ]);
  const mounts = (await ask(lab.nodes[0], "sys/auth", { token: lab.rootToken })).body;
  expect(mounts).toMatchObject({ "team/approle/": { type: "approle" }, "token/": { type: "token" } });
});

test("Kubernetes takes one service account token for its role", async () => {
  const { ask, lab } = await openLab();
  lab.enableKubernetes({ role: "watchkeeper", jwt: "good.jwt.token", policies: ["monitoring"], ttl: 600 });
  const login = async (body: object): Promise<unknown> => {
    const answer = await ask(lab.nodes[0], "auth/kubernetes/login", { method: "POST", body });
    return [answer.status, (answer.body as { errors?: string[] }).errors?.[0]];
  };
  expect(await login({ role: "watchkeeper", jwt: "good.jwt.token" })).toEqual([200, undefined]);
  expect(await login({ role: "watchkeeper", jwt: "bad" })).toEqual([403, "permission denied"]);
  expect(await login({ role: "other", jwt: "good.jwt.token" })).toEqual([400, 'invalid role name "other"']);
  expect(await login({ role: "watchkeeper" })).toEqual([400, "missing jwt"]);
  expect(await login({ jwt: "good.jwt.token" })).toEqual([400, "missing role"]);
});
