import { seconds } from "../../core/duration.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { RenewalInfo } from "./acme/renewal-info.ts";
import type { CertificatesConfig } from "./config.ts";
import { createProbe } from "./endpoints/probe.ts";
import { withExpiryOf } from "./expiry.ts";
import type { StoredSource } from "./inventory.ts";
import { Judge } from "./judge/judge.ts";
import { Keeper } from "./keeper.ts";
import { openEndpoints } from "./open-endpoints.ts";
import { openFiles } from "./stored/files.ts";
import { openKubeconfigs } from "./stored/kubeconfig.ts";
import { openKubernetes } from "./stored/kubernetes/open-kubernetes.ts";
import { openUrl } from "./stored/url.ts";
import { openVaultPki } from "./stored/vault-pki.ts";
import { CertificateReader } from "./x509/certificate-reader.ts";

/**
 * Builds what looks at everything that the configuration of a target names. Reads files, opens no connection. Throws
 * `CollectError` when a file can not be used.
 */
export async function openKeeper(config: CertificatesConfig): Promise<Keeper> {
  const reader = new CertificateReader();
  const http = createHttpClient({ timeouts: { total: seconds(20) } });
  return new Keeper({
    endpoints: await openEndpoints(config.endpoints.map((entry) => withExpiryOf(config, entry))),
    sources: openSources(config, reader),
    renewalInfo: config.acme.length === 0 ? undefined : new RenewalInfo(config.acme),
    probe: createProbe(reader),
    judge: new Judge({ reader, fetch: async (url, signal) => (await http.requestBytes({ url, signal })).bytes }),
    pace: config.pace,
    probeEvery: config.probe_every,
    probeConcurrency: config.probe_concurrency,
    close: () => http.close(),
  });
}

/** The sources, one after the other as they are written; an entry's own expiry fields go before those of the target. */
function openSources(config: CertificatesConfig, reader: CertificateReader): readonly StoredSource[] {
  return [
    ...config.files.map((entry) => openFiles(withExpiryOf(config, entry), reader)),
    ...config.urls.map((entry) => openUrl(withExpiryOf(config, entry), reader)),
    ...config.kubeconfigs.map((entry) => openKubeconfigs(withExpiryOf(config, entry), reader)),
    ...config.kubernetes.map((entry) => openKubernetes(withExpiryOf(config, entry), reader)),
    ...config.vault.map((entry) => openVaultPki(withExpiryOf(config, entry), reader)),
    // last, since of what is found twice the first counts, and an entry of `files` may say more of it
    ...storedFiles(config).map((entry) => openFiles(withExpiryOf(config, entry), reader)),
  ];
}

/** What endpoints should serve is read even where no entry of `files` names it. */
function storedFiles({ endpoints, files }: CertificatesConfig): CertificatesConfig["files"] {
  const named = new Set(files.flatMap(({ paths }) => paths));
  const paths = endpoints.flatMap(({ stored_file: path }) => (path === undefined || named.has(path) ? [] : [path]));
  return paths.length === 0 ? [] : [{ paths: [...new Set(paths)] }];
}
