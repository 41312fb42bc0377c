import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import type { AlertmanagerApi } from "../../core/alerting-config.ts";
import { minutes } from "../../core/duration.ts";
import { Secret } from "../../core/secret.ts";
import { createAuthority } from "../../lab/certificates.ts";
import { startLabServer, type LabServer } from "../../lab/server.ts";
import { FakeAlertmanager } from "./__fixtures__/fake-alertmanager.ts";
import { checkAlertmanager, readAlertmanager } from "./alertmanager-client.ts";

const signal = new AbortController().signal;
let folder: TemporaryFolder;
let alertmanager: FakeAlertmanager;
let server: LabServer | undefined;
let instead: Record<string, string>;

beforeEach(async () => {
  folder = await createTemporaryFolder("alertmanager-client");
  alertmanager = new FakeAlertmanager();
  instead = {};
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await folder.remove();
});

const serve = async (options: Partial<Parameters<typeof startLabServer>[0]> = {}): Promise<LabServer> => {
  const handler = (request: { path: string }) => {
    const answer = alertmanager.handle(request);
    return { ...answer, body: instead[request.path] ?? answer.body };
  };
  server = await startLabServer({ ...options, handler });
  return server;
};
const apiOf = (of: Partial<AlertmanagerApi> = {}): AlertmanagerApi => ({
  urls: [server?.url ?? ""],
  every: minutes(1),
  caFile: undefined,
  login: undefined,
  ...of,
});

describe("readAlertmanager", () => {
  it("asks for everything that may be kept quiet, and for how long it has been up by its own clock", async () => {
    const { requests } = await serve();
    alertmanager.startedAt = Date.now() - 7_200_000;
    const { answers, failures } = await readAlertmanager(apiOf(), signal);
    expect(failures).toEqual([]);
    expect(answers).toHaveLength(1);
    expect(Math.abs((answers[0]?.upFor ?? 0) - 7_200_000)).toBeLessThan(5_000);
    expect(requests.map(({ target }) => target)).toEqual([
      "/api/v2/status",
      "/api/v2/alerts/groups?active=true&silenced=true&inhibited=true&muted=true",
      "/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true",
      "/api/v2/silences",
    ]);
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  it("logs in with a password whose file is read anew each time", async () => {
    const { requests } = await serve();
    const file = join(folder.path, "password");
    const login = { type: "basic", username: "ops", password: { value: undefined, file } } as const;
    for (const password of ["first", "second"]) {
      await writeFile(file, `${password}\n`);
      expect((await readAlertmanager(apiOf({ login }), signal)).failures).toEqual([]);
      const shown = requests.at(-1)?.headers.authorization ?? "";
      expect(Buffer.from(shown.replace("Basic ", ""), "base64").toString()).toBe(`ops:${password}`);
    }
  });

  it("logs in with a token, and never shows it", async () => {
    await serve();
    alertmanager.failing.set("status", 401);
    const login = { type: "bearer", token: { value: new Secret("hush-hush"), file: undefined } } as const;
    const { answers, failures } = await readAlertmanager(apiOf({ login }), signal);
    expect(server?.requests[0]?.headers.authorization).toBe("Bearer hush-hush");
    expect(answers).toEqual([]);
    expect(failures[0]?.message).toContain("/api/v2/status: status 401");
    expect(failures[0]?.message).not.toContain("hush-hush");
  });

  it("trusts the authority of ca_file, which it reads anew each time", async () => {
    const authority = await createAuthority();
    await serve({ authority });
    const caFile = join(folder.path, "ca.pem");
    const [missing] = (await readAlertmanager(apiOf({ caFile }), signal)).failures;
    expect(missing?.message).toBe(`ca_file ${caFile} is not usable: ENOENT`);
    await writeFile(caFile, authority.certificatePem);
    expect((await readAlertmanager(apiOf({ caFile }), signal)).failures).toEqual([]);
    const [untrusted] = (await readAlertmanager(apiOf(), signal)).failures;
    expect(untrusted?.reason).toBe("tls_untrusted");
  });

  it.each([
    ["/api/v2/alerts", '[{"fingerprint":1}]', "0.fingerprint is not of type string"],
    ["/api/v2/alerts", '{"status":"success","data":[]}', "the answer is not of type array"],
    ["/api/v2/alerts/groups", '[{"labels":{},"receiver":{"name":"x"}}]', "0.alerts is not of type array"],
    ["/api/v2/status", '{"uptime":"soon","config":{"original":""}}', "uptime has not the documented shape"],
    ["/api/v2/silences", "<html>", "HTML instead of JSON"],
  ])("leaves out a replica whose %s is %s", async (path, body, words) => {
    await serve();
    instead = { [path]: body };
    const { answers, failures } = await readAlertmanager(apiOf(), signal);
    expect(answers).toEqual([]);
    expect(failures[0]?.message).toContain(`GET ${server?.url}${path}: `);
    expect(failures[0]?.message).toContain(words);
  });

  it("takes what older versions leave out, and more than is documented", async () => {
    await serve();
    const status = { state: "active", silencedBy: null, inhibitedBy: [] };
    instead = {
      "/api/v2/alerts": JSON.stringify([
        { fingerprint: "f1", labels: {}, startsAt: "2026-03-01T12:00:00.123456789Z", status, news: 1 },
      ]),
    };
    const { answers } = await readAlertmanager(apiOf(), signal);
    expect(answers[0]?.alerts).toEqual([
      {
        fingerprint: "f1",
        labels: {},
        startsAt: Date.UTC(2026, 2, 1, 12, 0, 0, 123),
        status: { state: "active", silencedBy: [], inhibitedBy: [], mutedBy: [] },
      },
    ]);
  });

  it("reads lists that are larger than other answers may be", async () => {
    await serve();
    alertmanager.alerts = Array.from({ length: 2_000 }, (_, i) => ({
      fingerprint: `f${i}`,
      labels: { alertname: "NodeDown", instance: `host-${i}`, filler: "x".repeat(9_000) },
      startsAt: Date.now(),
      groups: [{ receiver: "watchkeeper", labels: { alertname: "NodeDown" } }],
    }));
    const { answers, failures } = await readAlertmanager(apiOf(), signal);
    expect(failures).toEqual([]);
    expect(answers[0]?.alerts).toHaveLength(2_000);
    expect(answers[0]?.groups).toHaveLength(2_000);
  });
});

describe("checkAlertmanager", () => {
  it("asks each replica for its status alone, with the login", async () => {
    const { requests, url } = await serve();
    const login = { type: "bearer", token: { value: new Secret("hush-hush"), file: undefined } } as const;
    expect(await checkAlertmanager(apiOf({ login }), signal)).toEqual([
      { subject: url, ok: true, message: "Alertmanager's API answers" },
    ]);
    expect(requests.map(({ target }) => target)).toEqual(["/api/v2/status"]);
    expect(requests[0]?.headers.authorization).toBe("Bearer hush-hush");
  });

  it("says of each replica what is wrong, and never throws", async () => {
    const { url } = await serve();
    alertmanager.failing.set("status", 401);
    const caFile = join(folder.path, "ca.pem");
    const silent = "http://127.0.0.1:1";
    expect(await checkAlertmanager(apiOf({ urls: [url, silent] }), signal)).toMatchObject([
      { subject: url, ok: false, message: expect.stringMatching(/^unauthorized: GET .*status 401/) as string },
      {
        subject: silent,
        ok: false,
        message: expect.stringMatching(/^connection_refused: GET .*\. Check that the service runs/) as string,
      },
    ]);
    expect(await checkAlertmanager(apiOf({ caFile }), signal)).toMatchObject([
      { ok: false, message: expect.stringContaining(`ca_file ${caFile} is not usable: ENOENT`) as string },
    ]);
    instead = { "/api/v2/status": "<html>" };
    alertmanager.failing.clear();
    expect((await checkAlertmanager(apiOf(), signal))[0]?.message).toContain("HTML instead of JSON");
  });
});
