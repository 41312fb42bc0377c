import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as tls from "node:tls";
import { expect, test } from "vitest";
import type { IssuedCertificate } from "./certificates.ts";
import { createAuthority } from "./certificates.ts";

const DAY_MS = 86_400_000;

/** What a client that trusts only `ca` says about the certificate: "trusted" or OpenSSL's code. */
async function verdict(issued: IssuedCertificate, ca: string, servername: string): Promise<string> {
  const server = tls.createServer({ cert: issued.certificatePem, key: issued.keyPem });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = tls.connect({ port, host: "127.0.0.1", ca, servername });
  try {
    await once(socket, "secureConnect");
    return "trusted";
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
    server.close();
  }
}

test("a client that has the authority trusts its certificates, by DNS name and by address", async () => {
  const authority = await createAuthority();
  const issued = await authority.issue({ hosts: ["vault.lab.test", "*.wild.test", "127.0.0.1", "::1"] });
  expect(await verdict(issued, authority.certificatePem, "vault.lab.test")).toBe("trusted");
  expect(await verdict(issued, authority.certificatePem, "a.wild.test")).toBe("trusted");
  const parsed = new X509Certificate(issued.certificatePem);
  expect(parsed.subjectAltName).toBe(
    "DNS:vault.lab.test, DNS:*.wild.test, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
  );
  expect(parsed.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(parsed.fingerprint256).toBe(issued.fingerprint256);
});

test("an expired certificate, a later one and a wrong host each fail for their own reason", async () => {
  const authority = await createAuthority();
  const expired = await authority.issue({ hosts: ["a.test"], notAfter: new Date(Date.now() - DAY_MS) });
  const early = await authority.issue({ hosts: ["a.test"], notBefore: new Date(Date.now() + DAY_MS) });
  const other = await authority.issue({ hosts: ["b.test"] });
  expect(await verdict(expired, authority.certificatePem, "a.test")).toBe("CERT_HAS_EXPIRED");
  expect(await verdict(early, authority.certificatePem, "a.test")).toBe("CERT_NOT_YET_VALID");
  expect(await verdict(other, authority.certificatePem, "a.test")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
});

test("certificates can be joined into one bundle of which each is read", async () => {
  const [ours, theirs] = await Promise.all([createAuthority(), createAuthority()]);
  const issued = await theirs.issue({ hosts: ["a.test"] });
  expect(await verdict(issued, ours.certificatePem + theirs.certificatePem, "a.test")).toBe("trusted");
});

test("another authority has another name, and its certificate is not trusted", async () => {
  const [ours, theirs] = await Promise.all([createAuthority(), createAuthority()]);
  expect(new X509Certificate(ours.certificatePem).subject).not.toBe(new X509Certificate(theirs.certificatePem).subject);
  const issued = await theirs.issue({ hosts: ["a.test"] });
  expect(await verdict(issued, ours.certificatePem, "a.test")).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
});

test("certificates carry what checkers read: key identifiers, usages, validity, different serial numbers", async () => {
  const authority = await createAuthority({ commonName: "Root of the lab" });
  const notBefore = new Date("2026-01-02T03:04:05Z");
  const notAfter = new Date("2026-02-03T04:05:06Z");
  const issued = await authority.issue({ hosts: ["a.test"], commonName: "shown", client: true, notBefore, notAfter });
  const root = new X509Certificate(authority.certificatePem);
  const leaf = new X509Certificate(issued.certificatePem);
  expect(root.subject).toBe("CN=Root of the lab");
  expect(leaf).toMatchObject({ subject: "CN=shown", ca: false, validFromDate: notBefore, validToDate: notAfter });
  expect(root.ca).toBe(true);
  expect(leaf.checkIssued(root)).toBe(true);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  const next = new X509Certificate((await authority.issue({ hosts: ["a.test"] })).certificatePem);
  expect(next.serialNumber).not.toBe(leaf.serialNumber);
  expect(next.serialNumber).toMatch(/^[4-7][0-9A-F]{37}$/);
  expect(next.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
});
