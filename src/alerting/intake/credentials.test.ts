import { createHmac } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AlertSource, SecretRef, SourceCredential } from "../../core/alerting-config.ts";
import { Secret } from "../../core/secret.ts";
import { CredentialCheck } from "./credentials.ts";

const NOW = 1_800_000_000_000;
const literal = (text: string): SecretRef => ({ value: new Secret(text), file: undefined });
const inFile = (file: string): SecretRef => ({ value: undefined, file });

const sourceWith = (...credentials: readonly SourceCredential[]): AlertSource => ({
  name: "main",
  credentials,
  alertmanager: undefined,
  watchdog: undefined,
});

const bearer = (token: string): SourceCredential => ({ type: "bearer", token: literal(token) });
const basic: SourceCredential = { type: "basic", username: "am", password: literal("pass:word") };

const check = (source: AlertSource, headers: Record<string, string>, body = Buffer.from("{}")) =>
  new CredentialCheck().check(source, { headers, body, now: NOW });

const basicHeader = (text: string): Record<string, string> => ({ authorization: `Basic ${btoa(text)}` });

describe("a bearer token", () => {
  it.each(["Bearer right", "bearer  right ", "BEARER right"])("lets in with %j", async (authorization) => {
    expect(await check(sourceWith(bearer("right")), { authorization })).toBe("ok");
  });

  it.each([
    ["Bearer wrong", "wrong"],
    ["Bearer rightly", "wrong"],
    ["Bearer ", "missing"],
    ["Bearer", "missing"],
    ["right", "missing"],
    ["Basic right", "missing"],
    ["", "missing"],
  ])("does not with %j: %s", async (authorization, verdict) => {
    expect(await check(sourceWith(bearer("right")), { authorization })).toBe(verdict);
  });

  it("lets in when it is any of several, so that one can be replaced by another", async () => {
    const source = sourceWith(bearer("old"), bearer("new"), basic);
    for (const authorization of ["Bearer old", "Bearer new"]) expect(await check(source, { authorization })).toBe("ok");
    expect(await check(source, basicHeader("am:pass:word"))).toBe("ok");
    expect(await check(source, { authorization: "Bearer older" })).toBe("wrong");
  });
});

describe("a user name and password", () => {
  it("let in", async () => {
    expect(await check(sourceWith(basic), basicHeader("am:pass:word"))).toBe("ok");
  });

  it.each(["am:password", "am:pass", "am", "AM:pass:word", ":pass:word", "am:pass:word "])(
    "do not when they are %j",
    async (text) => {
      expect(await check(sourceWith(basic), basicHeader(text))).toBe("wrong");
    },
  );
});

it("asks for nothing where a source has no credential", async () => {
  expect(await check(sourceWith(), {})).toBe("ok");
});

describe("a signature", () => {
  const BODY = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
  const sign = (...parts: readonly (string | Buffer)[]): string =>
    parts.reduce((hmac, part) => hmac.update(part), createHmac("sha256", "key")).digest("hex");
  const signed: SourceCredential = {
    type: "hmac",
    secret: literal("key"),
    header: "x-grafana-alerting-signature",
    timestampHeader: undefined,
  };
  const timed: SourceCredential = { ...signed, timestampHeader: "x-time" };
  const headers = (signature: string, time?: string): Record<string, string> => ({
    "x-grafana-alerting-signature": signature,
    ...(time !== undefined && { "x-time": time }),
  });

  it.each([sign(BODY), `sha256=${sign(BODY)}`, sign(BODY).toUpperCase()])("lets in as %s", async (signature) => {
    expect(await check(sourceWith(signed), headers(signature), BODY)).toBe("ok");
  });

  it("is over the bytes as they came", async () => {
    expect(await check(sourceWith(signed), headers(sign(BODY.toString("utf8"))), BODY)).toBe("wrong");
  });

  it.each([
    ["", "missing"],
    ["00", "wrong"],
    [sign("other"), "wrong"],
  ])("does not let in as %j: %s", async (signature, verdict) => {
    expect(await check(sourceWith(signed), headers(signature), BODY)).toBe(verdict);
  });

  it("of the same body lets in again and again when it has no time", async () => {
    const credentials = new CredentialCheck();
    const shown = { headers: headers(sign(BODY)), body: BODY, now: NOW };
    credentials.remember(sourceWith(signed), shown);
    expect(await credentials.check(sourceWith(signed), shown)).toBe("ok");
  });

  it("waits for the body", async () => {
    const shown = { headers: headers(sign(BODY)), now: NOW };
    expect(await new CredentialCheck().check(sourceWith(signed), shown)).toBe("undecided");
    expect(await new CredentialCheck().check(sourceWith(signed), { headers: {}, now: NOW })).toBe("missing");
  });

  const at = (offsetSeconds: number) => {
    const time = String(NOW / 1_000 + offsetSeconds);
    return headers(sign(`${time}:`, BODY), time);
  };

  it.each([0, 299, -299])("with a time %i s away lets in", async (offset) => {
    expect(await check(sourceWith(timed), at(offset), BODY)).toBe("ok");
  });

  it.each([301, -301])("with a time %i s away does not", async (offset) => {
    expect(await check(sourceWith(timed), at(offset), BODY)).toBe("wrong");
  });

  it.each([
    headers(sign(BODY)),
    headers(sign(":", BODY), ""),
    headers(sign("1e9:", BODY), "1e9"),
    { ...at(0), "x-time": String(NOW / 1_000 + 1) },
  ])("without its own time does not: %j", async (shown) => {
    expect(await check(sourceWith(timed), shown, BODY)).toBe("wrong");
  });

  it("with a time lets in once, when what it signed was taken", async () => {
    const credentials = new CredentialCheck();
    const shown = { headers: at(0), body: BODY, now: NOW };
    expect(await credentials.check(sourceWith(timed), shown)).toBe("ok");
    expect(await credentials.check(sourceWith(timed), shown)).toBe("ok");
    credentials.remember(sourceWith(timed), shown);
    expect(await credentials.check(sourceWith(timed), shown)).toBe("wrong");
    const upper = {
      ...shown.headers,
      "x-grafana-alerting-signature": `SHA256=${sign(`${NOW / 1_000}:`, BODY).toUpperCase()}`,
    };
    expect(await credentials.check(sourceWith(timed), { ...shown, headers: upper })).toBe("wrong");
    expect(await credentials.check(sourceWith(timed), { ...shown, headers: at(1) })).toBe("ok");
  });
});

describe("a secret in a file", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "credentials-"));
    file = join(folder, "token");
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await rm(folder, { recursive: true });
  });

  const shown = (token: string) => ({ headers: { authorization: `Bearer ${token}` }, now: NOW });

  it("counts soon after it was replaced, and is not read each time", async () => {
    await writeFile(file, "old\n");
    const source = sourceWith({ type: "bearer", token: inFile(file) });
    const credentials = new CredentialCheck();
    expect(await credentials.check(source, shown("old"))).toBe("ok");
    await writeFile(file, "new\n");
    expect(await credentials.check(source, shown("old"))).toBe("ok");
    vi.advanceTimersByTime(2_001);
    expect(await credentials.check(source, shown("old"))).toBe("wrong");
    expect(await credentials.check(source, shown("new"))).toBe("ok");
  });

  it("that can not be read is a fault of ours, unless another credential lets in", async () => {
    const source = sourceWith({ type: "bearer", token: inFile(file) }, bearer("right"));
    const credentials = new CredentialCheck();
    expect(await credentials.check(source, shown("right"))).toBe("ok");
    await expect(credentials.check(source, shown("other"))).rejects.toThrow(
      `the credential file ${file} is not usable: ENOENT`,
    );
    expect(await credentials.check(source, { headers: {}, now: NOW })).toBe("missing");
    await writeFile(file, "other");
    expect(await credentials.check(source, shown("other"))).toBe("ok");
  });
});
