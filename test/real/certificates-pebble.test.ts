import { X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { certificatesCollector } from "../../src/collectors/certificates/collector.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import { openAcmeClient, type AcmeCertificate, type AcmeClient } from "../helpers/acme-client.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { startPebble, type Pebble } from "../helpers/pebble.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";

const HOUR = 3_600;
const LIFE = 160 * HOUR;
const HOST = "nas.example.org";

const asText = (seconds: number): string => new Date(seconds * 1_000).toISOString();
const inSeconds = (text: string): number => Date.parse(text) / 1_000;

describeReal("certificates of 160 hours that Pebble issues", ["pebble"], ({ pebble: command }) => {
  let pebble: Pebble;
  let acme: AcmeClient;
  let folder: TemporaryFolder;
  const servers: Server[] = [];

  beforeAll(async () => {
    folder = await createTemporaryFolder("certificates-pebble");
    pebble = await startPebble(command, { shortlived: LIFE });
    acme = await openAcmeClient(pebble.directory, pebble.caPem);
    await writeFile(join(folder.path, "root.pem"), pebble.rootPem);
    await writeFile(join(folder.path, "pebble.pem"), pebble.caPem);
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await acme.close();
    await pebble.stop();
    await folder.remove();
  });

  const issue = (): Promise<AcmeCertificate> => acme.issue([HOST], "shortlived");

  /** Serves the certificate until the end of the tests; gives the URL. */
  async function serve({ chainPem, keyPem }: Pick<AcmeCertificate, "chainPem" | "keyPem">): Promise<string> {
    const server = createServer({ cert: chainPem, key: keyPem }, (socket) => socket.on("error", () => {}).end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `tls://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Looks once, with a target of its own that knows nothing yet. */
  async function look(url: string, caFile = "root.pem"): Promise<Polled> {
    const target = await certificatesCollector.target
      .parse({
        name: "homelab",
        endpoints: [{ urls: [url], server_name: HOST, ca_file: join(folder.path, caFile) }],
        acme: [{ directory: pebble.directory, ca_file: join(folder.path, "pebble.pem") }],
      })
      .open();
    try {
      return await pollTarget(target);
    } finally {
      await target.close();
    }
  }

  /** What is recorded of the one leaf, in Unix seconds. */
  async function datesOf(url: string, caFile?: string): Promise<{ begins: number; ends: number; renewal: number }> {
    const polled = await look(url, caFile);
    expect(polled.errors).toEqual({});
    return {
      begins: leafValue(polled, "x509_cert_not_before"),
      ends: leafValue(polled, "x509_cert_not_after"),
      renewal: leafValue(polled, "x509_cert_renewal_timestamp_seconds"),
    };
  }

  it("are due at the end of the window that it suggests, and nothing is wrong with them", async () => {
    const certificate = await issue();
    const url = await serve(certificate);
    const polled = await look(url);
    expect(polled.errors).toEqual({});
    const checks = [...polled.series].filter(([text]) => text.startsWith("probe_tls_check_success{"));
    expect(checks.filter(([text]) => /check="(?:hostname|trust|chain_complete)"/.test(text))).toHaveLength(3);
    expect(checks.filter(([, value]) => value !== 1)).toEqual([]);
    const { begins, ends, renewal } = await datesOf(url);
    // The last second of the lifetime is within it (RFC 5280 section 4.1.2.5).
    expect(ends - begins + 1).toBe(LIFE);
    const { end } = await pebble.suggestion(certificate.leafPem);
    expect(renewal).toBe(inSeconds(end));
    expect(renewal).toBeGreaterThan(begins + (LIFE * 2) / 3);
  });

  it("are due when it suggests something else", async () => {
    const certificate = await issue();
    const url = await serve(certificate);
    const before = await datesOf(url);
    const end = before.begins + 20 * HOUR;
    await pebble.suggest(certificate.leafPem, { start: asText(end - HOUR), end: asText(end) });
    expect(await datesOf(url)).toEqual({ ...before, renewal: end });
    expect(before.renewal).toBeGreaterThan(end);
  });

  it("are due with a tenth of their lifetime left, though it suggests to wait until the end", async () => {
    const certificate = await issue();
    const url = await serve(certificate);
    const { begins, ends } = await datesOf(url);
    await pebble.suggest(certificate.leafPem, { start: asText(ends - 2 * HOUR), end: asText(ends) });
    const { renewal } = await datesOf(url);
    expect(renewal).toBeCloseTo(begins + 0.9 * (ends - begins), 3);
  });

  it("are due at once when they were revoked", async () => {
    const certificate = await issue();
    const url = await serve(certificate);
    await acme.revoke(certificate);
    const { begins, renewal } = await datesOf(url);
    // It suggests a window that was over before the certificate began.
    expect(inSeconds((await pebble.suggestion(certificate.leafPem)).end)).toBeLessThan(begins);
    expect(renewal).toBe(begins);
  });

  it("are told from those of others, which it knows nothing of", async () => {
    const authority = await createAuthority();
    await writeFile(join(folder.path, "another.pem"), authority.certificatePem);
    const { certificatePem: chainPem, keyPem } = await authority.issue({ hosts: [HOST] });
    const { begins, ends, renewal } = await datesOf(await serve({ chainPem, keyPem }), "another.pem");
    expect(renewal).toBeCloseTo(begins + ((ends - begins) * 2) / 3, 3);
  });

  it("have no subject, and are found by their names", async () => {
    const certificate = await issue();
    const polled = await look(await serve(certificate));
    const text = [...polled.series.keys()].find((each) => each.startsWith("probe_ssl_last_chain_info{"));
    const { subject, serialNumber, fingerprint256 } = new X509Certificate(certificate.leafPem);
    expect(subject ?? "").toBe("");
    expect(text).toContain('subject=""');
    expect(text).toContain(`subjectalternative="${HOST}"`);
    expect(text).toContain(`serialnumber="${serialNumber.toLowerCase()}"`);
    expect(text).toContain(`fingerprint_sha256="${fingerprint256.replaceAll(":", "").toLowerCase()}"`);
  });
});

/** The value of the one leaf that there is. */
function leafValue({ series }: Polled, metric: string): number {
  const found = [...series].filter(([text]) => text.startsWith(`${metric}{`) && text.includes('role="leaf"'));
  const [value, ...others] = found.map(([, each]) => each);
  if (value === undefined || others.length > 0) throw new Error(`${found.length} leaves have ${metric}`);
  return value;
}
