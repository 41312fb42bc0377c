import { expect, it, onTestFinished } from "vitest";
import type { Fault } from "../faults.ts";
import type { SocketFault, TrueNasLab } from "./contract.ts";
import { openRaw, type RawClient } from "./raw-client.ts";
import { startTrueNasLab } from "./truenas-lab.ts";

async function start(): Promise<{ lab: TrueNasLab; client: RawClient }> {
  const lab = await startTrueNasLab();
  onTestFinished(() => lab.close());
  const client = await openRaw(lab, "/api/current");
  await client.call("auth.login_with_api_key", lab.apiKey);
  return { lab, client };
}

async function startUnder(fault: SocketFault) {
  const started = await start();
  started.lab.setSocketFault(fault);
  return started;
}

it("answers one method with an error of any code", async () => {
  const { lab, client } = await startUnder({
    kind: "error",
    method: "pool.query",
    code: -32_001,
    errname: "ETIMEDOUT",
  });
  expect(await client.call("pool.query")).toMatchObject({
    error: { code: -32_001, data: { error: 110, errname: "ETIMEDOUT" } },
  });
  expect(await client.call("core.ping")).toMatchObject({ result: "pong" });
  for (const code of [-32_700, -32_600, -32_601, -32_602, -32_603, -32_000, 1]) {
    lab.setSocketFault({ kind: "error", method: "pool.query", code });
    expect(await client.call("pool.query")).toMatchObject({ error: { code, message: expect.any(String) as unknown } });
  }
});

it("drops the socket within an answer", async () => {
  const { client } = await startUnder({ kind: "drop_mid_reply", method: "pool.query" });
  await Promise.race([client.call("pool.query"), client.closed]);
  expect((await client.closed)[0]).toBe(1006);
  expect(client.messages).toEqual([]);
});

it("keeps one method waiting while others are answered", async () => {
  const { client } = await startUnder({ kind: "hang", method: "pool.query" });
  void client.call("pool.query");
  for (let count = 0; count < 3; count += 1) await client.call("core.ping");
  expect(client.messages).toEqual([]);
});

it("answers the last call first", async () => {
  const { client } = await startUnder({ kind: "out_of_order" });
  const ids: unknown[] = [];
  const note = async (call: Promise<Readonly<Record<string, unknown>>>) => void ids.push((await call)["id"]);
  await Promise.all(Array.from({ length: 5 }, () => note(client.call("core.ping"))));
  expect(ids).toEqual(ids.toSorted((a, b) => Number(b) - Number(a)));
});

it("answers what nobody asked", async () => {
  const { client } = await startUnder({ kind: "unknown_ids" });
  expect(await client.call("core.ping")).toMatchObject({ result: "pong" });
  expect(client.messages).toEqual([{ jsonrpc: "2.0", result: "nobody asked", id: 1_000_002 }]);
});

it("answers with what is no JSON", async () => {
  const { client } = await startUnder({ kind: "not_json", method: "pool.query" });
  void client.call("pool.query");
  await client.call("core.ping");
  expect(client.messages).toEqual([expect.stringContaining("<html>")]);
});

it("falsifies dates, leaves and types", async () => {
  const { lab, client } = await start();
  const ask = async (fault: SocketFault | undefined) => {
    lab.setSocketFault(fault);
    return JSON.stringify((await client.call("pool.query"))["result"]);
  };
  const [before] = JSON.parse(await ask(undefined)) as [{ scan: { start_time: { $date: number }; end_time: object } }];
  const { start_time: began } = before.scan;
  const plain = await ask({ kind: "plain_dates" });
  expect(plain).not.toContain("$date");
  expect(plain).toContain(new Date(began.$date).toISOString());
  expect(await ask({ kind: "nulls", method: "pool.query" })).toContain('"name":null');
  expect(await ask({ kind: "wrong_types", method: "pool.query" })).toContain('"id":"1"');
  expect(await ask({ kind: "nulls", method: "disk.query" })).toBe(await ask(undefined));
});

it("forgets its sessions, and lets logins in all the same", async () => {
  const { client } = await startUnder({ kind: "session_expired" });
  expect(await client.call("core.ping")).toMatchObject({ error: { data: { errname: "ENOTAUTHENTICATED" } } });
  expect((await client.call("auth.mechanism_choices"))["result"]).toContain("API_KEY_PLAIN");
});

it.each<[Fault, RegExp]>([
  [{ kind: "status", status: 503 }, /503/],
  [{ kind: "html" }, /200/],
  [{ kind: "redirect_loop" }, /307/],
  [{ kind: "not_http" }, /HTTP/i],
  [{ kind: "reset" }, /./],
  [{ kind: "refused" }, /ECONNREFUSED/],
  [{ kind: "untrusted_certificate" }, /certificate/i],
  [{ kind: "expired_certificate" }, /expired/i],
])("meets new sockets with the fault %o", async (fault, expected) => {
  const { lab, client } = await start();
  await lab.setFault(fault);
  await expect(openRaw(lab, "/api/current")).rejects.toThrow(expected);
  await lab.setFault(undefined);
  await openRaw(lab, "/api/current");
  client.close();
});

it("limits a fault to the paths that it is for", async () => {
  const { lab } = await start();
  await lab.setFault({ kind: "status", status: 503, path: "/api/versions" });
  await openRaw(lab, "/api/current");
  await lab.setFault({ kind: "status", status: 503, path: "/api/current" });
  await expect(openRaw(lab, "/api/current")).rejects.toThrow("503");
  await openRaw(lab, "/websocket");
});

it("lets open sockets live under a fault of answers, and drops them under one of connections", async () => {
  const { lab, client } = await start();
  await lab.setFault({ kind: "hang" });
  expect(await client.call("core.ping")).toMatchObject({ result: "pong" });
  await lab.setFault({ kind: "hang_handshake" });
  expect((await client.closed)[0]).toBe(1006);
});
