import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";

const FORBIDDEN = "1 error occurred:\n\t* permission denied\n\n";
const POLICY = `
path "sys/metrics" { capabilities = ["read"] }
path "sys/storage/raft/*" { capabilities = ["read"] }
path "sys/audit" { capabilities = ["read", "sudo"] }`;

test.each([
  ["openbao", "permission denied"],
  ["vault", "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"],
] as const)("%s tells a bad token from a missing right by the text", async (flavour, badToken) => {
  const { ask, lab } = await openLab({ flavour });
  const token = lab.createToken({ policies: [], ttl: 60 });
  for (const node of lab.nodes) {
    const refusals = [];
    for (const options of [{}, { token: "s.unknown" }, { token }]) {
      const { status, body } = await ask(node, "sys/ha-status", options);
      refusals.push([status, (body as { errors: string[] }).errors[0]]);
    }
    expect(refusals).toEqual([
      [403, "permission denied"],
      [403, badToken],
      [403, FORBIDDEN],
    ]);
  }
});

test("rights come from policies, and sys/audit needs sudo besides", async () => {
  const { ask, lab } = await openLab();
  lab.writePolicy("monitoring", POLICY);
  lab.writePolicy("half", 'path "sys/audit" { capabilities = ["read"] }');
  const token = lab.createToken({ policies: ["monitoring"], ttl: 60 });
  const half = lab.createToken({ policies: ["half"], ttl: 60 });
  const status = async (path: string, by: string): Promise<number> =>
    (await ask(lab.nodes[1], path, { token: by })).status;
  expect(await status("sys/storage/raft/autopilot/state", token)).toBe(200);
  expect(await status("sys/audit", token)).toBe(200);
  expect(await status("sys/audit", half)).toBe(403);
  expect(await status("sys/ha-status", token)).toBe(403);
  expect(await status("auth/token/lookup-self", half)).toBe(200);
  lab.withdrawPolicies(true);
  expect(await status("sys/audit", token)).toBe(403);
  expect(await status("sys/audit", lab.rootToken)).toBe(200);
});

test("policies are written, read, listed and deleted over HTTP", async () => {
  const { ask, lab } = await openLab();
  const token = lab.rootToken;
  const path = "sys/policies/acl/monitoring";
  expect((await ask(lab.nodes[1], path, { method: "PUT", token, body: { policy: POLICY } })).status).toBe(204);
  expect((await ask(lab.nodes[0], path, { token })).body).toMatchObject({
    data: { name: "monitoring", policy: POLICY },
  });
  expect((await ask(lab.nodes[0], "sys/policies/acl?list=true", { token })).body).toMatchObject({
    data: { keys: ["default", "monitoring", "root"] },
  });
  expect((await ask(lab.nodes[0], "sys/policies/acl", { token })).status).toBe(405);
  expect((await ask(lab.nodes[0], path, { method: "DELETE", token })).status).toBe(204);
  expect((await ask(lab.nodes[0], path, { token })).status).toBe(404);
  const bad = await ask(lab.nodes[0], path, { method: "PUT", token, body: { policy: "nonsense" } });
  expect(bad).toMatchObject({
    status: 400,
    body: { errors: [expect.stringContaining("failed to parse policy") as string] },
  });
});

test("sys/capabilities-self tells what a token may do", async () => {
  const { ask, lab } = await openLab();
  lab.writePolicy("monitoring", POLICY);
  const token = lab.createToken({ policies: ["monitoring"], ttl: 60 });
  const may = async (paths: readonly string[], by: string): Promise<unknown> =>
    (
      (await ask(lab.nodes[1], "sys/capabilities-self", { method: "POST", token: by, body: { paths } })).body as {
        data: object;
      }
    ).data;
  expect(await may(["sys/audit", "sys/mounts"], token)).toEqual({
    "sys/audit": ["read", "sudo"],
    "sys/mounts": ["deny"],
  });
  expect(await may(["sys/metrics"], token)).toEqual({ "sys/metrics": ["read"], capabilities: ["read"] });
  expect(await may(["sys/metrics"], lab.rootToken)).toMatchObject({ "sys/metrics": ["root"] });
});

test("unknown paths and methods are refused after the token was judged", async () => {
  const { ask, lab } = await openLab();
  const limited = lab.createToken({ policies: [], ttl: 60 });
  const token = lab.rootToken;
  const seen = async (path: string, by: string, method: "GET" | "POST" = "GET"): Promise<unknown> => {
    const { status, body } = await ask(lab.nodes[0], path, { token: by, method });
    return [status, (body as { errors: string[] }).errors];
  };
  expect(await seen("sys/nothing", token)).toEqual([404, ["1 error occurred:\n\t* unsupported path\n\n"]]);
  expect(await seen("nothing/at/all", token)).toEqual([
    404,
    ['no handler for route "nothing/at/all". route entry not found.'],
  ]);
  expect(await seen("sys/ha-status", token, "POST")).toEqual([
    405,
    ["1 error occurred:\n\t* unsupported operation\n\n"],
  ]);
  for (const path of ["sys/nothing", "nothing/at/all"]) expect(await seen(path, limited)).toEqual([403, [FORBIDDEN]]);
});

test("a body that is no JSON object is refused", async () => {
  const { ask, lab } = await openLab();
  const answer = await ask(lab.nodes[0], "auth/token/create", { method: "POST", token: lab.rootToken, body: [1] });
  expect(answer.status).toBe(400);
});

test("a bearer token counts as Vault's own header does", async () => {
  const { lab } = await openLab();
  const { request, Agent } = await import("undici");
  const dispatcher = new Agent({ connect: { ca: lab.caPem } });
  const answer = await request(`${lab.nodes[0]?.url}/v1/sys/mounts`, {
    dispatcher,
    headers: { authorization: `Bearer ${lab.rootToken}`, "x-vault-request": "true" },
  });
  await answer.body.dump();
  await dispatcher.close();
  expect(answer.statusCode).toBe(200);
});
