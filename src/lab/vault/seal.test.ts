import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";

test("unsealing counts different shares, forgets them on demand, and after a wrong key", async () => {
  const { lab, ask } = await openLab({ keyShares: 3, keyThreshold: 2 });
  const [first = "", second = ""] = lab.unsealKeys;
  const node = lab.nodes[1];
  node?.seal();
  const give = async (body: object): Promise<unknown> => (await ask(node, "sys/unseal", { method: "PUT", body })).body;
  expect(await give({ key: first })).toMatchObject({ sealed: true, t: 2, n: 3, progress: 1 });
  expect(await give({ key: first })).toMatchObject({ progress: 1 });
  expect((await ask(node, "sys/seal-status")).body).toMatchObject({
    progress: 1,
    nonce: expect.stringMatching(/./) as string,
  });
  expect(await give({ reset: true })).toMatchObject({ progress: 0, nonce: "" });
  await give({ key: first });
  expect(await give({ key: Buffer.alloc(33, 7).toString("base64") })).toEqual({
    errors: [expect.stringContaining("message authentication failed") as string],
  });
  expect((await ask(node, "sys/seal-status")).body).toMatchObject({ sealed: true, progress: 0 });
  await give({ key: Buffer.from(second, "base64").toString("hex") });
  expect(await give({ key: first })).toMatchObject({ sealed: false, progress: 0, cluster_name: "lab" });
  expect(await give({ key: first })).toMatchObject({ sealed: false, progress: 0 });
});

test.each([
  [{}, "'key' must be specified in request body as JSON, or 'reset' set to true"],
  [{ key: "not a key!" }, "'key' must be a valid hex or base64 string"],
  [{ key: "abcd" }, "invalid key: key is shorter than minimum 16 bytes"],
])("sys/unseal refuses %j", async (body, message) => {
  const { lab, ask } = await openLab();
  lab.nodes[0]?.seal();
  const answer = await ask(lab.nodes[0], "sys/unseal", { method: "PUT", body });
  expect([answer.status, answer.body]).toEqual([400, { errors: [message] }]);
});

test("one key is enough unless told otherwise", async () => {
  const { lab, ask, health } = await openLab();
  lab.nodes[2]?.seal();
  await ask(lab.nodes[2], "sys/unseal", { method: "POST", body: { key: lab.unsealKey } });
  expect(await health()).toEqual([200, 429, 429]);
});

test("sealing needs rights, and the node that is asked is the one that is sealed", async () => {
  const { lab, ask, health } = await openLab();
  const token = lab.createToken({ policies: [], ttl: 60 });
  const seal = async (by?: string): Promise<number> =>
    (await ask(lab.nodes[2], "sys/seal", { method: "PUT", ...(by !== undefined && { token: by }) })).status;
  expect([await seal(), await seal(token), await seal(lab.rootToken)]).toEqual([403, 403, 204]);
  expect(await health()).toEqual([200, 429, 503]);
});

test("a standby of Vault can not be sealed by the API", async () => {
  const { lab, ask } = await openLab({ flavour: "vault" });
  const answer = await ask(lab.nodes[1], "sys/seal", { method: "PUT", token: lab.rootToken });
  expect(answer).toMatchObject({ status: 500, body: { errors: [expect.stringContaining("standby mode") as string] } });
});
