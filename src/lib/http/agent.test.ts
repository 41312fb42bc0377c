import { TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { Secret } from "../../core/secret.ts";
import { createAuthority } from "../../lab/certificates.ts";
import type { Authority, IssuedCertificate } from "../../lab/certificates.ts";
import { failureOf } from "./__fixtures__/failures.ts";
import { closeServers, startHttps } from "./__fixtures__/servers.ts";
import { createHttpClient } from "./client.ts";
import type { HttpClientOptions, HttpJsonResponse } from "./client.ts";

afterEach(closeServers);

let authority: Authority;
let other: Authority;
let leaf: IssuedCertificate;
beforeAll(async () => {
  authority = await createAuthority();
  other = await createAuthority();
  leaf = await authority.issue({ hosts: ["127.0.0.1", "vault.example"] });
});

const start = (certificate = leaf, more: object = {}) =>
  startHttps({ cert: certificate.certificatePem, key: certificate.keyPem, ...more }, (_, response) =>
    response.end("{}"),
  );

async function ask(url: string, options: HttpClientOptions): Promise<HttpJsonResponse> {
  const client = createHttpClient(options);
  try {
    return await client.requestJson({ url, headers: { "x-token": new Secret("t0ken") } });
  } finally {
    await client.close();
  }
}

describe("trust", () => {
  it("in an authority accepts what it signed for the host", async () => {
    const server = await start();
    expect((await ask(server.origin, { ca: authority.certificatePem })).status).toBe(200);
  });

  it("may be in several authorities at once", async () => {
    const server = await start();
    const ca = `# ours\n${other.certificatePem}\n${authority.certificatePem}\n`;
    expect((await ask(server.origin, { ca })).status).toBe(200);
  });

  it("goes by `serverName`, a name or an address, instead of the URL's host", async () => {
    const server = await start();
    const byName = server.origin.replace("127.0.0.1", "localhost");
    const ca = authority.certificatePem;
    expect((await failureOf(ask(byName, { ca }))).reason).toBe("tls_wrong_host");
    expect((await ask(byName, { ca, serverName: "vault.example" })).status).toBe(200);
    expect((await ask(byName, { ca, serverName: "127.0.0.1" })).status).toBe(200);
    expect((await failureOf(ask(server.origin, { ca, serverName: "127.0.0.2" }))).reason).toBe("tls_wrong_host");
  });

  it("asks the server for `serverName`, but never for an address", async () => {
    const asked: string[] = [];
    const SNICallback = (name: string, done: (error: null) => void): void => {
      asked.push(name);
      done(null);
    };
    const server = await start(leaf, { SNICallback });
    await ask(server.origin, { ca: authority.certificatePem, serverName: "vault.example" });
    await ask(server.origin, { ca: authority.certificatePem, serverName: "127.0.0.1" });
    expect(asked).toEqual(["vault.example"]);
  });

  it("is looked at anew for each connection, never taken from an earlier session", async () => {
    const { certificatePem: cert, keyPem: key } = leaf;
    const server = await startHttps({ cert, key }, ({ socket }, response) => {
      response.setHeader("connection", "close");
      response.end(JSON.stringify({ isReused: socket instanceof TLSSocket && socket.isSessionReused() }));
    });
    const client = createHttpClient({ ca: authority.certificatePem });
    for (let connections = 1; connections <= 3; connections++) {
      expect((await client.requestJson({ url: server.origin })).body).toEqual({ isReused: false });
      expect(server.sockets).toHaveLength(connections);
    }
    await client.close();
  });

  it("in text that is no certificate is refused when the client is made", () => {
    for (const ca of ["", "hunter2", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]) {
      expect(() => createHttpClient({ ca })).toThrow(expect.objectContaining({ reason: "tls_untrusted" }));
    }
  });
});

describe("a pin", () => {
  it("alone takes the place of chain, dates and host name, in any spelling", async () => {
    const expired = await other.issue({ hosts: ["other.example"], notAfter: new Date(Date.now() - 1000) });
    const server = await start(expired);
    const bare = expired.fingerprint256.replaceAll(":", "");
    for (const fingerprint of [
      expired.fingerprint256,
      bare,
      bare.toLowerCase(),
      expired.fingerprint256.toLowerCase(),
    ]) {
      expect((await ask(server.origin, { fingerprint })).status).toBe(200);
    }
  });

  it("keeps every byte of a request from another server, and says what it saw", async () => {
    const server = await start();
    const fingerprint = "0123456789abcdef".repeat(4);
    const error = await failureOf(ask(server.origin, { fingerprint }));
    expect(error.reason).toBe("tls_pin_mismatch");
    expect(error.message).toContain(`is ${leaf.fingerprint256}, not 01:23:45:67:89:AB`);
    expect(server.requests).toEqual([]);
    expect(server.sockets).toHaveLength(1);
  });

  it("does not accept the same key in another certificate", async () => {
    const server = await start();
    const renewed = await authority.issue({ hosts: ["127.0.0.1"] });
    expect((await failureOf(ask(server.origin, { fingerprint: renewed.fingerprint256 }))).reason).toBe(
      "tls_pin_mismatch",
    );
  });

  it("beside an authority must hold as well as chain, dates and host name", async () => {
    const server = await start();
    const fingerprint = leaf.fingerprint256;
    const ca = authority.certificatePem;
    expect((await ask(server.origin, { ca, fingerprint })).status).toBe(200);
    const failures: [HttpClientOptions, string][] = [
      [{ ca, fingerprint: "ab".repeat(32) }, "tls_pin_mismatch"],
      [{ ca: other.certificatePem, fingerprint }, "tls_untrusted"],
      [{ ca, fingerprint, serverName: "wrong.example" }, "tls_wrong_host"],
    ];
    for (const [options, reason] of failures) {
      expect((await failureOf(ask(server.origin, options))).reason).toBe(reason);
    }
    expect(server.requests).toHaveLength(1);
  });

  it("that is no SHA-256 is refused when the client is made", () => {
    for (const fingerprint of ["", "ab".repeat(20), `${"ab".repeat(31)}zz`]) {
      expect(() => createHttpClient({ fingerprint })).toThrow(expect.objectContaining({ reason: "tls_pin_mismatch" }));
    }
  });
});

describe("a client certificate", () => {
  it("is shown to a server that wants one", async () => {
    const { certificatePem, keyPem } = await authority.issue({ hosts: ["watchkeeper"], client: true });
    const server = await start(leaf, { requestCert: true, ca: authority.certificatePem });
    const clientCertificate = { certificate: certificatePem, key: new Secret(keyPem) };
    expect((await ask(server.origin, { ca: authority.certificatePem, clientCertificate })).status).toBe(200);
  });

  it("that the server does not trust ends the handshake", async () => {
    const { certificatePem, keyPem } = await other.issue({ hosts: ["watchkeeper"], client: true });
    const server = await start(leaf, { requestCert: true, ca: authority.certificatePem, maxVersion: "TLSv1.2" });
    const clientCertificate = { certificate: certificatePem, key: new Secret(keyPem) };
    const work = ask(server.origin, { ca: authority.certificatePem, clientCertificate });
    expect((await failureOf(work)).reason).toMatch(/tls_handshake|connection_reset/);
  });

  it("with another key is refused when the client is made, without a word of the key", async () => {
    const certificate = leaf.certificatePem;
    const { keyPem } = await authority.issue({ hosts: ["x"] });
    for (const text of [keyPem, "hunter2"]) {
      const make = () => createHttpClient({ clientCertificate: { certificate, key: new Secret(text) } });
      expect(make).toThrow(expect.objectContaining({ reason: "credential_unreadable" }));
      expect(make).toThrow(/^the client certificate and key are not PEM texts that belong together$/);
    }
  });
});
