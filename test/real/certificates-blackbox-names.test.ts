import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as x509 from "@peculiar/x509";
import { afterEach, beforeEach, expect, it } from "vitest";
import { certificatesCollector } from "../../src/collectors/certificates/collector.ts";
import { EndpointServer } from "../../src/lab/certificates/endpoints/endpoint-server.ts";
import { makeCertificate, type Entity } from "../../src/lab/certificates/x509/issuing.ts";
import { line, loadX509 } from "../../src/lab/certificates/x509/x509.ts";
import { judge, seenByBlackbox, seenByPoll, type Difference, type Seen } from "../helpers/blackbox-comparison.ts";
import { modulesOf } from "../helpers/blackbox-modules.ts";
import { startBlackbox } from "../helpers/blackbox.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { pollTarget } from "../helpers/poll-target.ts";

const DAY = 86_400_000;
const HOST = "nas.example.org";
/** The same moment in all certificates; they know whole seconds only. */
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const inDays = (days: number): Date => new Date(NOW + days * DAY);
const inSeconds = (date: Date): number => date.getTime() / 1_000;

/** What a certificate says of itself that others seldom do. */
interface Oddity {
  readonly subject?: x509.JsonNameParams;
  readonly names?: readonly { readonly type: "dns" | "ip" | "email" | "url"; readonly value: string }[];
  readonly serialNumber?: string;
  readonly notAfter?: Date;
}

const ODDITIES: Readonly<Record<string, Oddity>> = {
  "every usual attribute": {
    subject: [
      { C: ["DE"] },
      { ST: ["Hessen"] },
      { L: ["Kassel"] },
      { "2.5.4.9": ["Am Markt 1"] },
      { "2.5.4.17": ["34117"] },
      { O: ["Home"] },
      { OU: ["Storage"] },
      { CN: [HOST] },
      { "2.5.4.5": ["0042"] },
    ],
  },
  "an order of its own": { subject: [{ CN: [HOST] }, { O: ["Home"] }, { C: ["DE"] }, { OU: ["Storage"] }] },
  "units one after the other": { subject: [{ OU: ["one"] }, { OU: ["two"] }, { OU: ["three"] }, { CN: [HOST] }] },
  "two attributes in one part": { subject: [{ CN: [HOST], OU: ["Storage"] }, { O: ["Home"] }] },
  "two common names": { subject: [{ CN: ["first"] }, { CN: [HOST] }] },
  "signs with a meaning": {
    subject: [
      { CN: [HOST] },
      { O: [{ utf8String: '# a, b + "c" <d>; e=f \\ ' }] },
      { OU: [" lead and trail "] },
      { "2.5.4.12": [{ utf8String: '#a, b + "c" <d>; e=f \\ ' }] },
    ],
  },
  "letters of all kinds": {
    subject: [{ CN: ["Größe 東京 🔐"] }, { O: [{ bmpString: "Zürich" }] }, { L: [{ printableString: "Bern" }] }],
  },
  "attributes without a usual name": {
    subject: [
      { DC: ["lab"] },
      { DC: ["test"] },
      { E: ["admin@example.org"] },
      { "2.5.4.12": ["Größe"] },
      { "2.5.4.97": ["VATDE-1"] },
      { CN: [HOST] },
    ],
  },
  "an empty common name": { subject: [{ O: ["Home"] }, { CN: [""] }] },
  "alternative names of all kinds": {
    names: [
      { type: "dns", value: HOST },
      { type: "email", value: "admin@example.org" },
      { type: "ip", value: "10.0.0.5" },
      { type: "ip", value: "2001:db8::1" },
      { type: "url", value: "https://example.org/" },
      { type: "dns", value: "*.xn--bcher-kva.example" },
    ],
  },
  "a small serial number": { serialNumber: "01" },
  "a serial number that begins with zeros": { serialNumber: "000f00" },
  "a serial number with the highest bit": { serialNumber: `00${"f".repeat(38)}` },
  "no end that anybody thinks of": { notAfter: new Date("9999-12-31T23:59:59Z") },
  "an end after 2049": { notAfter: new Date("2050-01-01T00:00:00Z") },
};

const DIFFERENCES: readonly Difference[] = [
  {
    says: "built with Go before 1.27, as Debian trixie's is, it writes attributes without a usual name in hexadecimal",
    metrics: ["probe_ssl_last_chain_info"],
    holds: ({ theirs }) => /\d=#[0-9a-f]+(?:,|$)/.test(theirs.probe_ssl_last_chain_info?.labels["subject"] ?? ""),
  },
];

describeReal("odd certificates next to blackbox_exporter", ["prometheus-blackbox-exporter"], (programs) => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await createTemporaryFolder("certificates-blackbox-names");
  });
  afterEach(() => folder.remove());

  /** What both give of a server that shows this, probed with verification. */
  async function both(
    leaf: Entity,
    chain: readonly Entity[],
    roots: readonly Entity[],
  ): Promise<Record<"theirs" | "ours", Seen>> {
    const caFile = join(folder.path, "ca.pem");
    await writeFile(caFile, roots.map(({ certificatePem }) => certificatePem).join(""));
    const server = new EndpointServer("tls", {}, () => Promise.resolve({ leaf, chain }));
    await server.start();
    const endpoint = { name: "odd", protocol: "tls", port: server.port, serverName: HOST };
    const [, probe] = modulesOf({ endpoint, caFile, timeout: "20s" }).filter(({ verified }) => verified);
    if (probe === undefined) throw new Error("there is no probe of HTTPS");
    const blackbox = await startBlackbox(programs["prometheus-blackbox-exporter"], { [probe.name]: probe.module });
    const url = `https://127.0.0.1:${server.port}`;
    const target = await certificatesCollector.target
      .parse({ name: "odd", endpoints: [{ urls: [url], server_name: HOST, ca_file: caFile, timeout: "20s" }] })
      .open();
    try {
      const theirs = seenByBlackbox(await blackbox.probe(probe.name, probe.target));
      return { theirs, ours: seenByPoll(await pollTarget(target, ["endpoints"]), url) };
    } finally {
      await target.close();
      await blackbox.stop();
      await server.close();
    }
  }

  it.each(Object.entries(ODDITIES))("are told in the same words: %s", async (_, oddity) => {
    const root = await makeCertificate({
      commonName: "Root",
      isAuthority: true,
      notBefore: inDays(-1),
      notAfter: inDays(30_000),
    });
    const { theirs, ours } = await both(await issue(root, oddity), [], [root]);
    expect(theirs.probe_success?.value).toBe(1);
    expect(judge([{ endpoint: "odd", prober: "http", verified: true, theirs, ours }], DIFFERENCES).unexplained).toEqual(
      [],
    );
  });

  it.each([
    ["the old one is served", 0],
    ["the new one is served", 1],
    ["both are served", 2],
  ])("end with the chain that lasts longest, when two authorities signed their issuer and %s", async (_, served) => {
    const [oldRoot, newRoot] = await Promise.all(
      ["Old", "New"].map((commonName) =>
        makeCertificate({ commonName, isAuthority: true, notBefore: inDays(-900), notAfter: inDays(900) }),
      ),
    );
    if (oldRoot === undefined || newRoot === undefined) throw new Error("there are no roots");
    const wish = { commonName: "Issuing", isAuthority: true, notBefore: inDays(-60) };
    const old = await makeCertificate({ ...wish, issuer: oldRoot, notAfter: inDays(5) });
    const renewed = await makeCertificate({ ...wish, issuer: newRoot, key: old.keys, notAfter: inDays(400) });
    const leaf = await makeCertificate({
      commonName: HOST,
      hosts: [HOST],
      issuer: old,
      notBefore: inDays(-10),
      notAfter: inDays(80),
    });
    const chain = [[old], [renewed], [old, renewed]][served] ?? [];
    const { theirs, ours } = await both(leaf, chain, [oldRoot, newRoot]);
    expect(judge([{ endpoint: "odd", prober: "http", verified: true, theirs, ours }], DIFFERENCES).unexplained).toEqual(
      [],
    );
    const ends = ours.probe_ssl_last_chain_expiry_timestamp_seconds?.value;
    expect(ends).toBe(inSeconds(served === 0 ? inDays(5) : inDays(80)));
  });
});

async function issue(root: Entity, { subject, names, serialNumber, notAfter }: Oddity): Promise<Entity> {
  const library = await loadX509();
  const plain = await makeCertificate({ issuer: root, notBefore: inDays(-1), notAfter: inDays(80) });
  const certificate = await library.X509CertificateGenerator.create({
    subject: new library.Name(subject ?? [{ CN: [HOST] }]),
    issuer: root.certificate.subjectName,
    serialNumber: serialNumber ?? "0102030405",
    publicKey: plain.keys.publicKey,
    signingKey: root.keys.privateKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    notBefore: inDays(-1),
    notAfter: notAfter ?? inDays(80),
    extensions: [
      new library.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1"]),
      new library.SubjectAlternativeNameExtension([...(names ?? [{ type: "dns", value: HOST }])]),
    ],
  });
  const der = Buffer.from(certificate.rawData);
  const certificatePem = line(certificate.toString("pem"));
  return { ...plain, certificate, der, certificatePem, fingerprint: new X509Certificate(der).fingerprint256 };
}
