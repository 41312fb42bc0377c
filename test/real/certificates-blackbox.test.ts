import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { certificatesCollector } from "../../src/collectors/certificates/collector.ts";
import { startCertificatesLab } from "../../src/lab/certificates/certificates-lab.ts";
import type { CertificatesLab, LabEndpoint } from "../../src/lab/certificates/contract.ts";
import {
  judge,
  seenByBlackbox,
  seenByPoll,
  SHARED,
  type Comparison,
  type Difference,
  type SharedMetric,
} from "../helpers/blackbox-comparison.ts";
import { startBlackbox, type Blackbox } from "../helpers/blackbox.ts";
import { STARTTLS_TALKS, modulesOf } from "../helpers/blackbox-modules.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";

/** STARTTLS that a conversation in lines of text can not begin. */
const NOT_IN_LINES: ReadonlySet<string> = new Set(["ldap", "postgres", "mysql", "xmpp"]);

/** What blackbox_exporter, that is Go, refuses when it verifies. */
const REFUSED: ReadonlySet<string> = new Set([
  "expired",
  "not_yet_valid",
  "self_signed",
  "untrusted",
  "wrong_host",
  "no_names",
  "sha1",
  "client_only",
  "incomplete",
  "huge_chain",
]);

const OF_THE_SESSION: readonly SharedMetric[] = [
  "probe_ssl_earliest_cert_expiry",
  "probe_ssl_last_chain_expiry_timestamp_seconds",
  "probe_ssl_last_chain_info",
  "probe_tls_version_info",
  "probe_tls_cipher_info",
];
const YEAR_1 = -62_135_596_800;

const saysNothing = ({ theirs }: Comparison): boolean => OF_THE_SESSION.every((metric) => !(metric in theirs));
const success = ({ theirs, ours }: Comparison): string =>
  `theirs ${theirs.probe_success?.value}, ours ${ours.probe_success?.value}`;

/** All that is not the same, on purpose. */
const DIFFERENCES: readonly Difference[] = [
  {
    says: "its tcp prober does not tell the cipher",
    metrics: ["probe_tls_cipher_info"],
    holds: ({ prober, theirs }) => prober === "tcp" && !("probe_tls_cipher_info" in theirs),
  },
  {
    says: "without verification it tells of a chain that ends in the year 1; here the end of the trusted chain, or nothing",
    metrics: ["probe_ssl_last_chain_expiry_timestamp_seconds"],
    holds: ({ verified, theirs, ours }) => {
      const [their, own] = [theirs, ours].map((each) => each.probe_ssl_last_chain_expiry_timestamp_seconds?.value);
      return !verified && their === YEAR_1 && (own === undefined || own > 0);
    },
  },
  {
    says: "it tells nothing of a certificate that it refuses, and no success; here all of it, and the checks say why",
    metrics: [...OF_THE_SESSION, "probe_success"],
    holds: (each) =>
      each.verified &&
      REFUSED.has(each.endpoint) &&
      saysNothing(each) &&
      success(each) === "theirs 0, ours 1" &&
      "probe_ssl_last_chain_info" in each.ours,
  },
  {
    says: "it does not speak with servers that know no forward secrecy",
    metrics: [...OF_THE_SESSION, "probe_success"],
    holds: (each) =>
      each.endpoint === "no_forward_secrecy" && saysNothing(each) && success(each) === "theirs 0, ours 1",
  },
  {
    says: "it tells nothing of a server that wants a client's certificate; here what that shows before it refuses",
    metrics: OF_THE_SESSION,
    holds: (each) =>
      each.endpoint.startsWith("wants_client_") && saysNothing(each) && success(each) === "theirs 0, ours 0",
  },
  {
    says: "its tcp prober does not wait for the refusal that comes after the handshake of TLS 1.3",
    metrics: ["probe_success"],
    holds: (each) =>
      each.endpoint === "wants_client_1_3" && each.prober === "tcp" && success(each) === "theirs 1, ours 0",
  },
  {
    says: "it tells the protocol of a connection that did not come about",
    metrics: ["probe_ip_protocol"],
    holds: ({ endpoint, ours }) => endpoint === "port_closed" && !("probe_ip_protocol" in ours),
  },
];

/** Endpoints of plain TLS are probed as HTTPS too. */
const urlOf = ({ url }: LabEndpoint, prober: "tcp" | "http"): string =>
  prober === "http" ? url.replace(/^tls:/, "https:") : url;

/** Only the one that never answers is not waited for. */
const timeoutOf = ({ name }: LabEndpoint): string => (name === "silent" ? "1s" : "20s");

describeReal("certificates next to blackbox_exporter", ["prometheus-blackbox-exporter"], (programs) => {
  let lab: CertificatesLab;
  let folder: TemporaryFolder;
  let blackbox: Blackbox;
  let polled: Polled;
  let comparisons: readonly Comparison[] = [];

  beforeAll(async () => {
    folder = await createTemporaryFolder("certificates-blackbox");
    lab = await startCertificatesLab();
    const ca_file = join(folder.path, "ca.pem");
    await writeFile(ca_file, lab.caPem);
    const compared = Object.values(lab.endpoints).filter(({ protocol }) => !NOT_IN_LINES.has(protocol));
    const probes = compared.flatMap((endpoint) =>
      modulesOf({ endpoint, caFile: ca_file, timeout: timeoutOf(endpoint) }).map((each) => ({ endpoint, ...each })),
    );
    const modules = Object.fromEntries(probes.map(({ name, module }) => [name, module]));
    blackbox = await startBlackbox(programs["prometheus-blackbox-exporter"], modules);
    const urls = new Map(probes.map(({ endpoint, prober }) => [urlOf(endpoint, prober), endpoint]));
    polled = await look(
      [...urls].map(([url, endpoint]) => ({
        urls: [url],
        server_name: endpoint.serverName,
        ca_file,
        timeout: timeoutOf(endpoint),
      })),
    );
    comparisons = await Promise.all(
      probes.map(async ({ endpoint, name, prober, verified, target }) => ({
        endpoint: endpoint.name,
        prober,
        verified,
        theirs: seenByBlackbox(await blackbox.probe(name, target)),
        ours: seenByPoll(polled, urlOf(endpoint, prober)),
      })),
    );
  });
  afterAll(async () => {
    await blackbox.stop();
    await lab.close();
    await folder.remove();
  });

  it("have the same values of every shared metric wherever it can probe, but for what is told apart on purpose", () => {
    expect(judge(comparisons, DIFFERENCES)).toEqual({ unexplained: [], unused: [] });
  });

  it("are there on both sides where nothing is wrong", () => {
    const good = comparisons.filter(({ endpoint, verified }) => endpoint === "good" && verified);
    expect(good.map(({ prober, theirs }) => [prober, SHARED.filter((metric) => !(metric in theirs))])).toEqual([
      ["tcp", ["probe_tls_cipher_info"]],
      ["http", []],
    ]);
    const startTls = comparisons.filter(({ endpoint, verified }) => endpoint in STARTTLS_TALKS && verified);
    expect(startTls.map(({ endpoint, theirs }) => [endpoint, theirs.probe_success?.value])).toEqual(
      Object.keys(STARTTLS_TALKS).map((protocol) => [protocol, 1]),
    );
  });

  it("are seen by it and not here in no place", () => {
    const lacking = comparisons.filter(({ theirs, ours }) =>
      OF_THE_SESSION.some(
        (metric) => metric in theirs && !(metric in ours) && metric !== "probe_ssl_last_chain_expiry_timestamp_seconds",
      ),
    );
    expect(lacking).toEqual([]);
  });
});

/** Looks once at endpoints, with a target that knows nothing yet. */
async function look(endpoints: readonly object[]): Promise<Polled> {
  const target = await certificatesCollector.target.parse({ name: "lab", endpoints }).open();
  try {
    return await pollTarget(target, ["endpoints"]);
  } finally {
    await target.close();
  }
}
