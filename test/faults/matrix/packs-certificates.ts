import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { certificatesConfig } from "../../../src/collectors/certificates/config.ts";
import { createProbe } from "../../../src/collectors/certificates/endpoints/probe.ts";
import { Judge } from "../../../src/collectors/certificates/judge/judge.ts";
import { Keeper } from "../../../src/collectors/certificates/keeper.ts";
import { openKeeper } from "../../../src/collectors/certificates/open-keeper.ts";
import { certificatesPart, endpointsPart } from "../../../src/collectors/certificates/parts.ts";
import { openKubernetes } from "../../../src/collectors/certificates/stored/kubernetes/open-kubernetes.ts";
import { CertificateReader } from "../../../src/collectors/certificates/x509/certificate-reader.ts";
import { hours, milliseconds } from "../../../src/core/duration.ts";
import type { OpenTarget } from "../../../src/core/pack.ts";
import { createAuthority, type Authority } from "../../../src/lab/certificates.ts";
import { startTcpFaultProxy } from "../../../src/lab/fault-proxy/tcp-proxy.ts";
import { startKubernetesLab } from "../../../src/lab/kubernetes/kubernetes-lab.ts";
import { startLabServer } from "../../../src/lab/server.ts";
import { startVaultLab } from "../../../src/lab/vault/vault-lab.ts";
import { kubeconfigFor, kubernetesCalls } from "../../helpers/kubernetes-api.ts";
import { secretObject, secretsOf } from "../../helpers/kubernetes-objects.ts";
import { QUICK } from "../../helpers/kubernetes-source.ts";
import { packSubject, type Place, type PackWorld } from "./packs-target.ts";
import type { Allowance, MatrixSubject } from "./subject.ts";

/** Each place has an interval of its own, which nobody here waits for: every poll looks at everything. */
const NO_PACE = 1e-9;

/** Each source has an interval of its own, of a minute at least. */
const EVERY_MS = 60_000;

/** The pack's target around a keeper. */
function targetOf(keeper: Keeper): OpenTarget {
  const of = { collector: "certificates", target: "matrix" };
  return {
    parts: [endpointsPart, certificatesPart].map((part) => ({
      ...part,
      of,
      collect: (context) => part.collect(keeper, context),
    })),
    check: async () => [],
    close: () => keeper.close(),
  };
}

const openTarget = async (config: object): Promise<OpenTarget> =>
  targetOf(await openKeeper({ ...certificatesConfig.parse({ name: "matrix", ...config }), pace: NO_PACE }));

async function startEndpoint(): Promise<PackWorld> {
  const authority = await createAuthority();
  const server = await startLabServer({ authority, handler: () => ({ status: 204 }) });
  return {
    url: server.url,
    caPem: authority.certificatePem,
    open: ({ url, caFile }) =>
      openTarget({ endpoints: [{ urls: [url], ca_file: caFile, server_name: "localhost", timeout: "20s" }] }),
    looksEveryMs: EVERY_MS,
    close: () => server.close(),
  };
}

async function startUrl(): Promise<PackWorld> {
  const authority = await createAuthority();
  const { certificatePem } = await authority.issue({ hosts: ["web.lab.test"] });
  const server = await startLabServer({ authority, handler: () => ({ status: 200, body: certificatePem }) });
  return {
    url: server.url,
    caPem: authority.certificatePem,
    open: ({ url, caFile }) => openTarget({ urls: [{ url: `${url}/bundle.pem`, ca_file: caFile }] }),
    looksEveryMs: EVERY_MS,
    close: () => server.close(),
  };
}

async function startVaultPki(): Promise<PackWorld> {
  const lab = await startVaultLab({ nodes: 1 });
  const [node] = lab.nodes;
  if (node === undefined) throw new Error("the lab has a node");
  await lab.mountPki("root", { issuer: "lab-root" });
  const pki = await lab.mountPki("pki", { issuer: "lab-issuing", parent: "root" });
  await pki.issue({ commonName: "kept.lab.test", life: hours(24) });
  const auth = { method: "token", token: lab.rootToken };
  return {
    url: node.url,
    caPem: lab.caPem,
    open: ({ url, caFile }) =>
      openTarget({ vault: [{ nodes: [url], ca_file: caFile, mounts: ["root", "pki"], list: "all", auth }] }),
    looksEveryMs: EVERY_MS,
    close: () => lab.close(),
  };
}

async function startKubernetes(): Promise<PackWorld> {
  const authority = await createAuthority();
  const lab = await startKubernetesLab({ authority });
  const calls = kubernetesCalls(lab);
  let changes = 0;
  for (const name of ["one", "two"]) await calls.create(secretsOf("web"), await secretOf(authority, name));
  return {
    url: lab.url,
    caPem: lab.caPem,
    open: ({ url, caPem, folder }) => openCluster({ url, caPem, folder, token: lab.token }),
    // what a list said is believed, as every client of this API does, until the server has forgotten it
    settle: async () => {
      await calls.patch(`${secretsOf("web")}/one`, { metadata: { labels: { changed: String((changes += 1)) } } });
      lab.forget();
    },
    looksEveryMs: EVERY_MS,
    close: async () => {
      await calls.close();
      await lab.close();
    },
  };
}

async function secretOf(authority: Authority, name: string): Promise<object> {
  const { certificatePem } = await authority.issue({ hosts: [`${name}.lab.test`] });
  return secretObject(name, { data: { "tls.crt": certificatePem, "ca.crt": authority.certificatePem } });
}

let kubeconfigs = 0;

/** The pack's own source with short waits between its tries, and nothing that it believes for minutes. */
async function openCluster(place: Pick<Place, "url" | "caPem" | "folder"> & { token: string }): Promise<OpenTarget> {
  const file = join(place.folder, `kubeconfig-${(kubeconfigs += 1)}`);
  await writeFile(file, kubeconfigFor(place, place.token));
  const config = certificatesConfig.parse({
    name: "matrix",
    kubernetes: [{ kubeconfig_file: file, read: ["secrets"] }],
  });
  const reader = new CertificateReader();
  const [soon, later] = [milliseconds(20), milliseconds(250)];
  const patience = { ...QUICK, firstWait: soon, mostWait: later, refusedWait: soon, busyWait: later };
  const sources = config.kubernetes.map((entry) =>
    openKubernetes(entry, reader, { ...patience, staleAfter: milliseconds(0) }),
  );
  return targetOf(
    new Keeper({
      endpoints: [],
      sources,
      renewalInfo: undefined,
      probe: createProbe(reader),
      judge: new Judge({ reader, fetch: async () => new Uint8Array() }),
      pace: NO_PACE,
      probeEvery: config.probe_every,
      probeConcurrency: config.probe_concurrency,
      close: async () => {},
    }),
  );
}

/** What tells of the look and not of what is there. */
const OWN =
  /^(probe_(success|failure_info|duration_seconds|dns_lookup_time_seconds|ip_protocol)|x509_source_(up|errors_total))\b/;

const subject = { pack: "certificates", ownFacts: OWN, memory: "fresh" } as const;

const endpointProxy =
  (tls: "ends" | "none") =>
  ({ url }: PackWorld) =>
    startTcpFaultProxy({ name: "endpoint", scheme: "https", port: Number(new URL(url).port), tls });

const skipped = (because: string, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, because]));

const OF_CERTIFICATES = ["tls_untrusted", "tls_expired", "tls_wrong_host", "old_tls", "hang_handshake"];
const OF_BYTES = ["hang", "drip", "reset", "cut_short", "not_http", "html"];

const endpoint = {
  ...subject,
  protocol: "tls",
  start: startEndpoint,
  partsAside: { certificates: "asks nothing" },
} as const;
const unreadable: Allowance = {
  reasons: ["file_unreadable"],
  because: "what comes is a file of whatever kind, and this is none",
};
const notChanged: Allowance = { reasons: [], mayOnlySucceed: true, because: "there is no number in it" };

/** A column for each way in which certificates are had over the network. */
export const certificateSubjects: readonly MatrixSubject[] = [
  packSubject({
    ...endpoint,
    name: "certificates endpoint",
    proxy: endpointProxy("ends"),
    skips: skipped("a probe reads nothing of what comes within TLS", OF_BYTES),
  }),
  packSubject({
    ...endpoint,
    name: "certificates handshake",
    proxy: endpointProxy("none"),
    skips: skipped("a proxy that passes bytes on shows no certificate", OF_CERTIFICATES),
  }),
  packSubject({
    ...subject,
    name: "certificates url",
    start: startUrl,
    partsAside: { endpoints: "asks nothing" },
    allows: {
      wrong_length: unreadable,
      html: unreadable,
      truncated_json: unreadable,
      empty_object: unreadable,
      nan_numbers: notChanged,
    },
  }),
  packSubject({
    ...subject,
    name: "certificates vault",
    start: startVaultPki,
    partsAside: { endpoints: "asks nothing" },
    allows: {
      status_403: { reasons: ["not_found"], because: "Vault says 403 of a path at which nothing is mounted" },
    },
  }),
  packSubject({
    ...subject,
    name: "certificates kubernetes",
    start: startKubernetes,
    partsAside: { endpoints: "asks nothing" },
    mostBytes: 64 * 1024 * 1024,
    allows: {
      nan_numbers: notChanged,
      encoding_lie: { reasons: [], mayOnlySucceed: true, because: "the text can be read all the same" },
    },
  }),
];
