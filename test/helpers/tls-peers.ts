import { chmod, chown, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { seconds } from "../../src/core/duration.ts";
import type { Endpoint, ProbeResult, Protocol } from "../../src/collectors/certificates/endpoint.ts";
import { createProbe } from "../../src/collectors/certificates/endpoints/probe.ts";
import { Judge } from "../../src/collectors/certificates/judge/judge.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { makeHierarchy, type Hierarchy } from "../../src/lab/certificates/x509/hierarchy.ts";
import { makeCertificate, type CertificateWish, type Entity } from "../../src/lab/certificates/x509/issuing.ts";
import { createTemporaryFolder, type TemporaryFolder } from "./janitor.ts";
import { startProcess, type ProcessOptions, type RunningProcess } from "./process.ts";

/** The name that leaves are made for, and that is asked for. */
export const SERVER_NAME = "peer.lab.test";

const DAY_MS = 86_400_000;
/** Whom PostgreSQL runs as when this process is root's. */
const NOBODY = 65_534;

/** What a server shows: its own certificate first, as files too. */
export interface Shown {
  readonly entities: readonly Entity[];
  /** PEM of the certificates in their order. */
  readonly chainFile: string;
  readonly keyFile: string;
}

/**
 * What one look brought: the result of the probe, and every check by name with its reason when it failed, else `ok`.
 */
export interface Look {
  readonly result: ProbeResult;
  readonly verdicts: Readonly<Record<string, string>>;
  readonly fingerprints: readonly string[];
}

/** Real servers, the certificates that they show, and the probe and judge that look at them. */
export class TlsPeers {
  readonly hierarchy: Hierarchy;
  readonly #folder: TemporaryFolder;
  readonly #reader = new CertificateReader();
  readonly #probe = createProbe(this.#reader);
  readonly #judge = new Judge({ reader: this.#reader, fetch: () => Promise.reject(new Error("no lists here")) });
  readonly #stops: (() => Promise<unknown>)[] = [];

  private constructor(hierarchy: Hierarchy, folder: TemporaryFolder) {
    this.hierarchy = hierarchy;
    this.#folder = folder;
  }

  static async create(): Promise<TlsPeers> {
    const folder = await createTemporaryFolder("tls-peers");
    // for servers that run as somebody else
    await chmod(folder.path, 0o711);
    return new TlsPeers(await makeHierarchy(Date.now()), folder);
  }

  /** A path in the folder of the test. */
  path(name: string): string {
    return join(this.#folder.path, name);
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.path(name), content);
    return this.path(name);
  }

  /**
   * A certificate for {@link SERVER_NAME} of the intermediate, valid from 10 days ago for 90, unless told otherwise.
   */
  leaf(wish: Partial<CertificateWish> = {}): Promise<Entity> {
    return makeCertificate({
      commonName: SERVER_NAME,
      hosts: [SERVER_NAME],
      notBefore: new Date(Date.now() - 10 * DAY_MS),
      notAfter: new Date(Date.now() + 80 * DAY_MS),
      issuer: this.hierarchy.intermediate,
      ...wish,
    });
  }

  /** Writes the files of what a server is to show. */
  async show(name: string, ...entities: readonly Entity[]): Promise<Shown> {
    const chainFile = await this.write(`${name}.pem`, pem(entities));
    const keyFile = await this.write(`${name}.key`, entities[0]?.keyPem ?? "");
    // PostgreSQL takes no key that others may read
    await chmod(keyFile, 0o600);
    if (process.getuid?.() === 0) await chown(keyFile, NOBODY, NOBODY);
    return { entities, chainFile, keyFile };
  }

  /** A leaf of the issuing authority with the two authorities above it, which is what most servers should show. */
  async showChain(name: string): Promise<Shown> {
    const { issuing, intermediate } = this.hierarchy;
    return this.show(name, await this.leaf({ issuer: issuing }), issuing, intermediate);
  }

  /** Starts a server that is ready when the port takes connections. */
  async start(port: number, options: Omit<ProcessOptions, "ready">): Promise<RunningProcess> {
    const started = await startProcess({ ...options, cwd: this.#folder.path, ready: () => accepts(port) });
    this.#stops.push(() => started.stop());
    return started;
  }

  /** Has something ended by {@link close}. */
  stopLater(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  /** Probes and judges what is served on the port of 127.0.0.1. */
  async look(protocol: Protocol, port: number, more: Partial<Endpoint> = {}): Promise<Look> {
    const endpoint: Endpoint = {
      name: `${protocol}://127.0.0.1:${port}`,
      protocol,
      host: "127.0.0.1",
      port,
      serverName: SERVER_NAME,
      ca: this.hierarchy.root.certificatePem,
      ipProtocol: "any",
      timeout: seconds(20),
      ...more,
    };
    const { signal } = new AbortController();
    const result = await this.#probe(endpoint, signal);
    const { checks } =
      result.tls === undefined
        ? { checks: [] }
        : await this.#judge.endpoint(endpoint, result.tls, Date.now() / 1_000, signal);
    return {
      result,
      verdicts: Object.fromEntries(checks.map(({ check, ok, reason }) => [check, ok ? "ok" : reason])),
      fingerprints: result.tls?.served.map(({ fingerprint }) => fingerprint) ?? [],
    };
  }

  /** Ends the servers and removes the files. */
  async close(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    await this.#folder.remove();
  }
}

/** The certificates as one PEM text. */
export const pem = (entities: readonly Entity[]): string =>
  entities.map(({ certificatePem }) => certificatePem).join("");

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
