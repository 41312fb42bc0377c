import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import * as tls from "node:tls";
import { toPem } from "jks-js";
import forge from "node-forge";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createTemporaryFolder, type TemporaryFolder } from "../../../test/helpers/janitor.ts";
import { startCertificatesLab } from "./certificates-lab.ts";
import type { CertificatesLab } from "./contract.ts";
import { PASSPHRASE, type WrittenFile } from "./files.ts";
import type { EndpointName } from "./plans/plans.ts";

let lab: CertificatesLab;
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await createTemporaryFolder("certificates-lab");
  lab = await startCertificatesLab();
});
afterAll(async () => {
  await lab.close();
  await folder.remove();
});
afterEach(() => {
  lab.proxy.manner = "allows";
});

interface Look {
  /** Why the client does not trust it; `trusted` when it does. */
  readonly verdict: string;
  readonly fingerprint: string;
  readonly protocol: string | null;
  readonly cipher: string;
  /** Bytes of the OCSP answer. */
  readonly staple: number;
}

/** What Node sees; rejects when there is no session. */
async function look(name: EndpointName, options: tls.ConnectionOptions = {}): Promise<Look> {
  const { port, serverName } = lab.endpoints[name];
  const socket = tls.connect({
    port,
    host: "127.0.0.1",
    ca: lab.caPem,
    rejectUnauthorized: false,
    ...(net.isIP(serverName) === 0 && { servername: serverName }),
    minVersion: "TLSv1",
    ciphers: "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
    requestOCSP: true,
    ...options,
  });
  let staple = 0;
  socket.on("OCSPResponse", (answer: Buffer | null) => (staple = answer?.length ?? 0));
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(20_000) });
    const verdict = verdictOf(socket.authorizationError);
    return {
      verdict,
      fingerprint: socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase(),
      protocol: socket.getProtocol(),
      cipher: socket.getCipher().standardName,
      staple,
    };
  } finally {
    socket.destroy();
  }
}

/** Node gives an Error for a wrong host and a code for all else. */
function verdictOf(error: unknown): string {
  if (error instanceof Error) return String((error as NodeJS.ErrnoException).code);
  return typeof error === "string" ? error : "trusted";
}

const VERDICTS: Partial<Record<EndpointName, string>> = {
  good: "trusted",
  expired: "CERT_HAS_EXPIRED",
  not_yet_valid: "CERT_NOT_YET_VALID",
  self_signed: "DEPTH_ZERO_SELF_SIGNED_CERT",
  untrusted: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  wrong_host: "ERR_TLS_CERT_ALTNAME_INVALID",
  incomplete: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  client_only: "INVALID_PURPOSE",
  many_names: "trusted",
  no_subject: "trusted",
  ip_address: "trusted",
  wildcard: "trusted",
  ten_years: "trusted",
  day_critical: "trusted",
  misordered: "trusted",
  duplicate: "trusted",
  unrelated: "trusted",
  cross_signed: "trusted",
  huge_chain: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
};

test.for(Object.entries(VERDICTS) as [EndpointName, string][])(
  "a client finds %s to be %s",
  async ([name, verdict]) => {
    expect(await look(name)).toMatchObject({ verdict });
  },
);

test("sessions are as weak as their endpoints are said to be", async () => {
  expect(await look("tls_1_0")).toMatchObject({ protocol: "TLSv1" });
  expect(await look("tls_1_1")).toMatchObject({ protocol: "TLSv1.1" });
  expect(await look("tls_1_2")).toMatchObject({ protocol: "TLSv1.2" });
  expect(await look("no_forward_secrecy")).toMatchObject({ cipher: "TLS_RSA_WITH_AES_128_GCM_SHA256" });
  expect(await look("no_encryption")).toMatchObject({ cipher: "TLS_ECDHE_RSA_WITH_NULL_SHA" });
});

test("an OCSP answer is stapled where there is one", async () => {
  expect((await look("ocsp_good")).staple).toBeGreaterThan(200);
  expect((await look("good")).staple).toBe(0);
});

test("a client's certificate opens what demands one", async () => {
  const { certificatePem, keyPem } = lab.hierarchy.client;
  const shown = { cert: certificatePem + lab.hierarchy.intermediate.certificatePem, key: keyPem };
  expect(await look("wants_client_1_2", shown)).toMatchObject({ verdict: "trusted" });
  await expect(look("wants_client_1_2")).rejects.toThrow(/handshake failure/);
});

test("ports are closed, silent, reset or no TLS at all, and are well again when the fault is over", async () => {
  await lab.break("good", "port_closed");
  await expect(look("good")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await lab.break("good", "reset");
  await expect(look("good")).rejects.toMatchObject({ code: "ECONNRESET" });
  await lab.break("good", "plain_http");
  await expect(look("good")).rejects.toMatchObject({ code: "ERR_SSL_WRONG_VERSION_NUMBER" });
  await lab.break("good", "silent");
  const socket = tls.connect({ port: lab.endpoints.good.port, host: "127.0.0.1" });
  await once(socket, "connect");
  const gone = once(socket, "error");
  await lab.break("good", undefined);
  await gone;
  expect(await look("good")).toMatchObject({ verdict: "trusted" });
});

test("a renewed certificate is stored at once and served after a reload", async () => {
  await lab.writeFiles(folder.path);
  const path = join(folder.path, "stored/smtp.pem");
  const before = await lab.endpoints.smtp.leaf();
  expect(await readFile(path, "utf8")).toContain(before.certificatePem);
  const renewed = await lab.renew("smtp");
  expect(renewed.fingerprint).not.toBe(before.fingerprint);
  expect(await readFile(path, "utf8")).toContain(renewed.certificatePem);
  expect(await lab.endpoints.smtp.leaf()).toBe(before);
  lab.reload("smtp");
  expect(await lab.endpoints.smtp.leaf()).toBe(renewed);
});

test("what is served changes with a reload", async () => {
  const renewed = await lab.renew("wildcard");
  expect((await look("wildcard")).fingerprint).not.toBe(renewed.fingerprint);
  lab.reload("wildcard");
  expect((await look("wildcard")).fingerprint).toBe(renewed.fingerprint);
});

test("a certificate is taken back on the list of its authority and in its OCSP answer", async () => {
  const leaf = await lab.endpoints.ocsp_delegated.leaf();
  const staple = (await look("ocsp_delegated")).staple;
  await lab.revoke("ocsp_delegated");
  // without the responder's certificate it is less than half as long
  expect((await look("ocsp_delegated")).staple).toBeLessThan(staple / 2);
  const list = await listOf("good");
  expect(list.includes(Buffer.from(leaf.certificate.serialNumber, "hex"))).toBe(true);
  expect(lab.listRequests.at(-1)).toMatch(/^\/crl\/good\/[0-9a-f]{40}\.crl$/);
});

async function listOf(name: EndpointName): Promise<Buffer> {
  const url = /http:[^ ]+?\.crl/.exec((await lab.endpoints[name].leaf()).der.toString("latin1"))?.[0] ?? "";
  const answer = await fetch(url);
  return answer.ok ? Buffer.from(await answer.arrayBuffer()) : Buffer.of();
}

test("lists are missing or something else where it is said so", async () => {
  expect(await listOf("crl_missing")).toHaveLength(0);
  expect((await listOf("crl_garbage")).toString()).toBe("there is no list here\n");
});

test("the intermediate's new key signs what is renewed, and what is served stays as it was", async () => {
  const old = lab.hierarchy.intermediate;
  const rotated = await lab.rotateIntermediate();
  expect(rotated.certificate.subject).toBe(old.certificate.subject);
  expect(rotated.keyId).not.toBe(old.keyId);
  expect((await lab.endpoints.good.leaf()).authorityKeyId).toBe(old.keyId);
  expect((await lab.renew("good")).authorityKeyId).toBe(rotated.keyId);
  expect(await look("good")).toMatchObject({ verdict: "trusted" });
  lab.reload("good");
  expect(await look("good")).toMatchObject({ verdict: "trusted" });
});

test("key stores open with their passphrase", async () => {
  const written = await lab.writeFiles(folder.path);
  const jks = toPem(await readFile(join(folder.path, "formats/truststore.jks")), PASSPHRASE);
  expect(Object.keys(jks)).toEqual(["root", "intermediate"]);
  const p12 = forge.asn1.fromDer(await readFile(join(folder.path, "formats/keystore.p12"), "latin1"));
  const store = forge.pkcs12.pkcs12FromAsn1(p12, PASSPHRASE);
  const [bag] = store.getBags({ bagType: forge.pki.oids["certBag"] ?? "" })[forge.pki.oids["certBag"] ?? ""] ?? [];
  const der = bag?.cert === undefined ? "" : forge.asn1.toDer(forge.pki.certificateToAsn1(bag.cert)).getBytes();
  expect(createHash("sha256").update(der, "latin1").digest("hex")).toBe(holds(written, "formats/keystore.p12"));
});

function holds(written: readonly WrittenFile[], name: string): string | undefined {
  return written.find(({ path }) => path.endsWith(name))?.certificates.join();
}

test("an ACME authority tells when to renew what it knows", async () => {
  const { acme } = lab;
  const leaf = await lab.endpoints.six_days.leaf();
  const directory = await askAcme(acme.directory);
  const id = [leaf.authorityKeyId, leaf.certificate.serialNumber].map((hex) =>
    Buffer.from(hex, "hex").toString("base64url"),
  );
  const url = `${String(directory.body["renewalInfo"])}/${id.join(".")}`;
  const life = leaf.certificate.notAfter.getTime() - leaf.certificate.notBefore.getTime();
  const end = new Date(leaf.certificate.notBefore.getTime() + (life * 2) / 3).toISOString();
  expect(await askAcme(url)).toMatchObject({ status: 200, retryAfter: "21600", body: { suggestedWindow: { end } } });
  acme.retryAfter = undefined;
  acme.setWindow(leaf, { start: 0, end: 1_000, explanationUrl: "https://lab.test/why" });
  expect(await askAcme(url)).toMatchObject({
    retryAfter: undefined,
    body: { suggestedWindow: { end: "1970-01-01T00:00:01.000Z" }, explanationURL: "https://lab.test/why" },
  });
  acme.setWindow(leaf, undefined);
  expect(await askAcme(url)).toMatchObject({ status: 404 });
});

async function askAcme(url: string): Promise<{ status: number; retryAfter: unknown; body: Record<string, unknown> }> {
  const request = https.get(url, { ca: lab.acme.caPem, agent: false });
  const [answer] = (await once(request, "response")) as [http.IncomingMessage];
  const body = (await json(answer)) as Record<string, unknown>;
  return { status: answer.statusCode ?? 0, retryAfter: answer.headers["retry-after"], body };
}

test("a proxy tunnels, refuses or says nothing", async () => {
  const { port, serverName } = lab.endpoints.good;
  const connect = (): http.ClientRequest => {
    const request = http.request(lab.proxy.url, { method: "CONNECT", path: `127.0.0.1:${port}`, agent: false });
    return request.end();
  };
  const [answer, socket] = (await once(connect(), "connect")) as [http.IncomingMessage, net.Socket];
  expect(answer.statusCode).toBe(200);
  const session = tls.connect({ socket, ca: lab.caPem, servername: serverName });
  await once(session, "secureConnect");
  session.destroy();
  for (const [manner, status] of [
    ["forbids", 403],
    ["wants_login", 407],
    ["fails", 502],
  ] as const) {
    lab.proxy.manner = manner;
    const [refusal] = (await once(connect(), "connect")) as [http.IncomingMessage];
    expect(refusal.statusCode).toBe(status);
  }
  expect(lab.proxy.asked).toEqual(Array.from({ length: 4 }, () => `127.0.0.1:${port}`));
});

test("a lab is closed at once while clients hang on to it", async () => {
  const other = await startCertificatesLab();
  const sockets = [other.endpoints.silent, other.endpoints.smtp, other.endpoints.good].map(({ port }) =>
    net.connect(port, "127.0.0.1"),
  );
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const gone = sockets.map((socket) => once(socket.on("error", () => {}).resume(), "close"));
  await other.close();
  expect(await Promise.all(gone)).toHaveLength(3);
});
