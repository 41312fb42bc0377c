import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { closeServers, startHttp, type TestServer } from "../../../lib/http/__fixtures__/servers.ts";
import type { Certificate } from "../certificate.ts";
import { RenewalInfo, type RenewalInfoOptions } from "./renewal-info.ts";

const NOW = Date.UTC(2026, 0, 1) / 1000;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const KEY = "69885b6b87464041e1b37b847ba0ae2cde01c8d4";
const signal = new AbortController().signal;

const opened: RenewalInfo[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((info) => info.close()));
  await closeServers();
});

/** A leaf of 90 days that an authority of that organisation signed. */
const leaf = (serial: number, more: Partial<Certificate> = {}): Certificate => ({
  fingerprint: `f${serial}`,
  der: new Uint8Array(),
  subject: { CN: `host${serial}.lan` },
  issuer: { O: "Let's Encrypt", CN: "R12" },
  subjectDer: `${serial}`,
  issuerDer: "r12",
  serialNumber: String(serial),
  notBefore: NOW - 10 * DAY,
  notAfter: NOW + 80 * DAY,
  role: "leaf",
  dnsNames: [],
  ipAddresses: [],
  authorityKeyId: KEY,
  key: { algorithm: "EC", bits: 256 },
  signatureAlgorithm: "ecdsa-with-SHA256",
  crlUrls: [],
  ...more,
});
const leaves = (count: number): Certificate[] => Array.from({ length: count }, (_, index) => leaf(index + 1));

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const json = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};
const WINDOW = { suggestedWindow: { start: "2026-02-28T00:00:00Z", end: "2026-03-01T00:00:00Z" } };
const END = Date.UTC(2026, 2, 1) / 1000;
const always: Answer = (_, response) => json(response, WINDOW, { "retry-after": String(6 * HOUR) });

/** An authority whose directory is at /directory, and which answers at /ari/ as it is told. */
async function startAuthority(
  answer: Answer,
  directory?: Answer,
): Promise<TestServer & { readonly asked: () => string[] }> {
  const server = await startHttp((request, response) => {
    if (request.url !== "/directory") return answer(request, response);
    if (directory !== undefined) return directory(request, response);
    json(response, { newNonce: `${server.origin}/nonce`, renewalInfo: `${server.origin}/ari/` });
  });
  return { ...server, asked: () => server.requests.filter((line) => line.startsWith("GET /ari/")) };
}

function open(servers: readonly TestServer[], issuers: string[] = [], options: RenewalInfoOptions = {}) {
  const info = new RenewalInfo(
    servers.map(({ origin }) => ({ directory: `${origin}/directory`, issuers })),
    options,
  );
  opened.push(info);
  return info;
}

describe("renewal information", () => {
  it("is the end of the window that the authority suggests, asked for when the authority wants", async () => {
    let body: object = { ...WINDOW, explanationURL: "https://acme.example/why" };
    const server = await startAuthority((_, response) => json(response, body, { "retry-after": "7200" }));
    const info = open([server]);
    const certificate = leaf(0x87654321);
    expect(info.windowEnd(certificate)).toBeUndefined();
    expect(await info.refresh([certificate], NOW, signal)).toEqual([]);
    expect(info.windowEnd(certificate)).toBe(END);
    expect(server.requests).toEqual(["GET /directory", "GET /ari/aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE"]);

    body = { suggestedWindow: { ...WINDOW.suggestedWindow, end: "2026-02-28T12:00:00Z" } };
    await info.refresh([certificate], NOW + 2 * HOUR - 1, signal);
    expect(info.windowEnd(certificate)).toBe(END);
    await info.refresh([certificate], NOW + 2 * HOUR, signal);
    expect(info.windowEnd(certificate)).toBe(END - DAY / 2);
    expect(server.requests).toHaveLength(3);
  });

  it("is not asked for expired, self-signed or strange certificates", async () => {
    const server = await startAuthority(always);
    const info = open([server], ["Let's Encrypt", "Lab CA"]);
    const { authorityKeyId: _, ...keyless } = leaf(5);
    await info.refresh(
      [
        leaf(1),
        leaf(2, { notAfter: NOW }),
        leaf(3, { subjectDer: "r12" }),
        leaf(4, { issuer: { O: "Another" } }),
        keyless,
        leaf(6, { issuer: { CN: "Lab CA" } }),
      ],
      NOW,
      signal,
    );
    expect(server.asked().map((line) => line.split(".")[1])).toEqual(["AQ", "Bg"]);
    const idle = await startAuthority(always);
    await open([idle]).refresh([leaf(2, { notAfter: NOW })], NOW, signal);
    expect(idle.requests).toEqual([]);
  });

  it("of a certificate that the authority does not know is asked for again after a day", async () => {
    const server = await startAuthority((_, response) => json(response, { type: "malformed" }, {}, 404));
    const info = open([server]);
    for (const at of [NOW, NOW + MINUTE, NOW + DAY - 1]) expect(await info.refresh([leaf(1)], at, signal)).toEqual([]);
    expect(server.asked()).toHaveLength(1);
    await info.refresh([leaf(1)], NOW + DAY, signal);
    expect(server.asked()).toHaveLength(2);
  });

  it("is asked of other authorities only while none knows the certificate", async () => {
    const first = await startAuthority((_, response) => json(response, {}, {}, 404));
    const second = await startAuthority(always);
    const info = open([first, second]);
    await info.refresh([leaf(1)], NOW, signal);
    expect(info.windowEnd(leaf(1))).toBe(END);
    await info.refresh([leaf(1)], NOW + DAY, signal);
    expect([first.asked().length, second.asked().length]).toEqual([1, 2]);
  });

  it("of many certificates is spread over several rounds, a few questions at once", async () => {
    let [running, most] = [0, 0];
    const server = await startAuthority((_, response) => {
      most = Math.max(most, (running += 1));
      response.on("finish", () => (running -= 1));
      setImmediate(() => json(response, WINDOW));
    });
    const info = open([server], [], { mostQuestions: 30 });
    const all = leaves(70);
    for (const [round, known] of [30, 60, 70, 70].entries()) {
      await info.refresh(all, NOW + round, signal);
      expect(all.filter((each) => info.windowEnd(each) !== undefined)).toHaveLength(known);
    }
    expect(most).toBeLessThanOrEqual(4);
    expect(server.asked()).toHaveLength(70);
    expect(new Set(server.asked()).size).toBe(70);
  });

  it("is kept for a while when its certificate is away, and then forgotten", async () => {
    const server = await startAuthority(always);
    const info = open([server]);
    await info.refresh([leaf(1)], NOW, signal);
    await info.refresh([], NOW + HOUR, signal);
    expect(info.windowEnd(leaf(1))).toBe(END);
    await info.refresh([], NOW + 6 * HOUR, signal);
    expect(info.windowEnd(leaf(1))).toBeUndefined();
  });
});

describe("an authority", () => {
  it("without renewal information is told once, and asked again after a day", async () => {
    const server = await startAuthority(always, (_, response) => json(response, { newNonce: "https://a/n" }));
    const info = open([server]);
    expect(await info.refresh([leaf(1)], NOW, signal)).toMatchObject([
      {
        piece: `renewal information of ${server.origin}/directory`,
        error: { reason: "not_found", message: expect.stringContaining("has no renewal information") },
      },
    ]);
    for (const at of [NOW + MINUTE, NOW + DAY, NOW + DAY + 1])
      expect(await info.refresh([leaf(1)], at, signal)).toEqual([]);
    expect(server.requests).toEqual(["GET /directory", "GET /directory"]);
  });

  it.each<[string, Answer, string]>([
    ["fails", (_, response) => void response.writeHead(500).end(), "server_error"],
    ["is no directory", (_, response) => void response.end("<html>"), "invalid_response"],
    ["has a wrong address in it", (_, response) => json(response, { renewalInfo: "ftp://a" }), "unexpected_shape"],
    ["cuts the answer off", (request) => void request.socket.destroy(), "connection_reset"],
    ["is all that works", () => {}, "server_error"],
  ])("whose directory %s is left alone for longer and longer", async (what, answer, reason) => {
    const isUp = what === "is all that works";
    const server = await startAuthority((_, response) => void response.writeHead(500).end(), isUp ? undefined : answer);
    const info = open([server]);
    const tried: number[] = [];
    for (let minute = 0; minute <= 40; minute++) {
      const missing = await info.refresh(leaves(4), NOW + minute * MINUTE, signal);
      expect(missing.every(({ error }) => error.reason === reason)).toBe(true);
      if (missing.length > 0) tried.push(minute);
    }
    expect(tried).toEqual([0, 1, 3, 7, 15, 31]);
  });

  it("that wants to be left alone is, for as long as it says", async () => {
    const server = await startAuthority((_, response) => json(response, {}, { "retry-after": "600" }, 429));
    const info = open([server]);
    expect(await info.refresh(leaves(50), NOW, signal)).toMatchObject([{ error: { reason: "rate_limited" } }]);
    expect(server.asked().length).toBeLessThanOrEqual(4);
    const { length } = server.asked();
    expect(await info.refresh(leaves(50), NOW + 599, signal)).toEqual([]);
    expect(server.asked()).toHaveLength(length);
    await info.refresh(leaves(50), NOW + 600, signal);
    expect(server.asked().length).toBeGreaterThan(length);
  });

  it("that fails for one certificate still answers for the others; what it said before stands", async () => {
    let isBroken = false;
    const server = await startAuthority((request, response) => {
      if (!isBroken || !request.url?.endsWith(".AQ")) return json(response, WINDOW, { "retry-after": "60" });
      json(response, { suggestedWindow: { start: "2026-03-01T00:00:00Z", end: "2026-02-01T00:00:00Z" } });
    });
    const info = open([server]);
    const all = leaves(3);
    await info.refresh(all, NOW, signal);
    isBroken = true;
    const missing = await info.refresh(all, NOW + MINUTE, signal);
    expect(missing).toMatchObject([{ error: { reason: "unexpected_shape" } }]);
    expect(all.map((each) => info.windowEnd(each))).toEqual([END, END, END]);
    expect(await info.refresh(all, NOW + 2 * MINUTE, signal)).toEqual([]);
    expect(server.asked()).toHaveLength(3 + 3 + 2);
  });

  it("that fails for one certificate each time does not keep the others waiting", async () => {
    const server = await startAuthority((request, response) => {
      if (request.url?.endsWith(".AQ")) return void response.writeHead(500).end();
      always(request, response);
    });
    const info = open([server], [], { mostQuestions: 1 });
    const all = leaves(3);
    for (const minute of [0, 1, 2, 3, 4]) await info.refresh(all, NOW + minute * MINUTE, signal);
    expect(all.map((each) => info.windowEnd(each))).toEqual([undefined, END, END]);
  });

  it("that refuses many certificates is one piece", async () => {
    const server = await startAuthority((_, response) => void response.writeHead(403).end());
    const info = open([server]);
    const missing = await info.refresh(leaves(5), NOW, signal);
    expect(missing).toMatchObject([{ error: { reason: "forbidden", message: expect.stringMatching(/and 4 more/) } }]);
    expect(await info.refresh(leaves(5), NOW + 6 * HOUR - 1, signal)).toEqual([]);
  });

  it("is not waited for when the service stops", async () => {
    const asked = Promise.withResolvers<void>();
    const server = await startAuthority(() => asked.resolve());
    const info = open([server]);
    const stopped = new AbortController();
    const work = info.refresh(leaves(9), NOW, stopped.signal);
    await asked.promise;
    stopped.abort(new Error("stopped"));
    await expect(work).rejects.toThrow("stopped");
  });
});
