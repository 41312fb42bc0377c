import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/core/duration.ts";
import { Secret } from "../../src/core/secret.ts";
import { ENDPOINT_CHECKS, type CheckResult, type EndpointCheck } from "../../src/collectors/certificates/checks.ts";
import type { Certificate } from "../../src/collectors/certificates/certificate.ts";
import { certificatesConfig } from "../../src/collectors/certificates/config.ts";
import type { Endpoint, ProbeResult } from "../../src/collectors/certificates/endpoint.ts";
import { createProbe } from "../../src/collectors/certificates/endpoints/probe.ts";
import type { Bundle } from "../../src/collectors/certificates/inventory.ts";
import { Authorities } from "../../src/collectors/certificates/judge/authorities.ts";
import { Judge } from "../../src/collectors/certificates/judge/judge.ts";
import { servedIsStored } from "../../src/collectors/certificates/judge/served-is-stored.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { startCertificatesLab } from "../../src/lab/certificates/certificates-lab.ts";
import type { CertificatesLab, LabEndpoint } from "../../src/lab/certificates/contract.ts";
import { ENDPOINT_FAULTS, type EndpointFault } from "../../src/lab/certificates/endpoints/faults.ts";
import { PASSPHRASE } from "../../src/lab/certificates/files.ts";
import { ENDPOINT_NAMES, type EndpointName } from "../../src/lab/certificates/plans/plans.ts";
import { DIALOGUES, type StartTlsProtocol } from "../../src/lab/certificates/starttls/dialogues.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";

let lab: CertificatesLab;
let folder: TemporaryFolder;
const reader = new CertificateReader();
const probe = createProbe(reader);
const judge = new Judge({ reader, fetch: fetchBytes });
const signal = new AbortController().signal;
const PROTOCOLS = Object.keys(DIALOGUES) as readonly StartTlsProtocol[];

beforeAll(async () => {
  folder = await createTemporaryFolder("certificates-lab");
  lab = await startCertificatesLab();
});
afterAll(async () => {
  await lab.close();
  await folder.remove();
});

async function fetchBytes(url: string): Promise<Uint8Array> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(url.includes("/hangs/") ? 100 : 20_000) });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** The endpoint as a configuration would have it; what should answer is given time on any machine. */
function endpointOf({ expectation, port, protocol, serverName, url }: LabEndpoint, more?: Partial<Endpoint>): Endpoint {
  return {
    name: url,
    protocol,
    host: "127.0.0.1",
    port,
    serverName,
    ca: lab.caPem,
    ipProtocol: "any",
    timeout: expectation.reason === "timeout" ? milliseconds(300) : seconds(20),
    ...more,
  };
}

const look = (name: EndpointName, more?: Partial<Endpoint>): Promise<ProbeResult> =>
  probe(endpointOf(lab.endpoints[name], more), signal);

/** Every check that was made, by name: its reason when it failed, else `ok`. */
async function judged(name: EndpointName, bundles: readonly Bundle[]): Promise<Record<string, string>> {
  const { tls } = await look(name);
  if (tls === undefined) return {};
  const endpoint = endpointOf(lab.endpoints[name]);
  const { checks } = await judge.endpoint(endpoint, tls, Date.now() / 1_000, signal);
  const [leaf] = tls.served;
  const known = [...tls.served, ...bundles.flatMap(({ certificates }) => certificates)];
  const all = leaf === undefined ? checks : [...checks, ...ofLeaf(leaf, known), ...stored(endpoint, leaf, bundles)];
  return Object.fromEntries(all.map(({ check, ok, reason }) => [check, ok ? "ok" : reason]));
}

const ofLeaf = (leaf: Certificate, known: readonly Certificate[]): readonly CheckResult[] =>
  new Authorities(known.filter(({ role }) => role !== "leaf")).checks(leaf);

function stored(endpoint: Endpoint, leaf: Certificate, bundles: readonly Bundle[]): readonly CheckResult[] {
  const judgement = servedIsStored(endpoint, leaf, bundles);
  return judgement === undefined ? [] : [judgement.result];
}

async function storedBundles(): Promise<readonly Bundle[]> {
  const files = await lab.writeFiles(folder.path);
  return Promise.all(
    files
      .filter(({ path, fault }) => fault === undefined && path.includes("/stored/"))
      .map(async ({ path }) => {
        const read = await reader.read(await readFile(path));
        return { kind: "file", place: { filepath: path }, where: path, ...read } as const;
      }),
  );
}

const REVOCATION = ["revocation_crl", "revocation_ocsp"] as const satisfies EndpointCheck[];

test.for(ENDPOINT_NAMES)("%s is seen as it is", async (name) => {
  const { expectation } = lab.endpoints[name];
  const result = await look(name);
  expect(result.error?.reason).toBe(expectation.reason);
  const served = expectation.served ?? (expectation.reason === undefined ? 2 : 0);
  expect(result.tls?.served.length ?? 0).toBe(served);
  const shown = served === 0 ? undefined : (await lab.endpoints[name].leaf()).fingerprint;
  expect(result.tls?.served[0]?.fingerprint).toBe(shown);
});

test("every endpoint fails exactly the checks that it should", { timeout: 120_000 }, async () => {
  const bundles = await storedBundles();
  const all = await Promise.all(ENDPOINT_NAMES.map(async (name) => [name, await judged(name, bundles)] as const));
  const failed = all.map(([name, checks]) => [
    name,
    Object.fromEntries(Object.entries(checks).filter(([, verdict]) => verdict !== "ok")),
  ]);
  expect(Object.fromEntries(failed)).toEqual(
    Object.fromEntries(ENDPOINT_NAMES.map((name) => [name, lab.endpoints[name].expectation.failed ?? {}])),
  );
  const revocation = all.map(([name, checks]) => [name, REVOCATION.filter((check) => check in checks)]);
  expect(Object.fromEntries(revocation)).toEqual(
    Object.fromEntries(ENDPOINT_NAMES.map((name) => [name, lab.endpoints[name].expectation.revocation ?? []])),
  );
  const good = Object.keys(Object.fromEntries(all).good ?? {});
  expect(good.toSorted()).toEqual(
    Object.keys(ENDPOINT_CHECKS)
      .filter((check) => check !== "revocation_ocsp")
      .toSorted(),
  );
});

/** In these the client speaks first, so that it hears what a server of HTTP says to it; in the others both wait. */
const CLIENT_FIRST: ReadonlySet<StartTlsProtocol> = new Set<StartTlsProtocol>(["ldap", "postgres", "xmpp"]);
/** In these a server that is busy says so in the words of all its errors. */
const DATABASES: ReadonlySet<StartTlsProtocol> = new Set<StartTlsProtocol>(["postgres", "mysql"]);

function reasonOf(protocol: StartTlsProtocol, fault: EndpointFault): string {
  if (fault === "plain_http") return CLIENT_FIRST.has(protocol) ? "invalid_response" : "timeout";
  return fault === "starttls_refused" && DATABASES.has(protocol) ? "server_error" : REASONS[fault];
}

const REASONS: Readonly<Record<Exclude<EndpointFault, "plain_http">, string>> = {
  port_closed: "connection_refused",
  silent: "timeout",
  reset: "connection_reset",
  starttls_missing: "tls_handshake",
  starttls_refused: "tls_handshake",
  starttls_hangs: "timeout",
  starttls_garbage: "invalid_response",
  starttls_injects: "invalid_response",
};
const FAULTS = Object.keys(ENDPOINT_FAULTS) as readonly EndpointFault[];

test.for(PROTOCOLS.flatMap((protocol) => FAULTS.map((fault) => [protocol, fault] as const)))(
  "%s under %s gives its reason, and is well again afterwards",
  async ([protocol, fault]) => {
    await lab.break(protocol, fault);
    const reason = reasonOf(protocol, fault);
    const timeout = reason === "timeout" ? milliseconds(300) : seconds(20);
    const { error, tls } = await look(protocol, { timeout });
    expect(error?.reason).toBe(reason);
    expect(tls).toBeUndefined();
    await lab.break(protocol, undefined);
    expect((await look(protocol)).error).toBeUndefined();
  },
);

test("what demands a client's certificate is satisfied by one", async () => {
  const { certificatePem, keyPem } = lab.hierarchy.client;
  const client = { certificate: certificatePem + lab.hierarchy.intermediate.certificatePem, key: keyPem };
  for (const name of ["wants_client_1_2", "wants_client_1_3"] as const)
    expect((await look(name, { client })).error).toBeUndefined();
});

test("a proxy is gone through, and its refusals are told", async () => {
  const { hostname, port } = new URL(lab.proxy.url);
  const proxy = { host: hostname, port: Number(port) };
  expect((await look("good", { proxy })).tls?.served).toHaveLength(2);
  expect(lab.proxy.asked).toEqual([`127.0.0.1:${lab.endpoints.good.port}`]);
  for (const [manner, words] of [
    ["forbids", /403/],
    ["wants_login", /407/],
    ["fails", /502/],
  ] as const) {
    lab.proxy.manner = manner;
    expect((await look("good", { proxy })).error?.message).toMatch(words);
  }
  lab.proxy.manner = "hangs";
  expect((await look("good", { proxy, timeout: milliseconds(300) })).error?.reason).toBe("timeout");
  lab.proxy.manner = "garbage";
  expect((await look("good", { proxy })).error?.reason).toBe("invalid_response");
  lab.proxy.manner = "allows";
});

test("what happens to a certificate is seen at every step", async () => {
  expect(await judged("wildcard", await storedBundles())).not.toHaveProperty("served_is_stored");
  await lab.renew("smtp");
  expect(await judged("smtp", await storedBundles())).toMatchObject({ served_is_stored: "stored_is_newer" });
  lab.reload("smtp");
  expect(await judged("smtp", await storedBundles())).toMatchObject({ served_is_stored: "ok" });
  await lab.revoke("ocsp_good");
  expect(await judged("ocsp_good", [])).toMatchObject({ revocation_ocsp: "revoked" });
  await lab.rotateIntermediate();
  expect(await judged("postgres", await storedBundles())).toMatchObject({ issuer_current: "superseded_issuer" });
  await lab.renew("postgres");
  lab.reload("postgres");
  expect(await judged("postgres", await storedBundles())).toMatchObject({ issuer_current: "ok", trust: "ok" });
});

test("the lab's own settings are a target of the configuration", async () => {
  const { endpoints, files } = certificatesConfig.parse(await lab.target(folder.path));
  expect(endpoints.map(({ server_name }) => server_name)).toContain("good.lab.test");
  expect(await readFile(files[0]?.passphrase_file ?? "", "utf8")).toBe(`${PASSPHRASE}\n`);
});

test("every file is read as it is", async () => {
  const files = await lab.writeFiles(folder.path);
  const passphrases = [new Secret(PASSPHRASE)];
  const read = await Promise.all(
    files
      .filter(({ path }) => !path.endsWith(".yaml"))
      .map(async ({ path }) => {
        const { certificates, revocationLists, faults } = await reader.read(await readFile(path), { passphrases });
        const [fault] = faults.map(({ reason }) => reason);
        return {
          path,
          certificates: certificates.map(({ fingerprint }) => fingerprint),
          lists: revocationLists.length,
          ...(fault !== undefined && { fault }),
        };
      }),
  );
  expect(read).toEqual(files.filter(({ path }) => !path.endsWith(".yaml")));
});
