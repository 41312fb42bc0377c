import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import { z } from "zod";
import { describe, expect, it, onTestFinished } from "vitest";
import type { TrueNasClient } from "../../src/collectors/truenas/client.ts";
import { hours, milliseconds, seconds } from "../../src/core/duration.ts";
import { CollectError } from "../../src/core/errors.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import type { TrueNasLab, TrueNasLabOptions, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const RELEASES = ["24.10", "25.04", "25.10", "26"] as const satisfies readonly TrueNasRelease[];
const soon = (): AbortSignal => AbortSignal.timeout(10_000);
const anything = z.unknown();
const info = { method: "system.info", shape: z.object({ version: z.string() }) };
const ask = (client: TrueNasClient): Promise<unknown> => client.call({ ...info, signal: soon() });
const refused = async (asked: Promise<unknown>): Promise<CollectError> => {
  const thrown: unknown = await asked.then(
    (answer) => `answered: ${JSON.stringify(answer)}`,
    (reason: unknown) => reason,
  );
  if (thrown instanceof CollectError) return thrown;
  throw new Error(`not refused: ${String(thrown)}`);
};
const paths = (lab: TrueNasLab): readonly string[] => lab.requests.map(({ path }) => path);
const loginsBy = (lab: TrueNasLab): Readonly<Record<string, number>> =>
  Object.fromEntries([...lab.stats.calls].filter(([method]) => method.startsWith("auth.")));

describe("a session with TrueNAS", () => {
  it.each([
    ["24.10", "/websocket", "v24.10"],
    ["25.04", "/api/v25.04.2", "v25.04.2"],
    ["25.10", "/api/v25.10.2", "v25.10.2"],
    ["26", "/api/v26.0.0", "v26.0.0"],
  ] as const)("speaks the newest version that %s offers", async (release, path, version) => {
    const { lab, connect } = await openTrueNasLab({ release });
    const client = await connect();
    expect(await client.api(soon())).toMatchObject({ dialect: { release }, apiVersion: version });
    expect(paths(lab)).toEqual(["/api/versions", path]);
    await ask(client);
    expect(client.stats.logins).toBe(1);
  });

  it("takes a server that leads to its own web interface for one without versions, and goes nowhere else", async () => {
    const { lab, connect } = await openTrueNasLab({ release: "24.10" });
    await lab.setFault({ kind: "redirect_loop", path: "/api/versions" });
    expect(await (await connect()).api(soon())).toMatchObject({ dialect: { release: "24.10" } });
  });

  it("does not take a server that is just starting for one without versions", async () => {
    const { lab, connect } = await openTrueNasLab();
    const client = await connect();
    await ask(client);
    await lab.setFault({ kind: "status", status: 404, path: "/api/versions" });
    lab.dropSockets();
    await waitUntil("the socket is lost", async () => (await refused(ask(client))).reason === "not_found");
    await lab.setFault(undefined);
    await waitUntil("it answers again", () => ask(client));
    expect(paths(lab)).not.toContain("/websocket");
  });

  it.each([
    ["24.10", { "auth.login_with_api_key": 1 }],
    ["25.04", { "auth.login_ex": 1 }],
    ["25.10", { "auth.login_ex": 1 }],
    ["26", { "auth.login_ex": 2 }],
  ] as const)("logs in on %s with the key and its user, as that release has it", async (release, logins) => {
    const { lab, connect } = await openTrueNasLab({ release });
    await ask(await connect());
    expect(loginsBy(lab)).toEqual(logins);
  });

  it.each(RELEASES)("logs in on %s with the key alone", async (release) => {
    const { lab, connect } = await openTrueNasLab({ release });
    await ask(await connect({ username: undefined }));
    expect(loginsBy(lab)).toEqual({ "auth.login_with_api_key": 1 });
  });

  it.each(RELEASES.flatMap((release) => [true, false].map((named) => [release, named] as const)))(
    "says on %s what to do about a key that is not accepted (user named: %s), without showing it",
    async (release, named) => {
      const { connect } = await openTrueNasLab({ release });
      const wrong = "1-hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hunter2hu";
      const client = await connect({ api_key: wrong, ...(!named && { username: undefined }) });
      const error = await refused(ask(client));
      expect(error.reason).toBe("unauthorized");
      expect(error.message).toMatch(/^login at 127\.0\.0\.1:\d+: the API key is not accepted.*revoked/);
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("hunter2");
    },
  );

  it.each(["25.04", "25.10"] as const)("tells on %s an ended key and one without rights apart", async (release) => {
    const { lab, connect } = await openTrueNasLab({ release });
    const [key] = lab.state.system.apiKeys;
    if (key === undefined) throw new Error("the lab has no key");
    key.expiresAt = lab.now() - 60;
    expect(await refused(ask(await connect()))).toMatchObject({
      reason: "unauthorized",
      message: expect.stringMatching(/expired or revoked \(EXPIRED\).*Make a new one/),
    });
    key.expiresAt = undefined;
    lab.setRoles([]);
    expect(await refused(ask(await connect()))).toMatchObject({
      reason: "forbidden",
      message: expect.stringMatching(/may not use the API \(DENIED\).*Read-Only Administrator/),
    });
  });

  it("says that a key belongs to another user", async () => {
    for (const release of ["25.10", "26"] as const) {
      const { connect } = await openTrueNasLab({ release });
      const error = await refused(ask(await connect({ username: "somebody" })));
      expect(error).toMatchObject({ reason: "unauthorized", message: expect.stringContaining("`username`") });
    }
  });

  it("says that what is no key of TrueNAS is none", async () => {
    const { lab, connect } = await openTrueNasLab({ release: "26" });
    const error = await refused(ask(await connect({ api_key: "hunter2-hunter2" })));
    expect(error).toMatchObject({ reason: "unauthorized", message: expect.stringContaining("is no API key") });
    expect(error.message).not.toContain("hunter2");
    expect(lab.stats.logins).toBe(0);
  });

  it("reads the key anew from its file for each login, and says that it can not be read", async () => {
    const { lab, connect } = await openTrueNasLab({ release: "26" });
    const folder = await createTemporaryFolder("truenas-key");
    onTestFinished(() => folder.remove());
    const file = join(folder.path, "key");
    const client = await connect({ api_key: undefined, api_key_file: file });
    expect(await refused(ask(client))).toMatchObject({
      reason: "credential_unreadable",
      message: expect.stringContaining(file),
    });
    await writeFile(file, `${lab.apiKey}\n`);
    await waitUntil("the key is read", () => ask(client));
    const [key] = lab.state.system.apiKeys;
    if (key === undefined) throw new Error("the lab has no key");
    key.key = "1-RotatedRotatedRotatedRotatedRotatedRotatedRotatedRotatedRotated00";
    await writeFile(file, key.key);
    lab.dropSockets();
    await waitUntil("the new key is used", () => ask(client));
    expect(lab.stats.limited).toBe(0);
  });

  it("waits long before it tries a refused key again, and says how long", async () => {
    const { lab, connect } = await openTrueNasLab();
    const client = await connect({ api_key: "1-wrong" }, { refusedWait: seconds(60) });
    for (let i = 0; i < 50; i += 1) expect((await refused(ask(client))).reason).toBe("unauthorized");
    expect(lab.stats.logins).toBe(1);
    expect((await refused(ask(client))).message).toMatch(/\b\d+ ?s|1m\b/);
  });

  it("opens the socket anew when the session has ended", async () => {
    const { lab, connect } = await openTrueNasLab();
    const client = await connect();
    await ask(client);
    lab.setSocketFault({ kind: "session_expired" });
    expect((await refused(ask(client))).reason).toBe("unauthorized");
    expect(client.stats.logins).toBe(2);
    lab.setSocketFault(undefined);
    await waitUntil("it is logged in again", () => ask(client));
  });

  it("follows a server through its upgrade", async () => {
    const authority = await createAuthority();
    const { lab, connect } = await openTrueNasLab({ authority, release: "25.04" });
    const client = await connect();
    await ask(client);
    expect((await client.api(soon())).dialect.release).toBe("25.04");
    await lab.close();
    await openTrueNasLab({ authority, release: "26", port: Number(new URL(lab.url).port) });
    await waitUntil("the new release answers", () => ask(client));
    expect((await client.api(soon())).dialect.release).toBe("26");
  });
});

describe("results that are watched", () => {
  const list = { method: "alert.list", shape: z.array(anything) };
  const asked = (lab: TrueNasLab): number => lab.stats.calls.get("alert.list") ?? 0;
  const watch = (client: TrueNasClient, resync = hours(1)) =>
    client.watched({ ...list, signal: soon() }, "alert.list", resync);

  it.each(RELEASES)("are asked for once on %s by all who want them, and anew after an event", async (release) => {
    const { lab, connect } = await openTrueNasLab({ release });
    const client = await connect();
    const [first, second] = await Promise.all([watch(client), watch(client)]);
    expect(second).toBe(first);
    expect(await watch(client)).toBe(first);
    expect(asked(lab)).toBe(1);
    await waitUntil("an event was heard", async () => {
      lab.emit("alert.list", { msg: "changed", id: "a", fields: {} });
      await watch(client);
      return asked(lab) > 1;
    });
  });

  it("are asked for anew when events may have been missed, and when they are old", async () => {
    const { lab, connect } = await openTrueNasLab();
    const client = await connect();
    await watch(client);
    lab.dropSockets();
    await waitUntil("the loss is noticed", async () => {
      await watch(client);
      return asked(lab) === 2;
    });
    await watch(client);
    expect(asked(lab)).toBe(2);
    await watch(client, milliseconds(0));
    expect(asked(lab)).toBe(3);
  });

  it("are read by each asker's own shape, and a failure is not kept", async () => {
    const { lab, connect } = await openTrueNasLab();
    const client = await connect();
    const call = { method: "alert.list", signal: soon() };
    lab.setSocketFault({ kind: "error", method: "alert.list", code: -32_001, errname: "EBUSY" });
    const error = await refused(watch(client));
    expect(error).toMatchObject({
      reason: "server_error",
      message: expect.stringContaining("alert.list on 127.0.0.1"),
    });
    lab.setSocketFault(undefined);
    expect(Array.isArray(await watch(client))).toBe(true);
    const count = { ...call, shape: z.array(anything).transform(({ length }) => length) };
    expect(await client.watched(count, "alert.list", hours(1))).toBeTypeOf("number");
    const wrong = { ...call, shape: z.number() };
    expect((await refused(client.watched(wrong, "alert.list", hours(1)))).reason).toBe("unexpected_shape");
    expect(asked(lab)).toBe(2);
  });

  it("leave who gave up behind, and serve the others", async () => {
    const gate = Promise.withResolvers<void>();
    const { connect } = await openTrueNasLab({
      beforeAnswer: (method) => (method === "alert.list" ? gate.promise : Promise.resolve()),
    });
    const client = await connect();
    const impatient = new AbortController();
    const first = client.watched({ ...list, signal: impatient.signal }, "alert.list", hours(1));
    const second = watch(client);
    impatient.abort(new DOMException("over", "TimeoutError"));
    await expect(first).rejects.toThrow("over");
    gate.resolve();
    expect(Array.isArray(await second)).toBe(true);
  });
});

describe("the newest event", () => {
  it.each(RELEASES)("is what it carried, on %s", async (release) => {
    const { lab, connect } = await openTrueNasLab({ release });
    const client = await connect();
    expect(client.latest("alert.list")).toBeUndefined();
    await ask(client);
    const before = Date.now();
    const seen = await waitUntil("an event was heard", () => {
      lab.emit("alert.list", { msg: "changed", id: "a", fields: { level: "INFO" } });
      return client.latest("alert.list");
    });
    expect(seen.fields).toEqual({ level: "INFO" });
    expect(seen.receivedAt).toBeGreaterThanOrEqual(before);
  });
});

describe("what parts remember", () => {
  it("is made once for each key and client", async () => {
    const { connect } = await openTrueNasLab();
    const [client, other] = [await connect(), await connect()];
    const [one, two] = [{ create: () => new Map() }, { create: () => new Map() }];
    expect(client.memory(one)).toBe(client.memory(one));
    expect(client.memory(two)).not.toBe(client.memory(one));
    expect(other.memory(one)).not.toBe(client.memory(one));
  });
});

describe("a socket that is dropped again and again", () => {
  it("goes on answering and never trips the limit of logins when that is every 10 s, though SCRAM counts twice", async () => {
    const { lab, client, pass } = await openInFastTime({ release: "26" }, 40);
    const dropping = setInterval(() => lab.dropSockets(), 10_000 / 40);
    onTestFinished(() => clearInterval(dropping));
    expect(await pass(client, 3)).toBeGreaterThan(0);
    expect(lab.stats.limited).toBe(0);
    expect(client.stats.lost).toBeGreaterThan(0);
  });

  it.each(RELEASES)("never trips the limit of logins on %s when that is at each first call", async (release) => {
    const drop = { now: () => {} };
    const beforeAnswer = async (method: string): Promise<void> => {
      if (method === "system.info") drop.now();
    };
    const { lab, client, pass } = await openInFastTime({ release, beforeAnswer }, 100);
    drop.now = () => lab.dropSockets();
    expect(await pass(client, 3)).toBe(0);
    expect(lab.stats.limited).toBe(0);
    expect(client.stats.logins).toBeGreaterThan(1);
  });
});

/** A server and a client whose clocks go `speed` times as fast, and which are else as they are by default. */
async function openInFastTime(options: TrueNasLabOptions, speed: number) {
  const begun = performance.now();
  const now = (): number => Date.UTC(2026, 0, 1) + (performance.now() - begun) * speed;
  const { lab, connect } = await openTrueNasLab({ ...options, now });
  const fast = (duration: number) => milliseconds(duration / speed);
  const pace = { firstWait: fast(1_000), lastWait: fast(60_000), openings: 8, window: fast(60_000) };
  /** Asks every second for so many minutes of the fast clocks; how often there was an answer. */
  const pass = async (client: TrueNasClient, minutes: number): Promise<number> => {
    let answered = 0;
    for (const end = now() + minutes * 60_000; now() < end; await pause(fast(1_000)))
      await ask(client).then(
        () => (answered += 1),
        () => undefined,
      );
    return answered;
  };
  return { lab, client: await connect({}, pace), pass };
}
