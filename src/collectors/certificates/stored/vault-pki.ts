import { z } from "zod";
import { minutes } from "../../../core/duration.ts";
import { asCollectError, CollectError } from "../../../core/errors.ts";
import { failedFinding } from "../../../core/finding.ts";
import type { Finding } from "../../../core/pack.ts";
import { callNode } from "../../../lib/vault/api.ts";
import { closeVaultCluster, openVaultCluster, type VaultCluster } from "../../../lib/vault/cluster.ts";
import { capabilitiesCall, missingCapabilities } from "../../../lib/vault/policy.ts";
import type { CertificatesConfig } from "../config.ts";
import { expiryOf } from "../expiry.ts";
import type { SourceReading, StoredSource } from "../inventory.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import type { PkiCall, PkiCalls } from "./vault-api.ts";
import { PkiMount } from "./vault-mount.ts";
import { lacking, pkiPermissions } from "./vault-permissions.ts";

type VaultEntry = CertificatesConfig["vault"][number];

/**
 * Opens the PKI secrets engines of one cluster of Vault or OpenBao; nothing is read or connected before the first look.
 */
export function openVaultPki(entry: VaultEntry, reader: CertificateReader): StoredSource {
  return new VaultPki(entry, reader);
}

class VaultPki implements StoredSource {
  readonly kind = "vault-pki";
  readonly name: string;
  readonly every = minutes(5);
  readonly #entry: VaultEntry;
  readonly #mounts: readonly PkiMount[];
  #cluster: Promise<VaultCluster> | undefined;

  constructor(entry: VaultEntry, reader: CertificateReader) {
    this.name = entry.name;
    this.#entry = entry;
    const options = {
      reader,
      source: entry.name,
      expiry: expiryOf(entry),
      maxListed: entry.list === "all" ? entry.max_listed : 0,
    };
    this.#mounts = entry.mounts.map((path) => new PkiMount(path, options));
  }

  async read(signal: AbortSignal): Promise<SourceReading> {
    const cluster = await this.#open();
    const refused = await loginFault(cluster, signal);
    const calls = callsOf(cluster, refused === undefined, signal);
    const readings = await Promise.allSettled(this.#mounts.map((mount) => mount.read(calls)));
    signal.throwIfAborted();
    const [only] = readings;
    if (only?.status === "rejected" && readings.every(({ status }) => status === "rejected"))
      throw asCollectError(only.reason);
    const missing = readings.flatMap((reading, i) =>
      reading.status === "fulfilled"
        ? reading.value.missing
        : [{ piece: this.#mounts[i]?.path ?? "", error: asCollectError(reading.reason) }],
    );
    return {
      bundles: readings.flatMap((reading) => (reading.status === "fulfilled" ? reading.value.bundles : [])),
      missing: [...(refused === undefined ? [] : [{ piece: `login to ${this.name}`, error: refused }]), ...missing],
    };
  }

  async check(signal: AbortSignal): Promise<readonly Finding[]> {
    const cluster = await this.#open().catch(asCollectError);
    if (cluster instanceof CollectError) return [failedFinding(`vault ${this.name}`, cluster)];
    const nodes = await Promise.all(cluster.nodes.map((node) => this.#checkNode(cluster, node, signal)));
    return [...nodes, ...(await this.#checkLogin(cluster, signal))];
  }

  async close(): Promise<void> {
    const opened = this.#cluster;
    this.#cluster = undefined;
    const cluster = await opened?.catch(() => undefined);
    if (cluster !== undefined) await closeVaultCluster(cluster);
  }

  /** Tried again at the next look, since the file of the authorities may come later. */
  #open(): Promise<VaultCluster> {
    this.#cluster ??= openVaultCluster(this.#entry).catch((thrown: unknown) => {
      this.#cluster = undefined;
      throw thrown;
    });
    return this.#cluster;
  }

  async #checkNode({ http }: VaultCluster, node: VaultCluster["nodes"][number], signal: AbortSignal): Promise<Finding> {
    const subject = `vault ${this.name}, node ${node.name}`;
    try {
      await callNode(http, node, { path: "sys/seal-status", shape: z.unknown(), signal });
      return { subject, ok: true, message: "reachable" };
    } catch (thrown) {
      return failedFinding(subject, thrown);
    }
  }

  async #checkLogin(cluster: VaultCluster, signal: AbortSignal): Promise<readonly Finding[]> {
    const subject = `vault ${this.name}, login`;
    const { session, ask } = cluster;
    if (session === undefined)
      return [{ subject, ok: true, message: "none configured: issuers and revocation lists are read without one" }];
    try {
      const permissions = pkiPermissions(this.#entry.mounts, this.#entry.list === "all");
      const call = capabilitiesCall(permissions, signal);
      const granted = await session.authorized(signal, (token) => ask(call, token));
      const rights = permissions.map((permission): Finding => {
        const of = `vault ${this.name}, permission ${permission.path}`;
        const missing = missingCapabilities(permission, granted);
        if (missing.length === 0) return { subject: of, ok: true, message: "granted" };
        return { subject: of, ok: false, message: `${lacking(missing)}; it hides ${permission.hides}` };
      });
      return [{ subject, ok: true, message: "accepted" }, ...rights];
    } catch (thrown) {
      return [failedFinding(subject, thrown)];
    }
  }
}

/** Why there is no valid token; undefined when there is one, or when none is wanted. */
async function loginFault({ session }: VaultCluster, signal: AbortSignal): Promise<CollectError | undefined> {
  try {
    await session?.lookup(signal);
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    return asCollectError(thrown);
  }
}

function callsOf({ ask, session }: VaultCluster, isLoggedIn: boolean, signal: AbortSignal): PkiCalls {
  const open: PkiCall = (path, shape) => ask({ path, shape, signal });
  if (session === undefined || !isLoggedIn) return { open, guarded: undefined };
  return { open, guarded: (path, shape) => session.authorized(signal, (token) => ask({ path, shape, signal }, token)) };
}
