import { createHash, createHmac, pbkdf2Sync, randomBytes, X509Certificate } from "node:crypto";
import { expect, it, onTestFinished } from "vitest";
import type { TrueNasLab, TrueNasLabOptions } from "./contract.ts";
import { openRaw, type RawClient } from "./raw-client.ts";
import { startTrueNasLab } from "./truenas-lab.ts";

const NOW = Date.UTC(2026, 0, 10);

async function start(options: TrueNasLabOptions = {}): Promise<TrueNasLab> {
  const lab = await startTrueNasLab({ now: () => NOW, ...options });
  onTestFinished(() => lab.close());
  return lab;
}

async function open(lab: TrueNasLab): Promise<RawClient> {
  const client = await openRaw(lab, "/api/current");
  onTestFinished(() => client.close());
  return client;
}

const withKey = ({ username, apiKey }: TrueNasLab, changes: object = {}): object => ({
  mechanism: "API_KEY_PLAIN",
  username,
  api_key: apiKey,
  ...changes,
});

const ownKey = (lab: TrueNasLab) => {
  const key = lab.state.system.apiKeys.find(({ key }) => key === lab.apiKey);
  if (key === undefined) throw new Error("the lab has not its own key");
  return key;
};

it("logs in by a key, and tells whose it is", async () => {
  const lab = await start();
  expect(lab.apiKey).toMatch(/^\d+-[A-Za-z0-9]{64}$/);
  const client = await open(lab);
  expect((await client.call("auth.mechanism_choices"))["result"]).toContain("API_KEY_PLAIN");
  const { result } = await client.call("auth.login_ex", withKey(lab));
  expect(result).toMatchObject({ response_type: "SUCCESS", authenticator: "LEVEL_1" });
  const me = await client.call("auth.me");
  const roles = expect.arrayContaining(["READONLY_ADMIN", "POOL_READ", "ALERT_LIST_READ"]) as unknown;
  expect(me["result"]).toMatchObject({ pw_name: lab.username, privilege: { roles: { $set: roles } } });
  expect(result).toMatchObject({ user_info: me["result"] });
  const quiet = await open(lab);
  const silent = withKey(lab, { login_options: { user_info: false } });
  expect((await quiet.call("auth.login_ex", silent))["result"]).toMatchObject({ user_info: null });
  await client.call("auth.logout");
  expect(await client.call("core.ping")).toMatchObject({ error: { data: { errname: "ENOTAUTHENTICATED" } } });
});

it("says why it refuses a login", async () => {
  const lab = await start();
  const refusal = async (login: object): Promise<unknown> =>
    (await (await open(lab)).call("auth.login_ex", login))["result"];
  expect(await refusal(withKey(lab, { api_key: `1-${"x".repeat(64)}` }))).toEqual({ response_type: "AUTH_ERR" });
  expect(await refusal(withKey(lab, { username: "truenas_admin" }))).toEqual({ response_type: "AUTH_ERR" });
  expect(await refusal({ mechanism: "PASSWORD_PLAIN", username: lab.username, password: lab.apiKey })).toEqual({
    response_type: "AUTH_ERR",
  });
  lab.setRoles([]);
  expect(await refusal(withKey(lab))).toEqual({ response_type: "DENIED" });
  lab.reset();
  ownKey(lab).revoked = true;
  expect(await refusal(withKey(lab))).toEqual({ response_type: "AUTH_ERR" });
  lab.reset();
  ownKey(lab).expiresAt = lab.now() - 1;
  expect(await refusal(withKey(lab))).toEqual({ response_type: "EXPIRED" });
  expect(await (await open(lab)).call("auth.login_with_api_key", lab.apiKey)).toMatchObject({ result: false });
});

it("takes no second login on a socket up to 25.10, and does in 26", async () => {
  const lab = await start({ release: "25.10" });
  const client = await open(lab);
  const wrong = `1-${"x".repeat(64)}`;
  expect(await client.call("auth.login_with_api_key", wrong)).toMatchObject({ result: false });
  const reason = "AUTH: unexpected authenticator run state. Expected: START";
  expect(await client.call("auth.login_with_api_key", lab.apiKey)).toMatchObject({
    error: { code: -32_001, data: { error: 22, errname: "EINVAL", reason, trace: { class: "RuntimeError" } } },
  });
  expect(await client.call("auth.login_ex", withKey(lab))).toMatchObject({ error: { data: { reason } } });
  const newer = await start({ release: "26" });
  const patient = await open(newer);
  await patient.call("auth.login_with_api_key", wrong);
  expect(await patient.call("auth.login_with_api_key", newer.apiKey)).toMatchObject({ result: true });
});

it("refuses the 21st login of an address within a minute, whichever socket it is on, and counts the refused ones", async () => {
  let now = NOW;
  const lab = await start({ now: () => now });
  const login = async () => {
    const client = await open(lab);
    const answer = await client.call("auth.login_with_api_key", lab.apiKey);
    client.close();
    return answer;
  };
  for (let count = 0; count < 20; count += 1) expect(await login()).toMatchObject({ result: true });
  const limited = {
    error: { code: -32_001, data: { error: 16, errname: "EBUSY", reason: "[EBUSY] Rate Limit Exceeded" } },
  };
  expect(await login()).toMatchObject(limited);
  // The limit is by method.
  expect(await (await open(lab)).call("auth.login_ex", withKey(lab))).toMatchObject({ result: {} });
  now += 59_000;
  expect(await login()).toMatchObject(limited);
  now += 1000;
  expect(await login()).toMatchObject({ result: true });
  expect(lab.stats).toMatchObject({ logins: 24, limited: 2 });
});

/** A login by SCRAM-SHA-512 as RFC 5802 has it, but with joined nonces. */
async function scram(client: RawClient, name: string, secret: string, header: string, binding: Buffer) {
  const hmac = (key: Buffer, text: string): Buffer => createHmac("sha512", key).update(text).digest();
  const ask = (type: string, text: string) =>
    client.call("auth.login_ex", { mechanism: "SCRAM", scram_type: type, rfc_str: text });
  const bare = `n=${name},r=${randomBytes(32).toString("base64")}`;
  const first = (await ask("CLIENT_FIRST_MESSAGE", `${header},,${bare}`))["result"] as { rfc_str?: string };
  const [, nonce, salt = "", rounds] = /^r=(.+),s=(.+),i=(\d+)$/.exec(first.rfc_str ?? "") ?? [];
  if (nonce === undefined) return { answer: first, verified: false };
  const bound = Buffer.concat([Buffer.from(`${header},,`), binding]).toString("base64");
  const said = `${bare},${first.rfc_str ?? ""},c=${bound},r=${nonce}`;
  const salted = pbkdf2Sync(secret, Buffer.from(salt, "base64"), Number(rounds), 64, "sha512");
  const clientKey = hmac(salted, "Client Key");
  const signature = hmac(createHash("sha512").update(clientKey).digest(), said);
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0))).toString("base64");
  const answer = (await ask("CLIENT_FINAL_MESSAGE", `c=${bound},r=${nonce},p=${proof}`))["result"] as {
    rfc_str?: string;
  };
  return { answer, verified: answer.rfc_str === `v=${hmac(hmac(salted, "Server Key"), said).toString("base64")}` };
}

it("logs in by SCRAM in 26, with and without a binding to the certificate, which is checked", async () => {
  const lab = await start({ release: "26" });
  const [id, secret = ""] = lab.apiKey.split("-");
  const name = `${lab.username}:${String(id)}`;
  const certificate = Buffer.from(lab.fingerprint256.replaceAll(":", ""), "hex");
  for (const [header, binding] of [
    ["n", Buffer.alloc(0)],
    ["p=tls-server-end-point", certificate],
  ] as const) {
    const client = await open(lab);
    expect((await client.call("auth.mechanism_choices"))["result"]).toContain("SCRAM");
    const { answer, verified } = await scram(client, name, secret, header, binding);
    expect(answer).toMatchObject({ response_type: "SCRAM_RESPONSE", scram_type: "SERVER_FINAL_RESPONSE" });
    expect(verified).toBe(true);
    expect(await client.call("core.ping")).toMatchObject({ result: "pong" });
  }
  const refused = { answer: { response_type: "AUTH_ERR" }, verified: false };
  expect(await scram(await open(lab), name, "wrong", "n", Buffer.alloc(0))).toEqual(refused);
  expect(await scram(await open(lab), `${lab.username}:99`, secret, "n", Buffer.alloc(0))).toEqual(refused);
  const other = new X509Certificate(lab.caPem).raw.subarray(0, 32);
  expect(await scram(await open(lab), name, secret, "p=tls-server-end-point", other)).toEqual(refused);
});

it("knows no SCRAM before 26", async () => {
  const client = await open(await start({ release: "25.10" }));
  const login = { mechanism: "SCRAM", scram_type: "CLIENT_FIRST_MESSAGE", rfc_str: "n,,n=a:1,r=eA==" };
  expect(await client.call("auth.login_ex", login)).toMatchObject({ error: { code: -32_602 } });
});
