import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type ConnectionOptions } from "node:tls";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../core/errors.ts";
import { createAuthority, type Authority, type IssuedCertificate } from "../../lab/certificates.ts";
import { applyTls, httpsOptions } from "./https-options.ts";
import { loadWebConfig } from "./load.ts";
import { registerWebConfig } from "./register.ts";
import type { WebConfig } from "./web-config.ts";

let folder: string;
let authority: Authority;
let stranger: Authority;
let server: IssuedCertificate;
let app: FastifyInstance;
let config: WebConfig;
let handled: number;

beforeAll(async () => {
  authority = await createAuthority();
  stranger = await createAuthority();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "web-tls-"));
  server = await authority.issue({ hosts: ["127.0.0.1"] });
  await put({ "server.crt": server.certificatePem, "server.key": server.keyPem, "ca.crt": authority.certificatePem });
  await put({ "strangers.crt": stranger.certificatePem });
  handled = 0;
});
afterEach(async () => {
  await app?.close();
  await rm(folder, { recursive: true });
});

async function put(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

async function load(tls: Record<string, unknown> | undefined): Promise<WebConfig> {
  const section = tls && { cert_file: "server.crt", key_file: "server.key", ...tls };
  await put({ "web.yml": JSON.stringify({ tls_server_config: section }) });
  return loadWebConfig(join(folder, "web.yml"));
}

async function serve(tls: Record<string, unknown> | undefined): Promise<void> {
  config = await load(tls);
  const https = httpsOptions(config);
  app = Fastify({ forceCloseConnections: true, ...(https && { https }) });
  registerWebConfig(app, () => config);
  app.get("/", () => {
    handled++;
    return "ok";
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
}

function port(): number {
  const address = app.server.address();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

interface Visit {
  /** The status line of the answer; absent when the connection was refused. */
  readonly status: string | undefined;
  readonly isResumed: boolean;
  readonly session: Buffer | undefined;
}

/** One request on a connection of its own. */
async function visit(options: ConnectionOptions = {}, path = "/"): Promise<Visit> {
  const socket = connect({ port: port(), host: "127.0.0.1", ca: authority.certificatePem, ...options });
  let text = "";
  let session: Buffer | undefined;
  let isResumed = false;
  socket.on("session", (offered: Buffer) => (session = offered));
  socket.on("data", (part) => (text += String(part)));
  socket.on("error", () => undefined);
  socket.once("secureConnect", () => {
    isResumed = socket.isSessionReused();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  });
  // not `once`, which fails at an error
  await new Promise((resolve) => socket.once("close", resolve));
  return { status: /^HTTP\/1\.1 (\d+)/.exec(text)?.[1], isResumed, session };
}

const showing = ({ certificatePem, keyPem }: IssuedCertificate) => ({ cert: certificatePem, key: keyPem });
const client = (hosts: string[] = ["prometheus.example.org"]) => authority.issue({ hosts, client: true });
const foreignClient = () => stranger.issue({ hosts: ["prometheus.example.org"], client: true });

describe("TLS", () => {
  it("serves without client certificates", async () => {
    await serve({});
    expect((await visit()).status).toBe("200");
    expect((await visit(showing(await foreignClient()))).status).toBe("200");
  });

  it("has 1.2 as its least version", async () => {
    await serve({});
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    expect((await visit(old)).status).toBeUndefined();
    expect((await visit({ maxVersion: "TLSv1.2" })).status).toBe("200");
    expect((await visit({ minVersion: "TLSv1.3" })).status).toBe("200");
  });

  it.each([
    [{ min_version: "TLS13" }, { maxVersion: "TLSv1.2" }, undefined],
    [{ max_version: "TLS12" }, { minVersion: "TLSv1.3" }, undefined],
    [{ max_version: "TLS12" }, {}, "200"],
    [{ min_version: "TLS10" }, { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }, "200"],
    [{ min_version: "TLS11" }, { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" }, undefined],
    [{ min_version: "TLS10", max_version: "TLS10" }, {}, undefined],
    [{ cipher_suites: ["TLS_AES_128_GCM_SHA256"] }, { maxVersion: "TLSv1.2" }, undefined],
    [{ cipher_suites: ["TLS_AES_128_GCM_SHA256"] }, {}, "200"],
    [{ curve_preferences: ["CurveP384"] }, { ecdhCurve: "X25519" }, undefined],
    [{ curve_preferences: ["CurveP384"] }, { ecdhCurve: "P-384" }, "200"],
  ] as const)("with %j answers a client of %j with %s", async (section, options, status) => {
    await serve(section);
    expect((await visit(options)).status).toBe(status);
  });

  const ECDSA_128 = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
  const ECDSA_256 = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
  it.each([
    [{ cipher_suites: [ECDSA_128] }, "ECDHE-ECDSA-AES128-GCM-SHA256"],
    [{ cipher_suites: [ECDSA_128, ECDSA_256] }, "ECDHE-ECDSA-AES128-GCM-SHA256"],
    [{ cipher_suites: [ECDSA_128, ECDSA_256], prefer_server_cipher_suites: false }, "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ])("with %j agrees on %s", async (section, agreed) => {
    await serve(section);
    const ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256";
    const socket = connect({
      port: port(),
      host: "127.0.0.1",
      ca: authority.certificatePem,
      maxVersion: "TLSv1.2",
      ciphers,
    });
    await once(socket, "secureConnect");
    expect(socket.getCipher().name).toBe(agreed);
    socket.destroy();
    // the list is only for versions up to 1.2
    expect((await visit({ minVersion: "TLSv1.3" })).status).toBe("200");
  });
});

describe("client certificates", () => {
  const CA = { client_ca_file: "ca.crt" };
  it.each([
    ["NoClientCert", {}, ["200", "200", "200"]],
    ["RequestClientCert", {}, ["200", "200", "200"]],
    ["RequireAnyClientCert", {}, [undefined, "200", "200"]],
    ["RequireClientCert", {}, [undefined, "200", "200"]],
    ["VerifyClientCertIfGiven", CA, ["200", undefined, "200"]],
    ["RequireAndVerifyClientCert", CA, [undefined, undefined, "200"]],
  ])("%s decides about no, a strange and a good certificate", async (type, ca, expected) => {
    await serve({ client_auth_type: type, ...ca });
    const visits = [await visit(), await visit(showing(await foreignClient())), await visit(showing(await client()))];
    expect(visits.map(({ status }) => status)).toEqual(expected);
    expect(handled).toBe(expected.filter((status) => status === "200").length);
  });

  it("refuses before any path, known or not", async () => {
    await serve({ client_auth_type: "RequireAnyClientCert" });
    expect((await visit({}, "/none")).status).toBeUndefined();
    expect((await visit(showing(await client()), "/none")).status).toBe("404");
  });

  it.each([
    [["prometheus.example.org"], ["prometheus.example.org"], "200"],
    [["a.example.org", "b.example.org"], ["c.example.org", "b.example.org"], "200"],
    [["prometheus.example.org"], ["example.org"], undefined],
    [["*.example.org"], ["prometheus.example.org"], undefined],
    [["PROMETHEUS.example.org"], ["prometheus.example.org"], undefined],
    [["127.0.0.1"], ["127.0.0.1"], "200"],
    [["2001:db8:0:0::1"], ["2001:DB8::1"], "200"],
    [["evil, DNS:prometheus.example.org"], ["prometheus.example.org"], undefined],
  ])("a certificate for %j meets client_allowed_sans %j: %s", async (names, allowed, status) => {
    await serve({ client_auth_type: "RequireAndVerifyClientCert", client_allowed_sans: allowed, ...CA });
    expect((await visit(showing(await client(names)))).status).toBe(status);
  });

  it("takes a URI of SPIFFE and an e-mail address for a name", async () => {
    const x509 = await import("@peculiar/x509");
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const names = [
      { type: "url", value: "spiffe://example.org/prometheus" } as const,
      { type: "email", value: "a@example.org" } as const,
    ];
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=self",
      keys,
      signingAlgorithm: algorithm,
      serialNumber: "42",
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      extensions: [new x509.SubjectAlternativeNameExtension(names)],
    });
    const key = x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
    for (const [allowed, status] of [
      ["spiffe://example.org/prometheus", "200"],
      ["a@example.org", "200"],
      ["x", undefined],
    ] as const) {
      await serve({ client_auth_type: "RequireAnyClientCert", client_allowed_sans: [allowed] });
      expect((await visit({ cert: certificate.toString("pem"), key })).status).toBe(status);
      await app.close();
    }
  });

  it("judges a resumed session like a new one", async () => {
    await serve({ client_auth_type: "RequireAndVerifyClientCert", client_allowed_sans: ["a"], ...CA });
    const shown = showing(await client(["a"]));
    const first = await visit(shown);
    const second = await visit({ ...shown, session: first.session });
    expect(second.isResumed).toBe(true);
    expect(second.status).toBe("200");
    config = await load({ client_auth_type: "RequireAndVerifyClientCert", client_allowed_sans: ["b"], ...CA });
    expect((await visit({ ...shown, session: first.session })).status).toBeUndefined();
  });
});

describe("applyTls", () => {
  const reload = async (tls: Record<string, unknown> | undefined): Promise<void> => {
    const next = await load(tls);
    applyTls(app.server, next, config);
    config = next;
  };

  it("swaps the certificate of new connections and leaves open ones", async () => {
    await serve({});
    const open = connect({ port: port(), host: "127.0.0.1", ca: authority.certificatePem });
    await once(open, "secureConnect");
    const renewed = await authority.issue({ hosts: ["127.0.0.1"] });
    await put({ "server.crt": renewed.certificatePem, "server.key": renewed.keyPem });
    await reload({});
    const fresh = connect({ port: port(), host: "127.0.0.1", ca: authority.certificatePem });
    await once(fresh, "secureConnect");
    expect(fresh.getPeerX509Certificate()?.fingerprint256).toBe(
      new X509Certificate(renewed.certificatePem).fingerprint256,
    );
    open.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    const [answer] = (await once(open, "data")) as [Buffer];
    expect(answer.toString()).toContain("200 OK");
    open.destroy();
    fresh.destroy();
  });

  it("swaps the client roots, for sessions that would resume too", async () => {
    const wanted = { client_auth_type: "RequireAndVerifyClientCert" };
    await serve({ ...wanted, client_ca_file: "ca.crt" });
    const shown = showing(await client());
    const { session } = await visit(shown);
    await reload({ ...wanted, client_ca_file: "strangers.crt" });
    expect((await visit({ ...shown, session })).status).toBeUndefined();
    expect((await visit(showing(await foreignClient()))).status).toBe("200");
  });

  it("closes idle connections when the client roots change", async () => {
    const wanted = { client_auth_type: "RequireAndVerifyClientCert" };
    await serve({ ...wanted, client_ca_file: "ca.crt" });
    const open = connect({ port: port(), host: "127.0.0.1", ca: authority.certificatePem, ...showing(await client()) });
    await once(open, "secureConnect");
    open.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await once(open, "data");
    const closed = once(open, "close");
    await reload({ ...wanted, client_ca_file: "strangers.crt" });
    const [hadError] = (await closed) as [boolean];
    expect(hadError).toBe(false);
  });

  it.each([
    [{}, undefined, /tls_server_config: TLS can not be switched off while the server runs: restart/, "200"],
    [undefined, {}, /tls_server_config: TLS can not be switched on while the server runs: restart/, undefined],
    [{}, { client_auth_type: "RequestClientCert" }, /NoClientCert can not become RequestClientCert while/, "200"],
    [
      { client_auth_type: "VerifyClientCertIfGiven", client_ca_file: "ca.crt" },
      { client_auth_type: "RequireAndVerifyClientCert", client_ca_file: "ca.crt" },
      /client_auth_type: VerifyClientCertIfGiven can not become RequireAndVerifyClientCert/,
      "200",
    ],
  ])("says that %j to %j needs a restart, and changes nothing", async (before, after, message, status) => {
    await serve(before);
    const refusal: unknown = await reload(after).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConfigError);
    expect(String(refusal)).toMatch(message);
    expect((await visit()).status).toBe(status);
  });

  it("has nothing to do without TLS", async () => {
    await serve(undefined);
    await reload(undefined);
    expect((await app.inject("/")).statusCode).toBe(200);
  });
});
