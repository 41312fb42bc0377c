import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certificatesCollector } from "../../src/collectors/certificates/collector.ts";
import { loadConfig } from "../../src/config/load.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { startCertificatesLab } from "../../src/lab/certificates/certificates-lab.ts";
import type { CertificatesLab } from "../../src/lab/certificates/contract.ts";
import { notifiers } from "../../src/notifiers/index.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";

let lab: CertificatesLab;
let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await createTemporaryFolder("certificates-target");
  lab = await startCertificatesLab();
});
afterAll(async () => {
  await lab.close();
  await folder.remove();
});

const open = (settings: object): Promise<OpenTarget> => certificatesCollector.target.parse(settings).open();

/** Looks once, with a target of its own that knows nothing yet. */
async function look(settings: object): Promise<Polled> {
  const target = await open(settings);
  try {
    return await pollTarget(target);
  } finally {
    await target.close();
  }
}

/** The endpoint's checks that fail, with their reasons. */
function failing({ series }: Polled, url: string): Record<string, string> {
  const found = [...series].flatMap(([text, value]) => {
    const match = /^probe_tls_check_success\{endpoint="([^"]*)",check="([^"]*)",reason="([^"]*)"\}$/.exec(text);
    return match?.[1] === url && value === 0 ? [[match[2] ?? "", match[3] ?? ""] as const] : [];
  });
  return Object.fromEntries(found);
}

const of = ({ series }: Polled, metric: string, label: string): (readonly [string, number])[] =>
  [...series].filter(([text]) => text.startsWith(`${metric}{`) && text.includes(label));

/**
 * The reasons for which endpoints of the lab's target can not be looked at, by URL: it holds two that never answer
 * rightly.
 */
const expectedFailures = (polled: Polled): Record<string, string> =>
  Object.fromEntries(
    Object.values(lab.endpoints).flatMap(({ url, expectation: { reason } }) =>
      reason !== undefined && of(polled, "probe_success", `endpoint="${url}"`).length > 0 ? [[url, reason]] : [],
    ),
  );

const failuresIn = ({ errors }: Polled): Record<string, string> =>
  Object.fromEntries(Object.values(errors).flatMap((each) => each.map(({ piece = "", reason }) => [piece, reason])));

test("the lab's target is read whole: nothing fails that should not", async () => {
  const polled = await look(await lab.target(folder.path));
  expect(polled.outcomes).toEqual({ endpoints: "success", certificates: "success" });
  const broken = join(folder.path, "broken/half.pem");
  expect(failuresIn(polled)).toEqual({ ...expectedFailures(polled), [broken]: "file_unreadable" });
  const { url } = lab.endpoints.good;
  expect(failing(polled, url)).toEqual({});
  expect(of(polled, "probe_success", `endpoint="${url}"`).map(([, value]) => value)).toEqual([1]);
  const ends = of(polled, "x509_cert_not_after", `endpoint="${url}"`);
  expect(ends).toHaveLength(2);
  expect(of(polled, "x509_source_up", "").map(([, value]) => value)).toEqual([1, 1]);
  expect(of(polled, "x509_source_errors_total", 'reason="bad_pem"')).toHaveLength(1);
});

test("an expired and an untrusted certificate keep all of their series", async () => {
  const target = (await lab.target(folder.path)) as { endpoints: { ca_file: string }[] };
  const names = ["expired", "self_signed"] as const;
  const endpoints = names.map((name) => ({
    urls: [lab.endpoints[name].url],
    server_name: lab.endpoints[name].serverName,
    ca_file: target.endpoints[0]?.ca_file,
  }));
  const polled = await look({ name: "bad", endpoints });
  for (const name of names) {
    const { url } = lab.endpoints[name];
    for (const metric of ["probe_ssl_earliest_cert_expiry", "x509_cert_not_after", "x509_cert_info"])
      expect(of(polled, metric, `endpoint="${url}"`), `${metric} of ${name}`).not.toEqual([]);
    expect(of(polled, "probe_success", `endpoint="${url}"`).map(([, value]) => value)).toEqual([1]);
  }
  expect(failing(polled, lab.endpoints.expired.url)).toEqual({ validity: "expired" });
  expect(failing(polled, lab.endpoints.self_signed.url)).toEqual({ trust: "self_signed" });
  // it is the server's own, whatever it says of itself
  expect(of(polled, "x509_cert_not_after", `endpoint="${lab.endpoints.self_signed.url}"`)[0]?.[0]).toContain(
    'role="leaf"',
  );
});

test("a renewal is seen when it is stored and when it is served, and a new key of the authority too", async () => {
  const settings = await lab.target(folder.path);
  const { url } = lab.endpoints.good;
  await lab.renew("good");
  expect(failing(await look(settings), url)).toEqual({ served_is_stored: "stored_is_newer" });
  lab.reload("good");
  expect(failing(await look(settings), url)).toEqual({});
  await lab.rotateIntermediate();
  expect(failing(await look(settings), url)).toEqual({ issuer_current: "superseded_issuer" });
});

test("an endpoint that is away is down with its reason, and the others stand", async () => {
  const { url } = lab.endpoints.good;
  await lab.break("good", "port_closed");
  const polled = await look(await lab.target(folder.path));
  await lab.break("good", undefined);
  expect(of(polled, "probe_success", `endpoint="${url}"`).map(([, value]) => value)).toEqual([0]);
  expect(of(polled, "probe_failure_info", `endpoint="${url}"`)[0]?.[0]).toContain('reason="connection_refused"');
  expect(of(polled, "probe_ssl_earliest_cert_expiry", `endpoint="${url}"`)).toEqual([]);
  expect(of(polled, "probe_success", "").filter(([, value]) => value === 1)).not.toEqual([]);
  expect(failuresIn(polled)).toMatchObject({ ...expectedFailures(polled), [url]: "connection_refused" });
});

test("where every endpoint is away and no file can be read, both parts have failed", async () => {
  const { url } = lab.endpoints.good;
  const settings = { name: "gone", endpoints: [{ urls: [url] }], files: [{ paths: [join(folder.path, "gone.pem")] }] };
  await lab.break("good", "port_closed");
  const polled = await look(settings);
  await lab.break("good", undefined);
  expect(polled.outcomes).toEqual({ endpoints: "failed", certificates: "failed" });
});

test("the same certificate twice in a place is one, and two that look the same are told apart", async () => {
  const dir = join(folder.path, "twice");
  await mkdir(dir);
  const [first, second] = [await lab.endpoints.good.leaf(), await lab.endpoints.wildcard.leaf()];
  const text = `${first.certificatePem}${first.certificatePem}${second.certificatePem}`;
  await writeFile(join(dir, "a.pem"), text);
  const polled = await look({ name: "twice", files: [{ paths: [dir] }], warning_before: "30d" });
  expect(of(polled, "x509_cert_not_after", 'filename="a.pem"')).toHaveLength(2);
  expect(of(polled, "x509_cert_warning_before_seconds", "").map(([, value]) => value)).toEqual([2_592_000, 2_592_000]);
  expect(of(polled, "x509_cert_critical_before_seconds", "")).toEqual([]);
});

test("the same metrics for the same lab are these", async () => {
  const dir = join(folder.path, "names");
  await mkdir(dir);
  const polled = await look(await lab.target(dir));
  const names = new Set([...polled.series.keys()].map((text) => text.replace(/\{.*/s, "")));
  await expect(`${[...names].toSorted().join("\n")}\n`).toMatchFileSnapshot("__fixtures__/certificates-metrics.txt");
  expect(await readFile(join(dir, "passphrase"), "utf8")).not.toBe("");
});

test("paths begin at the folder of the configuration file, and a stored file is read though no entry names it", async () => {
  const dir = join(folder.path, "relative");
  await mkdir(dir);
  const { certificatePem } = await lab.endpoints.good.leaf();
  await writeFile(join(dir, "one.pem"), certificatePem);
  await writeFile(join(dir, "two.pem"), certificatePem);
  const file = join(dir, "watchkeeper.yaml");
  const endpoints = [{ urls: [lab.endpoints.good.url], stored_file: "two.pem" }];
  await writeFile(
    file,
    JSON.stringify({ targets: { certificates: [{ name: "a", files: [{ paths: ["o*.pem"] }], endpoints }] } }),
  );
  const config = await loadConfig({ file, collectors: [certificatesCollector], notifiers, alerts: [], env: {} });
  const [target] = config.targets;
  const opened = await target?.open();
  if (opened === undefined) throw new Error("the target is not there");
  const polled = await pollTarget(opened);
  await opened.close();
  for (const name of ["one.pem", "two.pem"])
    expect(of(polled, "x509_cert_not_after", `filepath="${join(dir, name)}"`)).toHaveLength(1);
  expect(of(polled, "probe_tls_check_success", 'check="served_is_stored"').map(([, value]) => value)).toEqual([1]);
});

test("check --connect tells each endpoint and source, and what is wrong with each", async () => {
  const target = await open(await lab.target(folder.path));
  const findings = await target.check(new AbortController().signal);
  await target.close();
  const told = findings.map(({ subject, ok, message }) => `${ok ? "ok" : "FAIL"} ${subject}: ${message}`);
  expect(told.filter((line) => line.startsWith("ok endpoint"))).not.toEqual([]);
  expect(told.find((line) => /half\.pem: bad/.test(line))).toMatch(/^FAIL .*half\.pem: bad_pem: /);
});
