import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createPrivateKey } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError } from "../../core/errors.ts";
import { createAuthority, type Authority, type IssuedCertificate } from "../../lab/certificates.ts";
import { httpsOptions } from "./https-options.ts";
import { loadWebConfig } from "./load.ts";

const HASH = "$2y$10$HX0a9jkxc.6e9TXNeRLm2euvHfT32poiJPnbhxLotC9ZxRFMC4266";
const TLS = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

let folder: string;
let authority: Authority;
let server: IssuedCertificate;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "web-config-"));
  authority = await createAuthority();
  server = await authority.issue({ hosts: ["127.0.0.1"] });
  const other = await authority.issue({ hosts: ["127.0.0.1"] });
  const locked = createPrivateKey(server.keyPem).export({
    type: "pkcs8",
    format: "pem",
    cipher: "aes-256-cbc",
    passphrase: "x",
  });
  const files = {
    "server.crt": server.certificatePem + authority.certificatePem,
    "server.key": server.keyPem,
    "both.pem": server.certificatePem + server.keyPem,
    "wrong-order.crt": authority.certificatePem + server.certificatePem,
    "other.key": other.keyPem,
    "locked.key": String(locked),
    "ca.crt": authority.certificatePem,
    "orphan.crt": server.certificatePem,
    "damaged.crt": server.certificatePem.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA"),
    "empty.pem": "",
    "latin1.pem": Buffer.from([0xe9]),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

async function load(yaml: string) {
  const file = join(folder, "web.yml");
  await writeFile(file, yaml);
  return loadWebConfig(file);
}

/** The message of the faults, with the folder taken out. */
async function faultsOf(yaml: string): Promise<string> {
  const fault: unknown = await load(yaml).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(fault instanceof ConfigError)) throw new Error("the configuration was taken", { cause: fault });
  return fault.message.replaceAll(`${folder}/`, "");
}

describe("loadWebConfig", () => {
  it("takes all that the format has", async () => {
    const config = await load(`
tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  client_allowed_sans: [prometheus.example.org]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP256, CurveP384, CurveP521, SecP256r1MLKEM768, SecP384r1MLKEM1024]
http_server_config:
  http2: false
  headers:
    Content-Security-Policy: default-src 'none'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: ""
    Strict-Transport-Security: max-age=3600
basic_auth_users:
  alice: ${HASH}
  bob: ${HASH}
rate_limit:
  interval: 500ms
  burst: 20
`);
    expect(config.tls).toMatchObject({
      certificate: server.certificatePem + authority.certificatePem,
      clientCa: authority.certificatePem,
      clientAuth: "RequireAndVerifyClientCert",
      clientAllowedSans: ["prometheus.example.org"],
      preferServerCiphers: false,
      ciphers: expect.arrayContaining(["ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_CHACHA20_POLY1305_SHA256"]) as unknown,
      groups: ["X25519", "P-256", "P-384", "P-521", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"],
    });
    expect(config.headers).toEqual({
      "Content-Security-Policy": "default-src 'none'",
      "X-Frame-Options": "deny",
      "X-Content-Type-Options": "nosniff",
      "Strict-Transport-Security": "max-age=3600",
    });
    expect([...config.users.keys()]).toEqual(["alice", "bob"]);
    expect(config.rateLimit).toEqual({ interval: 500, burst: 20 });
    expect(httpsOptions(config)).toMatchObject({ requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2" });
    for (const shown of [JSON.stringify(config), inspect(config, { depth: 9 })]) {
      expect(shown).not.toContain("PRIVATE KEY");
      expect(shown).not.toContain(HASH);
    }
  });

  it.each([
    "# nothing\n",
    "{}",
    "basic_auth_users:\n",
    "tls_server_config:\nhttp_server_config:\nrate_limit:\n",
    "http_server_config:\n  headers:\n",
    "rate_limit: { interval: 0 }",
    'rate_limit: { interval: "0s", burst: 5 }',
  ])("asks for nothing with %j", async (yaml) => {
    const { file: _, digest: __, ...config } = await load(yaml);
    expect(config).toEqual({ headers: {}, users: new Map(), tls: undefined, rateLimit: undefined });
  });

  it("takes certificates and key that stand in the file, and both in one file", async () => {
    const block = (pem: string): string => `|\n    ${pem.trim().replaceAll("\n", "\n    ")}\n`;
    const yaml = `tls_server_config:\n  cert: ${block(server.certificatePem)}  key: ${block(server.keyPem)}`;
    const inline = await load(yaml);
    expect(inline.tls?.certificate.trim()).toBe(server.certificatePem.trim());
    expect(inline.tls?.minVersion).toBe("TLS12");
    const combined = await load("tls_server_config: { cert_file: both.pem, key_file: both.pem }");
    expect(combined.tls?.key.reveal()).toContain("PRIVATE KEY");
  });

  it("gives a digest that follows the contents of all files", async () => {
    const first = await load(TLS);
    expect((await load(TLS)).digest).toBe(first.digest);
    await writeFile(join(folder, "server.crt"), server.certificatePem);
    expect((await load(TLS)).digest).not.toBe(first.digest);
    await writeFile(join(folder, "server.crt"), server.certificatePem + authority.certificatePem);
  });

  it.each([
    ["tls_sever_config: {}", 'web.yml:1:1: unknown key "tls_sever_config"; did you mean "tls_server_config"?'],
    ["", "web.yml: is empty: write `{}` where neither TLS nor authentication is wanted"],
    [" \n", "web.yml: is empty"],
    ["- a", "web.yml:1:1: must be a mapping of keys, is a list"],
    ["a: [", "web.yml:1:5: "],
    ["tls_server_config: {}", "web.yml:1:20 tls_server_config.cert_file: is missing: TLS needs `cert_file` or `cert`"],
    ["tls_server_config:\n  min_version: TLS13", "web.yml:2:3 tls_server_config.cert_file: is missing: TLS needs"],
    ["tls_server_config:\n  cert_file:", "web.yml:2:3 tls_server_config.cert_file: is empty"],
    [`${TLS}  cert: x`, "web.yml:4:9 tls_server_config.cert: must be a text in PEM, with its line breaks"],
    [`${TLS}  key: x`, "web.yml:4:8 tls_server_config.key: stands beside `key_file`: give only one of the two"],
    [
      "tls_server_config:\n  cert_file: server.crt\n  key_file: '-----BEGIN PRIVATE KEY-----'",
      "web.yml:3:13 tls_server_config.key_file: must name a file: what stands here is the text of one",
    ],
    [`${TLS}  min_version: TLS14`, "web.yml:4:16 tls_server_config.min_version: must be one of TLS10, TLS11, TLS12"],
    [`${TLS}  max_version: TLS11`, "web.yml:4:16 tls_server_config.max_version: is older than `min_version` (TLS12)"],
    [
      `${TLS}  client_auth_type: RequireAndVerify`,
      "web.yml:4:21 tls_server_config.client_auth_type: must be one of NoClientCert, RequestClientCert",
    ],
    [
      `${TLS}  client_auth_type: RequireAndVerifyClientCert`,
      "needs `client_ca_file` or `client_ca`: nothing says whom",
    ],
    [`${TLS}  client_ca_file: ca.crt`, "web.yml:4:19 tls_server_config.client_ca_file: has no effect: no client"],
    [`${TLS}  client_allowed_sans: [a]`, "web.yml:4:24 tls_server_config.client_allowed_sans: needs a `client_auth"],
    [
      `${TLS}  cipher_suites:\n    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA25`,
      "tls_server_config.cipher_suites.0: must be one of",
    ],
    [
      `${TLS}  cipher_suites: [TLS_RSA_WITH_AES_128_GCM_SHA256]`,
      'did you mean "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"?',
    ],
    [
      `${TLS}  max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]`,
      "web.yml:5:18 tls_server_config.cipher_suites: has only suites of TLS 1.3, which `max_version` (TLS12) shuts out",
    ],
    [
      `${TLS}  curve_preferences: [P256]`,
      "web.yml:4:23 tls_server_config.curve_preferences.0: must be one of CurveP256",
    ],
    ["http_server_config: { http2: true }", "http_server_config.http2: is not supported: Watchkeeper serves HTTP/1.1"],
    [
      "http_server_config:\n  headers:\n    Server: x",
      "web.yml:3:5 http_server_config.headers: unknown key; known are Content-Security-Policy, X-Frame-Options",
    ],
    [
      "http_server_config:\n  headers:\n    X-Frame-Options: DENY",
      'web.yml:3:22 http_server_config.headers.X-Frame-Options: must be one of deny, sameorigin; did you mean "deny"?',
    ],
    [
      'http_server_config: { headers: { X-XSS-Protection: "a\\nb" } }',
      "has a character that is not allowed in a header",
    ],
    ["rate_limit: { burst: 1 }", "rate_limit.interval: is missing"],
    ["rate_limit: { interval: 1, burst: 1 }", 'rate_limit.interval: must be a duration with a unit, such as "1s"'],
    ["rate_limit: { interval: -1s, burst: 1 }", "rate_limit.interval: must be a duration with a unit"],
    ["rate_limit: { interval: 1s }", "rate_limit.burst: must be at least 1: with 0 no request passes"],
    ["auth_excluded_paths: [/metrics]", "web.yml:1:1: unknown key"],
  ])("refuses %j", async (yaml, message) => {
    expect(await faultsOf(yaml)).toContain(message);
  });

  it.each([
    ["hunter2", "is not a bcrypt hash: make one with: htpasswd"],
    [HASH.slice(0, -1), "is not a bcrypt hash"],
    [HASH.replace("$10$", "$19$"), "has a cost of 19, which takes minutes to check: use 10 to 18"],
    [HASH.replace("$10$", "$03$"), "is not a bcrypt hash"],
    ["''", "is not a bcrypt hash"],
  ])("names the user of the bad hash %j, and not the hash", async (hash, message) => {
    const faults = await faultsOf(`basic_auth_users:\n  alice: ${HASH}\n  bob: ${hash}\n`);
    expect(faults).toContain(`web.yml:3:8 basic_auth_users.bob: ${message}`);
    expect(faults).not.toContain("alice");
    expect(faults).not.toContain("hunter2");
    expect(faults).not.toContain(HASH.slice(7, 40));
  });

  it("refuses a user name that no client can send", async () => {
    expect(await faultsOf(`basic_auth_users:\n  "a:b": ${HASH}\n`)).toContain("can not have a colon in it");
  });

  it.each([
    ["cert_file", "none.crt", "there is no such file; a relative path starts at the folder"],
    ["cert_file", "empty.pem", "has no certificate in PEM"],
    ["cert_file", "latin1.pem", "the file is not UTF-8 text"],
    ["cert_file", "damaged.crt", "has a certificate that is damaged: number 1"],
    ["cert_file", ".", "this is not a file"],
    ["key_file", "none.key", "there is no such file"],
    ["key_file", "server.key/a.key", "a part of the path before the file's name is not a folder"],
    ["key_file", ".", "this is not a file"],
    ["key_file", "server.crt", "has no private key in PEM"],
    ["key_file", "locked.key", "has a key with a passphrase: the format has no place for one"],
    ["key_file", "other.key", "is not the key of the certificate"],
    ["client_ca_file", "empty.pem", "has no certificate in PEM"],
    ["client_ca_file", "orphan.crt", "has a certificate (number 1) without that of its issuer"],
  ])("refuses %s: %s before any handshake", async (key, name, message) => {
    const keys = { cert_file: "server.crt", key_file: "server.key", [key]: name };
    const lines = Object.entries(keys).map(([one, value]) => `  ${one}: ${value}\n`);
    const faults = await faultsOf(
      `tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n${
        "client_ca_file" in keys ? "" : "  client_ca_file: ca.crt\n"
      }${lines.join("")}`,
    );
    expect(faults).toMatch(/^web\.yml:\d+:\d+ tls_server_config\./);
    expect(faults).toContain(`tls_server_config.${key}: ${message}`);
  });

  it("tells that the server's certificate must come first", async () => {
    const faults = await faultsOf("tls_server_config: { cert_file: wrong-order.crt, key_file: server.key }");
    expect(faults).toContain("the server's own must be the first");
  });

  it("tells every file that can not be read", async () => {
    const faults = await faultsOf("tls_server_config:\n  cert_file: none.crt\n  key_file: none.key\n");
    expect(faults.split("\n")).toHaveLength(2);
  });

  it("refuses a file that is not there", async () => {
    await expect(loadWebConfig(join(folder, "none.yml"))).rejects.toThrow(/none\.yml: there is no such file/);
  });
});
