import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";
import { VAULT_SCENARIOS } from "./scenarios.ts";

test("every scenario has one sentence of help", () => {
  for (const { help } of Object.values(VAULT_SCENARIOS)) expect(help).toMatch(/^[a-z].+[^.]$/);
});

test.each([
  ["seal_a_node", [200, 429, 503]],
  ["lose_the_leader", [0, 200, 429]],
  ["garbage", [200, 429, 200]],
  ["forbidden", [200, 429, 429]],
  ["recover", [200, 429, 429]],
] as const)("%s makes sys/health answer %j, and recover ends it", async (name, expected) => {
  const { ask, health, lab } = await openLab();
  const token = lab.createToken({ policies: ["default"], ttl: 60 });
  await lab.scenarios[name].run(lab);
  lab.elect();
  expect(await health()).toEqual(expected);
  const lookUp = async (): Promise<number> => (await ask(lab.active(), "auth/token/lookup-self", { token })).status;
  expect(await lookUp()).toBe(name === "forbidden" ? 403 : 200);
  await lab.scenarios.recover.run(lab);
  expect((await health()).toSorted()).toEqual([200, 429, 429]);
  expect(await lookUp()).toBe(200);
});

test("a hung node answers nothing, is missed by the others and comes back", async () => {
  const { ask, health, lab, pass } = await openLab();
  await lab.scenarios.hang_a_node.run(lab);
  const patience = new AbortController();
  const hung = ask(lab.nodes[2], "sys/health", { signal: patience.signal });
  await expect.poll(() => lab.nodes[2]?.requests.length).toBe(1);
  patience.abort();
  await expect(hung).rejects.toThrow("aborted");
  pass(20_000);
  const state = (await ask(lab.nodes[0], "sys/storage/raft/autopilot/state", { token: lab.rootToken })).body;
  expect(state).toMatchObject({
    data: { healthy: false, failure_tolerance: 0, servers: { "lab-2": { healthy: false } } },
  });
  await lab.scenarios.recover.run(lab);
  expect(await health()).toEqual([200, 429, 429]);
});

test("scenarios work on a single node", async () => {
  const { health, lab } = await openLab({ nodes: 1 });
  await lab.scenarios.seal_a_node.run(lab);
  expect(await health()).toEqual([503]);
  await lab.scenarios.recover.run(lab);
  expect(await health()).toEqual([200]);
});
